"""Publishing: the sync of the curriculum folder with the catalogue, all or nothing for each package."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.catalog.models import Course, CourseAsset, CourseRevision, LearningPath
from webapp.core import audit
from webapp.core.storage import Storage
from webapp.coursepack import model as package
from webapp.coursepack.checker import package_folders
from webapp.coursepack.norms import load_norms
from webapp.coursepack.paths import load_paths
from webapp.coursepack.reader import read_package
from webapp.coursepack.serialise import to_json
from webapp.organizations.models import Authority

Outcome = Literal["published", "unchanged", "refused", "retired"]


@dataclass(frozen=True)
class SyncResult:
    """What the sync did with one package, and every problem of it."""

    slug: str
    outcome: Outcome
    problems: tuple[package.Problem, ...] = ()


def sync(session: Session, courses_dir: Path, storage: Storage, now: datetime) -> list[SyncResult]:
    """Publish what changed in `courses_dir`; runs inside the caller's transaction.

    A package with one error leaves its published revision untouched. A course whose folder is gone is retired: its
    records, revisions and page stay.
    """
    norms, norm_problems = load_norms(courses_dir / "_norms")
    if any(problem.severity == "error" for problem in norm_problems):
        return [SyncResult("_norms", "refused", tuple(norm_problems))]
    results = []
    folders = package_folders(courses_dir)
    for folder in folders:
        course, problems = read_package(folder, norms)
        if course is not None and course.issuer is not None and _issuer_id(session, course.issuer) is None:
            problems = [*problems, _unknown_issuer(course.issuer)]
        if course is None or any(problem.severity == "error" for problem in problems):
            results.append(SyncResult(folder.name, "refused", tuple(problems)))
        else:
            outcome = _publish(session, folder, course, storage, now)
            results.append(SyncResult(folder.name, outcome, tuple(problems)))
    results += _retire_missing(session, {folder.name for folder in folders}, now)
    refused = _sync_paths(session, courses_dir / "_paths", {folder.name for folder in folders})
    return [*results, refused] if refused else results


def _sync_paths(session: Session, folder: Path, slugs: set[str]) -> SyncResult | None:
    """Put the paths of the folder in place of those known, all or none. They are advice, no record of anybody."""
    paths, problems = load_paths(folder, slugs)
    if problems:
        return SyncResult("_paths", "refused", tuple(problems))
    session.execute(delete(LearningPath))
    session.add_all(LearningPath(slug=path.slug, content=asdict(path)) for path in paths)
    session.flush()
    return None


def _unknown_issuer(key: str) -> package.Problem:
    return package.Problem(
        "unknown_issuer",
        f"No hay ninguna autoridad con la clave «{key}». Escribe una del padrón, o null para la de la plataforma.",
        "course.yaml",
    )


def _issuer_id(session: Session, key: str | None) -> int | None:
    return session.scalar(select(Authority.id).where(Authority.key == key)) if key else None


def _publish(session: Session, folder: Path, course: package.Course, storage: Storage, now: datetime) -> Outcome:
    row = session.scalars(select(Course).where(Course.slug == course.slug).with_for_update()).first()
    if row is None:
        row = Course(slug=course.slug, title=course.title, topic=course.topic, published_at=now)
        session.add(row)
        session.flush()
    revision = session.scalars(select(CourseRevision).filter_by(course_id=row.id, hash=course.revision)).first()
    if revision is not None and row.revision_id == revision.id and row.state == "published":
        return "unchanged"
    if revision is None:
        revision = _add_revision(session, row, folder, course, storage, now)
    row.revision_id, row.state = revision.id, "published"
    row.title, row.topic, row.published_at = course.title, course.topic, now
    row.issuer_id = _issuer_id(session, course.issuer)
    session.flush()
    audit.record(session, now, None, "course.published", f"course:{row.id}", revision=course.revision)
    return "published"


def _add_revision(
    session: Session, row: Course, folder: Path, course: package.Course, storage: Storage, now: datetime
) -> CourseRevision:
    last = session.scalar(select(func.max(CourseRevision.number)).where(CourseRevision.course_id == row.id)) or 0
    content = json.dumps(to_json(course), ensure_ascii=False, separators=(",", ":"))
    revision = CourseRevision(course_id=row.id, number=last + 1, hash=course.revision, content=content, synced_at=now)
    session.add(revision)
    session.flush()
    for asset in course.assets:
        key = storage.put((folder / asset.path).read_bytes())
        session.add(CourseAsset(revision_id=revision.id, path=asset.path, media_type=asset.media_type, storage_key=key))
    for interactive in course.packages.values():
        path = interactive.archive
        key = storage.put_file(folder / path)
        if key != interactive.sha256:
            raise RuntimeError(f"{path} changed while it was published")
        session.add(CourseAsset(revision_id=revision.id, path=path, media_type="application/zip", storage_key=key))
    session.flush()
    return revision


def _retire_missing(session: Session, slugs: set[str], now: datetime) -> list[SyncResult]:
    gone = session.scalars(select(Course).where(Course.state == "published", Course.slug.not_in(slugs))).all()
    for row in gone:
        row.state = "retired"
        audit.record(session, now, None, "course.retired", f"course:{row.id}")
    session.flush()
    return [SyncResult(row.slug, "retired") for row in gone]

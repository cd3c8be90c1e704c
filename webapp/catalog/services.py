"""Publishing: the sync of the curriculum folder with the catalogue, all or nothing for each package."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.catalog.models import Change, Course, CourseAsset, CourseRevision, LearningPath, Origin
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


class CatalogError(Exception):
    """A course that cannot be published, with a stable code and a sentence in Spanish."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code, self.text = code, text


@dataclass(frozen=True)
class SyncResult:
    """What the sync did with one package, and every problem of it."""

    slug: str
    outcome: Outcome
    problems: tuple[package.Problem, ...] = ()


def sync(session: Session, courses_dir: Path, storage: Storage, now: datetime) -> list[SyncResult]:
    """Publish what changed in `courses_dir`; runs inside the caller's transaction.

    A package with one error leaves its published revision untouched. A course whose folder is gone is retired: its
    records, revisions and page stay. Courses of the studio are not touched, nor is a folder of the same name published.
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
        if _origin_of(session, folder.name) == "studio":
            problems = [*problems, _taken_by_studio(folder.name)]
        if course is None or any(problem.severity == "error" for problem in problems):
            results.append(SyncResult(folder.name, "refused", tuple(problems)))
        else:
            done = _publish(session, folder, course, storage, now, "folder", "minor", None)
            results.append(SyncResult(folder.name, done.outcome, tuple(problems)))
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


def _taken_by_studio(slug: str) -> package.Problem:
    return package.Problem(
        "slug_of_the_studio",
        f"La dirección «{slug}» ya es de un curso publicado desde el estudio. Cambia el nombre de la carpeta.",
        "course.yaml",
    )


def _origin_of(session: Session, slug: str) -> str | None:
    return session.scalar(select(Course.origin).where(Course.slug == slug))


def _issuer_id(session: Session, key: str | None) -> int | None:
    return session.scalar(select(Authority.id).where(Authority.key == key)) if key else None


@dataclass(frozen=True)
class Published:
    """What publishing did: the course, its revision, and whether that is new."""

    course_id: int
    revision_id: int
    outcome: Outcome


def publish(
    session: Session,
    folder: Path,
    course: package.Course,
    storage: Storage,
    now: datetime,
    actor_id: int,
    change: Change,
    *,
    course_id: int | None,
) -> Published:
    """Publish a package of the studio that was read from `folder`; runs inside the caller's transaction.

    `course_id` is the course that it is a new revision of, None for a new one. Raises CatalogError where its slug is
    another course's, or its issuer is no authority.
    """
    taken = session.scalar(select(Course.id).where(Course.slug == course.slug))
    if taken is not None and taken != course_id:
        raise CatalogError(
            "slug_taken",
            f"La dirección «{course.slug}» ya es de otro curso. Cambia la dirección del tuyo en su ficha.",
        )
    if course.issuer is not None and _issuer_id(session, course.issuer) is None:
        raise CatalogError("unknown_issuer", _unknown_issuer(course.issuer).message)
    return _publish(session, folder, course, storage, now, "studio", change, actor_id)


def _publish(
    session: Session,
    folder: Path,
    course: package.Course,
    storage: Storage,
    now: datetime,
    origin: Origin,
    change: Change,
    actor_id: int | None,
) -> Published:
    row = session.scalars(select(Course).where(Course.slug == course.slug).with_for_update()).first()
    if row is None:
        row = Course(slug=course.slug, title=course.title, topic=course.topic, published_at=now, origin=origin)
        session.add(row)
        session.flush()
    revision = session.scalars(select(CourseRevision).filter_by(course_id=row.id, hash=course.revision)).first()
    if revision is not None and row.revision_id == revision.id and row.state == "published":
        return Published(row.id, revision.id, "unchanged")
    if revision is None:
        revision = _add_revision(session, row, folder, course, storage, now, change)
    row.revision_id, row.state = revision.id, "published"
    row.title, row.topic, row.published_at = course.title, course.topic, now
    row.issuer_id = _issuer_id(session, course.issuer)
    session.flush()
    detail = {"revision": course.revision, "change": revision.change}
    audit.record(session, now, actor_id, "course.published", f"course:{row.id}", **detail)
    return Published(row.id, revision.id, "published")


def _add_revision(
    session: Session,
    row: Course,
    folder: Path,
    course: package.Course,
    storage: Storage,
    now: datetime,
    change: Change,
) -> CourseRevision:
    last = session.scalar(select(func.max(CourseRevision.number)).where(CourseRevision.course_id == row.id)) or 0
    content = json.dumps(to_json(course), ensure_ascii=False, separators=(",", ":"))
    revision = CourseRevision(
        course_id=row.id, number=last + 1, hash=course.revision, content=content, synced_at=now, change=change
    )
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
    gone = session.scalars(
        select(Course).where(Course.state == "published", Course.origin == "folder", Course.slug.not_in(slugs))
    ).all()
    for row in gone:
        row.state = "retired"
        audit.record(session, now, None, "course.retired", f"course:{row.id}")
    session.flush()
    return [SyncResult(row.slug, "retired") for row in gone]

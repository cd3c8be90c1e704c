"""A folder becomes a draft, the draft a course, and a later folder a revision."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.authoring.folders import twelve, zipped
from tests.authoring.hands import Trainer, table_counts
from tests.conftest import Write
from tests.coursepack.parcels import golf, h5p
from webapp.authoring.models import Draft, DraftChange, DraftFile
from webapp.catalog.models import Course, CourseRevision
from webapp.catalog.services import sync
from webapp.core.clock import now
from webapp.core.storage import storage

SLUG = "transparencia-para-empezar"


def test_a_folder_becomes_a_draft_in_its_order_with_everything_in_it(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    page = rosa.get(draft).text
    titles = ("Por qué importa", "Lineamientos", "Antes de publicar", "Carga", "Así se publica", "Lo que sigue")
    places = [page.index(f">{title}</a>") for title in titles]
    assert places == sorted(places)
    assert "Faltan" in page and "assets/carga-02.png" in page
    assert session.scalar(select(Draft.slug)) == SLUG
    paths = set(session.scalars(select(DraftFile.path)))
    assert {"course.yaml", "quizzes/banco.yaml", "assets/asi-se-publica.mp4", "assets/asi-se-publica.vtt"} <= paths
    assert len(session.scalars(select(DraftChange)).all()) == len(paths)


def test_a_draft_is_published_once_nothing_is_missing_and_a_learner_finds_it(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    refused = rosa.get(f"{draft}/publicar")
    assert "Antes de publicar hay que arreglar esto" in refused.text and "#paso-carga" in refused.text
    assert rosa.fill_sheet(draft).status_code == 303
    assert rosa.say_what_pictures_show(draft).status_code == 303
    assert "Está listo para publicarse" in rosa.get(draft).text
    assert rosa.publish(draft).headers["Location"] == f"/cursos/{SLUG}"
    course = session.scalars(select(Course).filter_by(slug=SLUG)).one()
    assert (course.origin, course.state) == ("studio", "published")
    assert app.test_client().get(f"/cursos/{SLUG}").status_code == 200
    video = app.test_client().get(
        f"/cursos/{SLUG}/material/1/assets/asi-se-publica.mp4", headers={"Range": "bytes=0-9"}
    )
    assert (video.status_code, len(video.data)) == (206, 10)


def test_every_step_can_be_seen_as_a_learner_sees_it_and_nothing_is_recorded(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    lesson = rosa.get(f"{draft}/vista/asi-se-publica")
    assert f'src="{draft}/material/assets/asi-se-publica.mp4"' in lesson.text and "<track" in lesson.text
    assert rosa.get(f"{draft}/material/assets/asi-se-publica.vtt").mimetype == "text/vtt"
    assert rosa.get(f"{draft}/vista/examen-final").status_code == 200  # told that it is not yet to be seen
    rosa.fill_sheet(draft)
    rosa.say_what_pictures_show(draft)
    before = table_counts(session)
    assert "Así lo verá quien participe" in rosa.get(f"{draft}/vista").text
    for key in ("por-que-importa", "carga", "examen-final"):
        assert "nada se registra" in rosa.get(f"{draft}/vista/{key}").text
    assert "¿Qué haces primero" in rosa.get(f"{draft}/vista/examen-final").text
    assert table_counts(session) == before


def test_the_order_is_changed_by_buttons_that_keep_the_focus(app: Flask) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    answer = rosa.act(draft, "step-up:lineamientos")
    assert answer.headers["Location"] == f"{draft}?foco=step-up.lineamientos"
    page = rosa.get(answer.headers["Location"].partition("#")[0]).text
    assert page.index('id="paso-lineamientos"') < page.index('id="paso-por-que-importa"')
    assert 'id="step-up.lineamientos" autofocus' in page
    rosa.act(draft, "split:antes-de-publicar", title="x")
    rosa.act(draft, "split:carga")
    rosa.act(draft, "module-rename:publicar", title="Antes")
    rosa.act(draft, "step-to:lo-que-sigue:por-que:0")
    rosa.act(draft, "step-remove:asi-se-publica")
    page = rosa.get(draft).text
    assert "Módulo nuevo" in page and ">Antes</h3>" in page and 'id="paso-asi-se-publica"' not in page
    assert page.index('id="paso-lo-que-sigue"') < page.index('id="paso-lineamientos"')


def test_a_change_is_undone_and_a_later_one_stands_in_the_way(app: Flask, write: Write) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    rosa.act(draft, "step-remove:lineamientos")
    rosa.act(draft, "step-up:carga")
    assert rosa.post(f"{draft}/deshacer", number="2").status_code == 409
    assert rosa.post(f"{draft}/deshacer", number="3").status_code == 303
    assert rosa.post(f"{draft}/deshacer", number="2").status_code == 303
    assert 'id="paso-lineamientos"' in rosa.get(draft).text


def test_two_people_who_change_the_same_thing_are_told(app: Flask) -> None:
    rosa, ines = Trainer(app), Trainer(app, names=("Inés", "Cerro", "Luna"), role="administrator")
    draft = rosa.begin()
    base = rosa.field(draft, "base")
    assert ines.act(draft, "step-up:carga").status_code == 303
    told = rosa.post(f"{draft}/orden", act="step-down:carga", base=base)
    assert told.status_code == 409 and "Inés Cerro" in told.text


def test_trainers_of_another_authority_do_not_find_it(app: Flask) -> None:
    draft = Trainer(app).begin()
    assert Trainer(app, state="MX-SON").get(draft).status_code == 404


def test_the_same_folder_again_shows_the_difference_and_becomes_a_revision(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.ready()
    rosa.publish(draft)
    files = twelve()
    top = "Transparencia para empezar/"
    files[f"{top}Unidad 10 - Cierre/1. Lo que sigue.md"] += b"Y vuelves a revisarlo cada trimestre.\n"
    files[f"{top}Unidad 10 - Cierre/2. Dudas.md"] = b"Pregunta a tu unidad de transparencia.\n"
    del files[f"{top}Unidad 1 - Por qué/02 Lineamientos.pdf"]
    seen = rosa.drop(files, onto=draft).headers["Location"]
    page = rosa.get(seen).text
    assert "<code>lessons/dudas.md</code>" in page and "lessons/lo-que-sigue.md" in page
    assert "lessons/lineamientos.md" in page
    number = rosa.field(seen, "number")
    applied = rosa.post(f"{seen}/aplicar", number=number, keep="lessons/carga.md")
    assert applied.headers["Location"] == draft
    assert "Está listo para publicarse" in rosa.get(draft).text
    assert rosa.publish(draft).status_code == 422  # how much does it change?
    assert rosa.publish(draft, change="minor").status_code == 303
    revisions = session.scalars(select(CourseRevision).join(Course, Course.id == CourseRevision.course_id)).all()
    mine = [row.change for row in revisions if row.course_id == session.scalar(select(Draft.course_id))]
    assert mine == ["substantive", "minor"]
    assert rosa.get(seen).status_code == 404


def test_the_export_comes_in_again_here_and_through_the_sync(
    app: Flask, session: Session, write: Write, tmp_path: Path
) -> None:
    rosa = Trainer(app)
    draft = rosa.ready()
    content = rosa.get(f"{draft}/curso.zip").data
    again = rosa.drop_zip(content, "otra.zip")
    assert again.status_code == 303, again.text
    before, after = session.scalars(select(Draft).order_by(Draft.id)).all()
    keys = [
        {row.path: row.storage_key for row in session.scalars(select(DraftFile).filter_by(draft_id=one.id))}
        for one in (before, after)
    ]
    assert keys[0] == keys[1] and before.slug == after.slug
    curriculum = tmp_path / "curriculum"
    curriculum.mkdir()
    for name in ("_norms", "_formats"):
        (curriculum / name).symlink_to(Path(app.config["COURSES_DIR"]) / name)
    zipfile.ZipFile(io.BytesIO(content)).extractall(curriculum)
    with write() as writing:
        results = {result.slug: result.outcome for result in sync(writing, curriculum, storage(), now())}
    assert results[SLUG] == "published"


def test_the_sync_leaves_courses_of_the_studio_alone_and_takes_no_slug_of_theirs(
    app: Flask, session: Session, write: Write, tmp_path: Path
) -> None:
    rosa = Trainer(app)
    draft = rosa.ready()
    rosa.publish(draft)
    courses = Path(app.config["COURSES_DIR"])
    with write() as writing:
        assert {result.outcome for result in sync(writing, courses, storage(), now())} == {"unchanged"}
    curriculum = tmp_path / "curriculum"
    curriculum.mkdir()
    for name in ("_norms", "_formats"):
        (curriculum / name).symlink_to(courses / name)
    zipfile.ZipFile(io.BytesIO(rosa.get(f"{draft}/curso.zip").data)).extractall(curriculum)
    with write() as writing:
        results = {result.slug: result for result in sync(writing, curriculum, storage(), now())}
    assert [problem.code for problem in results[SLUG].problems if problem.severity == "error"] == ["slug_of_the_studio"]
    assert session.scalars(select(Course.state).filter_by(slug=SLUG)).one() == "published"


def test_a_slug_that_another_course_has_is_refused(app: Flask) -> None:
    rosa = Trainer(app)
    draft = rosa.ready()
    rosa.publish(draft)
    other = rosa.ready()
    refused = rosa.publish(other)
    assert refused.status_code == 409 and SLUG in refused.text


def test_a_large_folder_is_read_behind(app: Flask, run_jobs: object) -> None:
    rosa = Trainer(app)
    files = twelve()
    for number in range(4):
        files[f"Transparencia para empezar/Unidad 9/{number} Anexo.docx"] = files[
            "Transparencia para empezar/Unidad 2 - Publicar/01 Antes de publicar.docx"
        ]
    seen = rosa.drop(files).headers["Location"]
    assert seen.startswith("/estudio/entrada/") and "Leyendo tu carpeta" in rosa.get(seen).text
    assert rosa.get(f"{seen}/estado").json == {"state": "waiting"}
    run_jobs()  # type: ignore[operator]
    assert rosa.get(seen).headers["Location"].startswith("/estudio/borradores/")


def test_a_zip_without_scripts_does_the_same(app: Flask) -> None:
    rosa = Trainer(app)
    answer = rosa.drop_zip(zipped(twelve()), "Transparencia.zip")
    assert answer.status_code == 303 and "Lineamientos" in rosa.get(answer.headers["Location"]).text


def test_packages_of_other_programs_become_steps_and_a_learner_opens_them(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    game = golf()
    folder = twelve() | {
        "Transparencia para empezar/Unidad 2 - Publicar/04 Minigolf.zip": game,
        "Transparencia para empezar/Unidad 2 - Publicar/05 Un botón.h5p": h5p(),
    }
    draft = rosa.ready(folder)
    page = rosa.get(draft).text
    assert page.index(">Así se publica</a>") < page.index(">Minigolf</a>") < page.index(">Un botón</a>")
    assert "nada se registra" in rosa.get(f"{draft}/vista/minigolf").text
    assert rosa.publish(draft).headers["Location"] == f"/cursos/{SLUG}"
    learner = Trainer(app, names=("Ana", "Leyva", "Soto"), role=None)
    learner.post(f"/cursos/{SLUG}/inscribirme")
    for key in ("minigolf", "un-boton"):
        assert learner.post(f"/cursos/{SLUG}/{key}/interactivo/abrir").status_code == 303
        assert "<iframe" in learner.get(f"/cursos/{SLUG}/{key}/interactivo").text
    exported = zipfile.ZipFile(io.BytesIO(rosa.get(f"{draft}/curso.zip").data))
    assert exported.read(f"{SLUG}/packages/minigolf/content.zip") == game

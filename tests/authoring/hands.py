"""What a trainer does in the studio, as its pages let them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.accounts.hands import token
from tests.authoring.folders import twelve, zipped
from tests.learning.learners import add_person, sign_in
from webapp.accounts.models import RoleName
from webapp.core.db import Base

COUNTERS = {"throttle_window"}
SHEET = {
    "summary": "Aprendes a publicar lo que tu oficina debe publicar, a tiempo y completo.",
    "outcomes": "Reconocer qué se publica\nLlenar la plantilla\nRevisar antes de cargar",
    "audience": "Personas que cargan formatos",
    "topic": "transparencia",
    "legal_frame": "lgpdppso-2025",
    "cover_alt": "Un cuadro gris",
}


class Trainer:
    """A trainer with a browser; without a role, a learner with one."""

    def __init__(
        self,
        app: Flask,
        state: str = "MX-BCS",
        names: tuple[str, str, str] = ("Rosa", "Duna", "Salina"),
        role: RoleName | None = "trainer",
    ) -> None:
        self.app = app
        self.id = add_person(app, roles=(role,) if role else (), state=state, names=names)
        self.client = sign_in(app, self.id)
        self.token = token(self.client, "/salir")

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, **fields: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **fields}, content_type="multipart/form-data")

    def drop(self, files: Mapping[str, bytes], onto: str = "") -> TestResponse:
        """Drop a folder, as a browser sends a chosen one."""
        sent = [(BytesIO(content), path) for path, content in files.items()]
        return self.post(f"{onto}/archivos" if onto else "/estudio/nuevo", folder=sent)

    def drop_zip(self, content: bytes, name: str = "curso.zip", onto: str = "") -> TestResponse:
        return self.post(f"{onto}/archivos" if onto else "/estudio/nuevo", files=(BytesIO(content), name))

    def begin(self, files: Mapping[str, bytes] | None = None) -> str:
        """A draft of a folder; its address."""
        answer = self.drop(twelve() if files is None else files)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def field(self, path: str, name: str) -> str:
        """The value of a hidden field of a page."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.get(path).text)
        assert found, f"{path} has no field {name}"
        return found[1]

    def act(self, draft: str, act: str, **fields: str) -> TestResponse:
        """Press a button of the tree."""
        return self.post(f"{draft}/orden", act=act, base=self.field(draft, "base"), **fields)

    def fill_sheet(self, draft: str, **fields: str) -> TestResponse:
        """Fill in what is missing, leaving the rest as the form shows it."""
        page = self.get(f"{draft}/ficha").text
        shown = dict(re.findall(r'<input [^>]*class="field__input"[^>]*name="([a-z_]+)"[^>]*value="([^"]*)"', page))
        shown |= dict(re.findall(r'name="(base|slug)"[^>]*value="([^"]*)"', page))
        shown |= {"authors": "Rosa Duna", "licence": "CC-BY-4.0", "issuer": ""}
        return self.post(f"{draft}/ficha", **{**shown, **SHEET, **fields})

    def say_what_pictures_show(
        self, draft: str, key: str = "carga", picture: str = "assets/carga-02.png"
    ) -> TestResponse:
        page = self.get(draft).text
        form = page[page.index(f'action="{draft}/pasos/{key}"') :]
        values = dict(re.findall(r'name="(base|title|minutes)"[^>]*value="([^"]*)"', form[: form.index("</form>")]))
        return self.post(f"{draft}/pasos/{key}", **values, **{f"alt:{picture}": "Pantalla sin datos"})

    def ready(self, files: Mapping[str, bytes] | None = None) -> str:
        """A draft that can be published."""
        draft = self.begin(files)
        assert self.fill_sheet(draft).status_code == 303
        assert self.say_what_pictures_show(draft).status_code == 303
        return draft

    def publish(self, draft: str, **fields: str) -> TestResponse:
        return self.post(f"{draft}/publicar", base=self.field(f"{draft}/publicar", "base"), **fields)


def table_counts(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in COUNTERS]
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def stored(app: Flask) -> set[str]:
    """Every file that the platform keeps, and every one that waits in the studio."""
    data = Path(app.config["DATA_DIR"])
    folders = (data / "files", data / "estudio")
    return {path.relative_to(data).as_posix() for folder in folders for path in folder.rglob("*") if path.is_file()}


def a_zip(files: Mapping[str, bytes]) -> bytes:
    return zipped(files)

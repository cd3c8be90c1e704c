"""Workbooks for the laboratory, and what lies about after a request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.pages import CheckingClient
from webapp.core.db import Base
from webapp.formats.blank import Content, write_filled
from webapp.formats.examine import open_library
from webapp.formats.model import Key, Value
from webapp.formats.practice import Practice, make

ROOT = Path(__file__).parents[2]
FORMATS = ROOT / "courses" / "_formats"
NORMS, VIATICOS = "lgtaip-2015-michoacan/2018/i", "lgtaip-2015-michoacan/2018/ix"
COUNTERS = {"throttle_window"}  # counts every try, those that are refused too


@cache
def practice(format: str = NORMS, errors: int = 6, seed: int = 3, rows: int = 12) -> Practice:
    """A workbook with mistakes, and its key."""
    library, rules = open_library(FORMATS)
    return make(library.get(format), seed, errors, rules, rows=rows)


def key(format: str = NORMS) -> Key:
    return practice(format).key


def filled(rows: Sequence[Sequence[Value]], format: str = NORMS) -> bytes:
    """A template with these rows."""
    target = BytesIO()
    write_filled(open_library(FORMATS)[0].get(format), Content(rows=rows), target)
    return target.getvalue()


def drop(client: CheckingClient, content: bytes, name: str = "formato.xlsx", **fields: str) -> TestResponse:
    """Drop a workbook in the public laboratory, as its page does."""
    return client.submit("/laboratorio", workbook=(BytesIO(content), name), **fields)


def shelf_of(app: Flask) -> list[str]:
    """The folders of files that live in the laboratory."""
    folder = Path(app.config["DATA_DIR"]) / "laboratorio"
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def table_counts(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in COUNTERS]
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def stored(app: Flask) -> set[str]:
    """Everything that lies in the data folder, by path, databases left out."""
    folder = Path(app.config["DATA_DIR"])
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(("aula.db", "queue.db"))
    }

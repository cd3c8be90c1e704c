"""Backup and restore: one archive that holds the database and every file the installation cannot make again.

SQLite is copied by `VACUUM INTO`, which is consistent under load (copying the files of a database in WAL mode is not a
backup). PostgreSQL is copied by its own `pg_dump` and read back by its own `psql`, in one transaction.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from webapp.core.db import sqlite_module

# What lies in the data folder beside the database. The queue is left out: it can be rebuilt from the database.
KEPT = ("files", "secret-key", "signing")
LABEL = "backup.json"
SQLITE_NAME = "aula.db"
POSTGRESQL_NAME = "aula.sql"
UNREADABLE = (tarfile.TarError, OSError, EOFError, zlib.error)


class BackupError(Exception):
    """A backup that could not be made or restored; the message says why and what to do."""


# --- making -----------------------------------------------------------------------------------------------------


def make_backup(database_url: str, data_dir: Path, target: Path, version: str | None) -> Path:
    """Write a `.tar.gz` of database and files to `target` and return it. The file appears whole or not at all.

    `version` is the migration that the database is at, by which a restore knows whether it can be read.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
            folder = Path(name)
            label = folder / LABEL
            label.write_text(json.dumps({"program": "aula-norte", "version": version}))
            draft = _pack(folder / "archive", [label, _copy_database(database_url, folder)], data_dir)
            draft.replace(target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _pack(draft: Path, first: list[Path], data_dir: Path) -> Path:
    draft.touch(0o600)
    with tarfile.open(draft, "w:gz", compresslevel=6) as archive:
        for path in first:
            archive.add(path, path.name)
        for path in _kept_files(data_dir):
            archive.add(path, path.relative_to(data_dir).as_posix())
    return draft


def _kept_files(data_dir: Path) -> Iterator[Path]:
    """What is kept in the data folder at this moment. A name with `#` is a file that is still being written."""
    for name in KEPT:
        top = data_dir / name
        yield from (path for path in [top, *sorted(top.rglob("*"))] if path.is_file() and "#" not in path.name)


def _is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")


def sqlite_path(database_url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(make_url(database_url).database or "")


def _copy_database(database_url: str, folder: Path) -> Path:
    if not _is_sqlite(database_url):
        return _dump_postgresql(database_url, folder / POSTGRESQL_NAME)
    source, copy, sqlite = sqlite_path(database_url), folder / SQLITE_NAME, sqlite_module()
    if not source.exists():
        raise BackupError(f"There is no database at {source}.")
    try:
        with closing(sqlite.connect(source, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite.Error as error:
        raise BackupError(f"The database cannot be copied: {error}.") from error
    _check_sqlite(copy)
    return copy


def _dump_postgresql(database_url: str, target: Path) -> Path:
    _run_tool("pg_dump", database_url, "--schema=public", "--no-owner", "--no-privileges", f"--file={target}")
    return target


def _run_tool(tool: str, database_url: str, *options: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise BackupError(f"{tool} is not installed; on Debian: apt-get install postgresql-client.")
    url = make_url(database_url).set(drivername="postgresql")
    environment = {
        "PATH": str(Path(program).parent),
        "PGPASSWORD": url.password or "",
        "PGOPTIONS": "-c client_min_messages=warning",  # so that what failed is not lost among notices
    }
    address = url._replace(password=None).render_as_string(hide_password=False)  # a password is seen in a process list
    done = subprocess.run(  # noqa: S603  a fixed program with a list of arguments
        [program, *options, f"--dbname={address}"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{tool} failed: {done.stderr.strip()[:500]}")


# --- restoring --------------------------------------------------------------------------------------------------


def restore_backup(database_url: str, data_dir: Path, source: Path, newest: str | None) -> Path:
    """Put the database and files of `source` in place of the present ones. The service must be stopped.

    What was there is moved to the folder `before-restore-…` that is returned, so that a wrong archive can be undone by
    hand. Raises BackupError, and leaves everything as it was, when the archive is not ours, is damaged or is younger
    than the migration `newest` that this program knows.
    """
    if not source.is_file():
        raise BackupError(f"{source} does not exist. Name the .tar.gz that `aula backup` wrote.")
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as name:
        folder = Path(name)
        try:
            _unpack(source, folder)
        except UNREADABLE as error:
            raise BackupError(f"{source} cannot be read as a backup: {error}. Nothing was changed.") from error
        _check_content(source, folder, database_url, newest)
        return _replace(database_url, data_dir, folder)


def _unpack(source: Path, folder: Path) -> None:
    """Write the files of the archive to `folder`. Raises what `UNREADABLE` names, or BackupError for a file not ours."""
    with gzip.open(source) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if _is_ours(member) else None
                if content is None:
                    raise BackupError(f"{source} holds {member.name!r}, which no backup does. Nothing was changed.")
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(content, file)
                path.chmod(member.mode & 0o777)
        while stream.read(1 << 20):  # to its end, where the checksum stands
            pass


def _is_ours(member: tarfile.TarInfo) -> bool:
    parts = Path(member.name).parts
    return member.isfile() and ".." not in parts and parts[0] in {LABEL, SQLITE_NAME, POSTGRESQL_NAME, *KEPT}


def _check_content(source: Path, folder: Path, database_url: str, newest: str | None) -> None:
    label = _label(folder / LABEL)
    if label.get("program") != "aula-norte":
        raise BackupError(f"{source} is no backup of Aula Norte. Nothing was changed.")
    expected = SQLITE_NAME if _is_sqlite(database_url) else POSTGRESQL_NAME
    if not (folder / expected).exists():
        raise BackupError(
            f"{source} holds no {expected}: it was made from another kind of database. Nothing was changed."
        )
    if str(label["version"]) > str(newest):
        raise BackupError(
            f"{source} is of a newer program: its database is at {label['version']}, this program knows {newest}. "
            "Nothing was changed."
        )
    if expected == SQLITE_NAME:
        _check_sqlite(folder / SQLITE_NAME)


def _label(path: Path) -> dict[str, Any]:
    try:
        label = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return label if isinstance(label, dict) and label.get("version") else {}


def _check_sqlite(path: Path) -> None:
    sqlite = sqlite_module()
    try:
        with closing(sqlite.connect(path)) as connection:
            result = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite.Error as error:
        raise BackupError(f"The copy of the database is damaged: {error}. Nothing was changed.") from error
    if result != "ok":
        raise BackupError(f"The copy of the database is damaged: {result}. Nothing was changed.")


def _replace(database_url: str, data_dir: Path, folder: Path) -> Path:
    """Exchange what is there for what was unpacked; when one step fails, those before it are undone."""
    aside = Path(tempfile.mkdtemp(dir=data_dir, prefix=f"before-restore-{datetime.now():%Y%m%d-%H%M%S}-"))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, aside, ignore_errors=True)
        try:
            for name in KEPT:
                _exchange(data_dir / name, folder / name, aside, undo)
            if _is_sqlite(database_url):
                _exchange_sqlite(sqlite_path(database_url), folder, aside, undo)
            else:
                _dump_postgresql(database_url, aside / POSTGRESQL_NAME)
                _read_into_postgresql(database_url, folder / POSTGRESQL_NAME)
        except OSError as error:
            raise BackupError(f"{error.filename}: {error.strerror}. Nothing was changed.") from error
        undo.pop_all()
    return aside


def _exchange(present: Path, new: Path, aside: Path, undo: ExitStack) -> None:
    for source, target in ((present, aside / present.name), (new, present)):
        if source.exists():
            shutil.move(source, target)
            undo.callback(shutil.move, target, source)


def _exchange_sqlite(database: Path, folder: Path, aside: Path, undo: ExitStack) -> None:
    if database.exists():
        _check_idle(database)
    for suffix in ("-wal", "-shm"):  # of a database that was not closed: the copy has none
        rest = database.with_name(database.name + suffix)
        _exchange(rest, folder / rest.name, aside, undo)
    _exchange(database, folder / SQLITE_NAME, aside, undo)


def _check_idle(database: Path) -> None:
    """Refuse while another program holds the database open: what that one wrote from then on would be lost."""
    sqlite = sqlite_module()
    try:
        with closing(sqlite.connect(database, timeout=0)) as connection:
            alone = (
                connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete"
            )  # only the last may leave WAL
    except sqlite.OperationalError:
        alone = False
    except sqlite.DatabaseError:  # damaged, which is why somebody restores it
        return
    if not alone:
        raise BackupError(f"{database} is in use. Stop the platform, then try again. Nothing was changed.")


def _read_into_postgresql(database_url: str, dump: Path) -> None:
    """All of the dump, or none of it. What is there goes first: a table that the dump lacks would meet its migration."""
    begin = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
    _run_tool("psql", database_url, *begin, "--command=DROP SCHEMA public CASCADE", f"--file={dump}")

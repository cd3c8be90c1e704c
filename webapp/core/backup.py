"""Backup and restore: one archive that holds the database and every file the installation cannot make again.

SQLite is copied by `VACUUM INTO`, which is consistent under load (copying the files of a database in WAL mode is not a
backup). PostgreSQL is copied by its own `pg_dump`.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

# What lies in the data folder beside the database. The queue is left out: it can be rebuilt from the database.
KEPT = ("files", "secret-key", "signing")
SQLITE_NAME = "aula.db"
POSTGRESQL_NAME = "aula.pgdump"


class BackupError(Exception):
    """A backup that could not be made or restored; the message says why and what to do."""


def make_backup(database_url: str, data_dir: Path, target: Path) -> Path:
    """Write a `.tar.gz` of database and files to `target` and return it. The file appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        copy = _copy_database(database_url, Path(folder))
        draft = Path(folder) / "archive"
        with tarfile.open(draft, "w:gz", compresslevel=6) as archive:
            archive.add(copy, copy.name)
            for name in KEPT:
                if (data_dir / name).exists():
                    archive.add(data_dir / name, name)
        draft.chmod(0o600)
        draft.replace(target)
    return target


def restore_backup(database_url: str, data_dir: Path, source: Path) -> None:
    """Put the database and files of `source` in place of the present ones. The service must be stopped.

    What was there is moved to `before-restore-…` in the data folder, so that a wrong archive can be undone by hand.
    """
    if not source.is_file():
        raise BackupError(f"{source} does not exist. Name the .tar.gz that `aula backup` wrote.")
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise BackupError(f"{source} cannot be read as a backup: {error}. Nothing was changed.") from error
        expected = SQLITE_NAME if _is_sqlite(database_url) else POSTGRESQL_NAME
        if not (folder / expected).exists():
            raise BackupError(
                f"{source} holds no {expected}: it was made from another kind of database. Nothing was changed."
            )
        if _is_sqlite(database_url):
            _check_sqlite(folder / SQLITE_NAME)
        _replace(database_url, data_dir, folder)


def _is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")


def sqlite_path(database_url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(make_url(database_url).database or "")


def _copy_database(database_url: str, folder: Path) -> Path:
    if _is_sqlite(database_url):
        source = sqlite_path(database_url)
        if not source.exists():
            raise BackupError(f"There is no database at {source}.")
        copy = folder / SQLITE_NAME
        with sqlite3.connect(source, timeout=30) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        connection.close()
        _check_sqlite(copy)
        return copy
    copy = folder / POSTGRESQL_NAME
    _run_tool("pg_dump", database_url, ["--format=custom", f"--file={copy}"])
    return copy


def _check_sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupError(f"The copy of the database is damaged: {error}. Nothing was changed.") from error
    finally:
        connection.close()
    if result != "ok":
        raise BackupError(f"The copy of the database is damaged: {result}. Nothing was changed.")


def _run_tool(tool: str, database_url: str, options: list[str]) -> None:
    program = shutil.which(tool)
    if program is None:
        raise BackupError(f"{tool} is not installed; on Debian: apt-get install postgresql-client.")
    url = make_url(database_url).set(drivername="postgresql")
    environment = {"PATH": str(Path(program).parent), "PGPASSWORD": url.password or ""}
    address = url._replace(password=None).render_as_string(hide_password=False)  # a password is seen in a process list
    done = subprocess.run(  # noqa: S603  a fixed program with a list of arguments
        [program, *options, f"--dbname={address}"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{tool} failed: {done.stderr.strip()[:500]}")


def _replace(database_url: str, data_dir: Path, folder: Path) -> None:
    aside = data_dir / f"before-restore-{datetime.now():%Y%m%d-%H%M%S}"
    aside.mkdir(parents=True)
    for name in KEPT:
        if (data_dir / name).exists():
            (data_dir / name).rename(aside / name)
        if (folder / name).exists():
            (folder / name).rename(data_dir / name)
    if not _is_sqlite(database_url):
        _run_tool("pg_restore", database_url, ["--clean", "--if-exists", "--no-owner", str(folder / POSTGRESQL_NAME)])
        return
    database = sqlite_path(database_url)
    for suffix in ("", "-wal", "-shm"):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.rename(aside / part.name)
    shutil.move(folder / SQLITE_NAME, database)

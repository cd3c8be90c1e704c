"""Backup and restore: consistent while people work, whole or not at all, and honest about what cannot be used."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.core.console import done, invoke, refused
from tests.installations import postgresql_tools
from tests.learning.learners import add_person
from tests.records.earning import give
from webapp.core import backup
from webapp.core.backup import BackupError, make_backup, restore_backup
from webapp.core.clock import now
from webapp.core.db import db, sqlite_module, transaction
from webapp.core.jobs import Job, enqueue
from webapp.core.schema import newest_version
from webapp.core.storage import DiskStorage, storage


@pytest.fixture(autouse=True)
def _tools(engine_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` and `psql` of the version of the server, as `apt-get install postgresql-client` brings them."""
    if engine_name == "postgresql":
        monkeypatch.setenv("PATH", str(postgresql_tools()), prepend=":")


@pytest.fixture
def lived_in(app: Flask, run_jobs: Callable[[], int]) -> Flask:
    """An installation with a person who has a constancia, its file and all."""
    give(app, add_person(app))
    run_jobs()
    leave(app)
    return app


def leave(app: Flask) -> None:
    """Let go of the database, as a platform that was stopped."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def folder_of(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"])


def files_of(app: Flask) -> dict[str, bytes]:
    """Every file of the data folder but those that come and go while it runs."""
    coming_and_going = ("aula.db-", "queue.db")
    return {
        path.relative_to(folder_of(app)).as_posix(): path.read_bytes()
        for path in sorted(folder_of(app).rglob("*"))
        if path.is_file() and not path.name.startswith(coming_and_going)
    }


def people(app: Flask) -> int:
    with app.app_context():
        found = db.session.scalar(text("SELECT count(*) FROM person"))
        db.session.remove()
    return int(found or 0)


def make(app: Flask, name: str = "kept.tar.gz") -> Path:
    target = folder_of(app).parent / name
    assert done(invoke(app, "backup", str(target))).strip() == str(target)
    leave(app)
    return target


def restore(app: Flask, source: Path) -> str:
    return done(invoke(app, "restore", str(source), "--yes"))


def test_a_restored_installation_is_the_one_that_was_backed_up(lived_in: Flask) -> None:
    archive = make(lived_in)
    before, kept = people(lived_in), files_of(lived_in)
    add_person(lived_in)
    with lived_in.app_context(), transaction() as session:
        session.execute(text("CREATE TABLE later (id INTEGER)"))  # of a migration that came after the backup
    for path in (folder_of(lived_in) / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    (folder_of(lived_in) / "secret-key").write_text("another key, of the same length or so\n")
    leave(lived_in)

    said = restore(lived_in, archive)
    assert "before-restore-" in said
    assert "rules hold" in done(invoke(lived_in, "verify"))
    assert people(lived_in) == before
    restored = files_of(lived_in)
    assert {name: restored[name] for name in kept if name != "aula.db"} == {n: kept[n] for n in kept if n != "aula.db"}
    with lived_in.app_context(), pytest.raises(Exception, match="later"):
        db.session.execute(text("SELECT * FROM later"))
    leave(lived_in)


def test_what_was_there_before_a_restore_is_put_aside(lived_in: Flask) -> None:
    archive = make(lived_in)
    add_person(lived_in, names=("Irreemplazable", "Sánchez", ""))
    leave(lived_in)
    restore(lived_in, archive)
    [aside] = folder_of(lived_in).glob("before-restore-*")
    assert any(b"Irreemplazable" in path.read_bytes() for path in aside.iterdir() if path.is_file())
    assert aside.stat().st_mode & 0o077 == 0


def test_an_archive_is_for_its_owner_alone_and_holds_all_that_must_be_kept(lived_in: Flask) -> None:
    archive = make(lived_in)
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as opened:
        names = opened.getnames()
    assert names[0] == "backup.json"
    assert {name.split("/")[0] for name in names} >= {"files", "secret-key", "signing"}
    assert not [name for name in names if "queue" in name or "before-restore" in name]


@pytest.mark.sqlite_only
def test_a_backup_is_consistent_while_people_write(app: Flask, tmp_path: Path) -> None:
    """Whoever writes does two rows and a file in one transaction: no backup holds one without the other."""
    stop = threading.Event()
    written = 0

    def work() -> None:
        nonlocal written
        with app.app_context():
            while not stop.is_set():
                key = storage().put(f"file {written}".encode() * 2000)
                with transaction() as session:
                    enqueue(session, "test.pair", now(), key=key)
                    enqueue(session, "test.pair", now(), key=key)
                written += 1
            db.session.remove()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        archives = [make_backup(*place(app), tmp_path / f"{number}.tar.gz", "0001") for number in range(4)]
    finally:
        stop.set()
        writer.join()
    counts = []
    for archive in archives:
        folder = tmp_path / archive.name.split(".")[0]
        folder.mkdir()
        restore_backup(f"sqlite:///{folder}/aula.db", folder, archive, "0001")
        with closing(sqlite_module().connect(folder / "aula.db")) as copy:
            keys = [json.loads(row[0])["key"] for row in copy.execute("SELECT args FROM job WHERE name = 'test.pair'")]
        assert all(keys.count(key) == 2 for key in set(keys))
        assert set(keys) <= DiskStorage(folder / "files").keys()
        counts.append(len(keys))
    assert counts == sorted(counts)
    assert counts[-1] > counts[0], "nobody wrote while the backups were made"


def place(app: Flask) -> tuple[str, Path]:
    return str(app.config["DATABASE_URL"]), folder_of(app)


# --- what is refused --------------------------------------------------------------------------------------------


def pack(path: Path, files: dict[str, bytes], link: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo("files/link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return path


def label(version: str = "0001", program: str = "aula-norte") -> bytes:
    return json.dumps({"program": program, "version": version}).encode()


def foreign_archives(folder: Path) -> Iterator[tuple[Path, str]]:
    """Archives that are none of ours, each with a word of what is said about it."""
    other = folder / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE recipe (id)")
        connection.commit()
    database = {"aula.db": other.read_bytes(), "aula.sql": b"SELECT 1;\n"}
    (folder / "text.tar.gz").write_text("no archive")
    yield folder / "absent.tar.gz", "does not exist"
    yield folder / "text.tar.gz", "cannot be read"
    yield pack(folder / "empty.tar.gz", {}), "no backup of Aula Norte"
    yield pack(folder / "plain.tar.gz", database), "no backup of Aula Norte"
    yield pack(folder / "program.tar.gz", {"backup.json": label(program="x"), **database}), "no backup of Aula Norte"
    yield pack(folder / "label.tar.gz", {"backup.json": b"[1", **database}), "no backup of Aula Norte"
    yield pack(folder / "newer.tar.gz", {"backup.json": label("9999"), **database}), "newer program"
    yield pack(folder / "nothing.tar.gz", {"backup.json": label(), "files/x": b""}), "another kind of database"
    yield pack(folder / "up.tar.gz", {"backup.json": label(), "files/../../up": b"x", **database}), "no backup does"
    yield pack(folder / "root.tar.gz", {"backup.json": label(), "/etc/aula": b"x", **database}), "no backup does"
    yield pack(folder / "link.tar.gz", {"backup.json": label(), **database}, link="/etc/passwd"), "no backup does"


def test_an_archive_that_is_not_ours_changes_nothing(lived_in: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    before = files_of(lived_in)
    for archive, word in foreign_archives(folder):
        said = refused(invoke(lived_in, "restore", str(archive), "--yes"))
        assert word in said, f"{archive.name}: {said}"
    leave(lived_in)
    assert files_of(lived_in) == before
    assert not list(folder_of(lived_in).glob("before-restore-*"))


@pytest.mark.sqlite_only
def test_a_damaged_archive_changes_nothing_wherever_the_damage_is(lived_in: Flask, tmp_path: Path) -> None:
    whole = make(lived_in).read_bytes()
    broken = tmp_path / "broken.tar.gz"
    before = files_of(lived_in)
    step = len(whole) // 12
    damaged = [whole[: len(whole) - 5], *(whole[:place] for place in range(0, len(whole), step * 3))]
    damaged += [whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :] for at in range(2000, len(whole), step)]
    for content in damaged:
        broken.write_bytes(content)
        with pytest.raises(BackupError, match="Nothing was changed"):
            restore_backup(*place(lived_in), broken, newest_of(lived_in))
    assert files_of(lived_in) == before


def newest_of(app: Flask) -> str | None:
    with app.app_context():
        return newest_version()


@pytest.mark.sqlite_only
def test_a_database_that_is_damaged_inside_a_sound_archive_is_refused(lived_in: Flask, tmp_path: Path) -> None:
    with tarfile.open(make(lived_in)) as opened:
        content = bytearray(opened.extractfile("aula.db").read())  # type: ignore[union-attr]
    content[40960:81920] = b"\xa5" * 40960
    archive = pack(tmp_path / "damaged.tar.gz", {"backup.json": label(), "aula.db": bytes(content)})
    assert "damaged" in refused(invoke(lived_in, "restore", str(archive), "--yes"))


@pytest.mark.sqlite_only
def test_a_restore_is_refused_while_the_platform_runs(lived_in: Flask) -> None:
    archive = make(lived_in)
    running = sqlite_module().connect(folder_of(lived_in) / "aula.db")
    running.execute("SELECT count(*) FROM person").fetchone()
    before = files_of(lived_in)
    assert "Stop the platform" in refused(invoke(lived_in, "restore", str(archive), "--yes"))
    assert files_of(lived_in) == before
    running.close()
    restore(lived_in, archive)


def test_a_restore_that_fails_at_its_last_step_leaves_everything_as_it_was(
    lived_in: Flask, tmp_path: Path, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, before, persons = make(lived_in), files_of(lived_in), people(lived_in)
    leave(lived_in)
    if engine_name == "postgresql":
        half = b"CREATE SCHEMA public; CREATE TABLE half (id INTEGER); SELECT 1/0;\n"
        archive = pack(tmp_path / "half.tar.gz", {"backup.json": label(), "secret-key": b"other", "aula.sql": half})
    else:

        def no_room(database: Path) -> None:
            raise OSError(28, "No space left on device", str(database))

        monkeypatch.setattr(backup, "_check_idle", no_room)
    said = refused(invoke(lived_in, "restore", str(archive), "--yes"))
    assert "division by zero" in said or "No space left" in said
    assert files_of(lived_in) == before
    assert people(lived_in) == persons
    assert "rules hold" in done(invoke(lived_in, "verify"))


def test_a_restore_asks_first(lived_in: Flask) -> None:
    archive, before = make(lived_in), files_of(lived_in)
    result = invoke(lived_in, "restore", str(archive), answer="n\n")
    assert result.exit_code == 1
    leave(lived_in)
    assert files_of(lived_in) == before


def test_a_backup_that_cannot_be_written_says_where(lived_in: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file" / "x.tar.gz") in refused(
        invoke(lived_in, "backup", str(tmp_path / "file" / "x.tar.gz"))
    )


@pytest.mark.sqlite_only
def test_without_its_tools_a_postgresql_is_not_backed_up_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="apt-get install postgresql-client"):
        make_backup("postgresql+psycopg://u@127.0.0.1:1/x", tmp_path, tmp_path / "x.tar.gz", "0001")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_leaves_no_archive(engine_name: str, tmp_path: Path) -> None:
    if engine_name == "postgresql":
        url, word = "postgresql+psycopg://u:topsecret@127.0.0.1:1/x", "pg_dump failed"
    else:
        url, word = f"sqlite:///{tmp_path}/absent.db", "There is no database"
    with pytest.raises(BackupError, match=word) as caught:
        make_backup(url, tmp_path, tmp_path / "x.tar.gz", "0001")
    assert "topsecret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


# --- before a migration -----------------------------------------------------------------------------------------


def test_a_migration_is_preceded_by_a_backup_that_can_be_restored(lived_in: Flask) -> None:
    newest, persons = newest_of(lived_in), people(lived_in)
    leave(lived_in)
    assert "at None" in done(invoke(lived_in, "downgrade", "base"))
    [archive] = (folder_of(lived_in) / "backups").glob("*-before-base.tar.gz")
    assert f"at {newest}" in done(invoke(lived_in, "migrate"))
    leave(lived_in)
    restore(lived_in, archive)
    assert people(lived_in) == persons
    assert "already" in done(invoke(lived_in, "migrate"))
    assert "rules hold" in done(invoke(lived_in, "verify"))
    leave(lived_in)


@pytest.mark.sqlite_only
def test_a_migration_without_its_backup_does_not_happen(lived_in: Flask) -> None:
    with lived_in.app_context(), transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    (folder_of(lived_in) / "backups").write_text("in the way")
    assert "cannot be written" in refused(invoke(lived_in, "migrate"))
    with lived_in.app_context():
        assert db.session.scalar(text("SELECT version_num FROM alembic_version")) == "0000"
        assert db.session.get(Job, 1) is not None

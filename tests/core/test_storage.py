"""Kept files: the same on disk and in a bucket that a real S3 client speaks to."""

from __future__ import annotations

import hashlib
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from moto.server import ThreadedMotoServer

import config
from config import ConfigError
from tests.core.console import done, invoke, refused
from tests.installations import MakeApp
from webapp.core.storage import BucketStorage, DiskStorage, Storage, StorageError, storage

BUCKET = "aula-norte-prueba"
NOTHING = "0" * 64


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/{BUCKET}", method="PUT")).close()  # noqa: S310  loopback
    yield address
    server.stop()


def settings_of(endpoint: str, prefix: str, bucket: str = BUCKET) -> dict[str, str]:
    return {
        "STORAGE_URL": f"s3://{bucket}/{prefix}",
        "STORAGE_ENDPOINT": endpoint,
        "STORAGE_ACCESS_KEY": "llave",
        "STORAGE_SECRET_KEY": "secreto-de-prueba",
    }


def bucket(endpoint: str, folder: Path, name: str = BUCKET) -> BucketStorage:
    found = config.load({"AULA_DATA_DIR": str(folder / "data"), **settings_of(endpoint, folder.name, name)})
    return BucketStorage(str(found["STORAGE_URL"]), found["STORAGE_OPTIONS"], folder / "copies")


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "disk":
        return DiskStorage(tmp_path / "files")
    return bucket(request.getfixturevalue("endpoint"), tmp_path)


def test_what_is_kept_comes_back_whole_in_parts_and_as_a_file(store: Storage, tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000  # more than two pieces
    given = tmp_path / "given.bin"
    given.write_bytes(content)
    key = store.put_file(given)
    assert key == hashlib.sha256(content).hexdigest() == store.put(content)
    assert store.get(key) == content
    assert store.size(key) == len(content)
    assert b"".join(store.stream(key)) == content
    assert b"".join(store.stream(key, 1_048_570, 20)) == content[1_048_570:1_048_590]
    assert b"".join(store.stream(key, len(content) - 3)) == content[-3:]
    assert store.path(key).read_bytes() == content
    assert store.keys() == {key}
    assert given.exists()


def test_an_empty_file_is_a_file(store: Storage) -> None:
    key = store.put(b"")
    assert (store.get(key), store.size(key), store.keys()) == (b"", 0, {key})


@pytest.mark.parametrize("key", [NOTHING, "../../etc/passwd", "", "A" * 64, "0" * 63])
def test_what_is_not_there_is_not_found(store: Storage, key: str) -> None:
    for ask in (
        store.get,
        store.size,
        lambda wanted: list(store.stream(wanted)),
        lambda wanted: store.path(wanted).stat(),
    ):
        with pytest.raises(FileNotFoundError):
            ask(key)
    assert not store.has(key)


def test_a_file_that_was_interrupted_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DiskStorage(tmp_path / "files")
    monkeypatch.setattr("webapp.core.storage.os.fsync", lambda handle: (_ for _ in ()).throw(OSError("no room")))
    with pytest.raises(OSError, match="no room"):
        store.put(b"something")
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
    assert store.keys() == set()


def test_a_bucket_that_can_be_used_is_not_mistaken_for_a_file(endpoint: str, tmp_path: Path) -> None:
    store = bucket(endpoint, tmp_path)
    store.check()
    assert store.keys() == set()


def test_a_bucket_that_cannot_be_used_is_said_in_one_sentence(endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"STORAGE_URL is s3://no-hay-tal/.*STORAGE_ENDPOINT") as caught:
        bucket(endpoint, tmp_path, "no-hay-tal").check()
    assert "secreto-de-prueba" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"STORAGE_URL": "https://s3.example.org/bucket"}, "STORAGE_URL"),
        ({"STORAGE_URL": "s3://"}, "STORAGE_URL"),
        ({"STORAGE_URL": "s3://ab/x"}, "STORAGE_URL"),
        ({"STORAGE_URL": "s3://key:secreta@bucket/x"}, "STORAGE_URL"),
        ({"STORAGE_ENDPOINT": "s3.example.org"}, "STORAGE_ENDPOINT"),
        ({"STORAGE_ENDPOINT": "https://s3.example.org:port"}, "STORAGE_ENDPOINT"),
        ({"STORAGE_SECRET_KEY": ""}, "STORAGE_SECRET_KEY"),
        ({"STORAGE_ACCESS_KEY": ""}, "STORAGE_ACCESS_KEY"),
        ({"CLAMD_URL": "127.0.0.1:3310"}, "CLAMD_URL"),
        ({"CLAMD_URL": "tcp://127.0.0.1"}, "CLAMD_URL"),
        ({"CLAMD_URL": "unix://clamd.ctl"}, "CLAMD_URL"),
        ({"AULA_QUOTA_MB": "0"}, "AULA_QUOTA_MB"),
    ],
)
def test_a_wrong_setting_stops_the_start_by_its_name(tmp_path: Path, wrong: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named) as caught:
        config.load({"AULA_DATA_DIR": str(tmp_path), **settings_of("https://s3.example.org", "x"), **wrong})
    assert "secreta" not in str(caught.value)


@pytest.mark.sqlite_only
def test_the_platform_does_not_start_on_a_bucket_that_is_not_there(make_app: MakeApp, endpoint: str) -> None:
    app = make_app(**settings_of(endpoint, "x", "no-hay-tal"), PORT="1")
    app.config["PORT"] = 0  # any free one
    said = refused(invoke(app, "serve"))
    assert "s3://no-hay-tal/x" in said


@pytest.mark.sqlite_only
def test_a_backup_says_that_the_files_of_a_bucket_are_not_in_it(
    make_app: MakeApp, endpoint: str, tmp_path: Path
) -> None:
    app: Flask = make_app(**settings_of(endpoint, "respaldo"))
    with app.app_context():
        key = storage().put(b"de la cubeta")
        assert storage().get(key) == b"de la cubeta"
    said = done(invoke(app, "backup", str(tmp_path / "kept.tar.gz")))
    assert re.search(r"s3://aula-norte-prueba/respaldo and are not", said)

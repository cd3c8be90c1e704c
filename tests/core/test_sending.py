"""A kept file as an answer: headers, one range, none, wrong ones, from both stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from tests.core.test_storage import bucket, endpoint  # noqa: F401  a fixture
from webapp.core.access import public
from webapp.core.sending import SLICE, send_kept
from webapp.core.storage import DiskStorage, Storage

CONTENT = bytes(range(251)) * 10_000  # 2.5 MB
PNG, MP4, DOCX, HTML = (
    "image/png", "video/mp4", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "text/html",
)  # fmt: skip


@pytest.fixture(params=["disk", "bucket"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, str]]:
    app = Flask("served")
    store: Storage = DiskStorage(tmp_path / "files")
    if request.param == "bucket":
        store = bucket(request.getfixturevalue("endpoint"), tmp_path)
    app.extensions["storage"] = store
    app.add_url_rule("/<key>", "file", _file)
    yield app.test_client(), store.put(CONTENT)


@public
def _file(key: str) -> Any:
    return send_kept(key, request.args.get("type", PNG), request.args.get("name", ""))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=2509990-", 2_509_990, 2_510_000),
        ("bytes=-7", 2_509_993, 2_510_000),
        ("bytes=2509999-99999999", 2_509_999, 2_510_000),
        ("bytes=-99999999", 0, 2_510_000),
    ],
)
def test_one_range_is_sent_by_itself(served: tuple[Any, str], asked: str, start: int, end: int) -> None:
    client, key = served
    answer = client.get(f"/{key}", headers={"Range": asked})
    assert answer.data == CONTENT[start:end]
    assert answer.content_length == end - start
    if end - start < len(CONTENT):
        assert answer.status_code == 206
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=2510000-", "bytes=99999999-99999999"])
def test_a_range_beyond_the_end_is_refused_with_the_size(served: tuple[Any, str], asked: str) -> None:
    client, key = served
    answer = client.get(f"/{key}", headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-5", "bytes=x-y", "lines=1-2", "bytes", "bytes=--5"])
def test_several_ranges_and_what_is_none_get_the_whole_file(served: tuple[Any, str], asked: str) -> None:
    client, key = served
    answer = client.get(f"/{key}", headers={"Range": asked})
    assert (answer.status_code, answer.data == CONTENT) == (200, True)


def test_a_video_comes_in_slices(served: tuple[Any, str]) -> None:
    client, key = served
    got = b""
    while len(got) < len(CONTENT):
        answer = client.get(f"/{key}?type={MP4}", headers={"Range": f"bytes={len(got)}-"})
        assert answer.status_code == 206 and len(answer.data) <= SLICE
        got += answer.data
    assert got == CONTENT


def test_what_one_has_already_is_not_sent_again(served: tuple[Any, str]) -> None:
    client, key = served
    first = client.get(f"/{key}")
    assert first.headers["ETag"] == f'"{key}"'
    again = client.get(f"/{key}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    part = client.get(f"/{key}", headers={"Range": "bytes=0-3", "If-Range": first.headers["ETag"]})
    assert (part.status_code, part.data) == (206, CONTENT[:4])
    other = client.get(f"/{key}", headers={"Range": "bytes=0-3", "If-Range": '"otro"'})
    assert (other.status_code, other.data == CONTENT) == (200, True)


def test_only_known_types_are_shown_and_nothing_runs(served: tuple[Any, str]) -> None:
    client, key = served
    shown = client.get(f"/{key}?type={PNG}")
    assert "Content-Disposition" not in shown.headers
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    saved = client.get(f"/{key}?type={DOCX}&name=guía «1».docx")
    assert saved.mimetype == DOCX
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="gu-a--1-.docx"')
    page = client.get(f"/{key}?type={HTML}")
    assert page.mimetype == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_gone_is_a_404(served: tuple[Any, str]) -> None:
    client, _key = served
    assert client.get("/" + "0" * 64).status_code == 404


def test_a_head_tells_the_size_and_sends_nothing(served: tuple[Any, str]) -> None:
    client, key = served
    answer = client.head(f"/{key}")
    assert (answer.content_length, answer.data) == (len(CONTENT), b"")

"""One command on an empty folder: it serves, says where and for whom, and keeps its data."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import free_port, wait_until_ready

pytestmark = pytest.mark.slow
AULA = Path(sys.executable).with_name("aula")
ADDRESS = re.compile(r"Aula Norte: (http://\S+)")


@contextmanager
def started(folder: Path, **environment: str) -> Iterator[tuple[str, Path]]:
    """`aula start` typed in `folder`; its address, and the file of what it prints."""
    port = free_port()
    said = folder / f"said-{port}"
    settings = {"PATH": "/usr/bin:/bin", "AULA_DATA_DIR": "data", "PORT": str(port), "AULA_WORKERS": "1", **environment}
    with said.open("w") as output:
        process = subprocess.Popen([AULA, "start"], cwd=folder, env=settings, stdout=output, stderr=output)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/healthz", process, seconds=180)
        yield f"http://127.0.0.1:{port}", said
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_it_starts_on_an_empty_folder_and_the_second_time_keeps_what_is_there(tmp_path: Path) -> None:
    with started(tmp_path) as (url, said):
        words = said.read_text()
        assert ADDRESS.findall(words) == [url]
        assert "participante@" in words
        assert "Demonstration:" in words
        assert "Traceback" not in words
        with urllib.request.urlopen(f"{url}/cursos") as page:  # noqa: S310  our own address
            assert page.status == 200
    assert (tmp_path / "data" / "aula.db").exists()  # where it was typed, not where the program lies
    kept = {path.name: path.read_bytes() for path in (tmp_path / "data").glob("secret-key")}

    with started(tmp_path) as (url, said):
        words = said.read_text()
        assert ADDRESS.findall(words) == [url]
        assert "Demonstration:" not in words  # nobody is made again
        assert "already" in words
    assert kept == {path.name: path.read_bytes() for path in (tmp_path / "data").glob("secret-key")}

    refused = subprocess.run(
        [AULA, "start"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "AULA_DATA_DIR": "data", "PORT": str(free_port()), "AULA_DEMO": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "holds a demonstration" in refused.stderr + refused.stdout


def test_without_a_demonstration_it_prints_a_code_for_the_first_administrator_and_has_no_accounts(
    tmp_path: Path,
) -> None:
    issuer = "contraloria-bcs"
    with started(tmp_path, AULA_DEMO="0", AULA_ISSUER=issuer) as (url, said):
        words = said.read_text()
        assert re.search(rf"{url}/instalacion and type [A-Z0-9-]+", words)
        assert "participante@" not in words
        with urllib.request.urlopen(f"{url}/instalacion") as page:  # noqa: S310  our own address
            assert page.status == 200
    console = subprocess.run(
        [AULA, "people", "staff"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "AULA_DATA_DIR": "data", "AULA_DEMO": "0", "AULA_ISSUER": issuer},
        capture_output=True,
        text=True,
        check=True,
    )
    assert console.stdout == ""

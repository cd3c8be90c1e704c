"""From `make run` on a bare clone to the first page: no environment, no data, packages in the cache of the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import config
from tests.bench.table import Row
from tests.servers import free_port

PATIENCE_SECONDS = 600


def measure(folder: Path) -> Iterator[Row]:
    """The first start builds the environment, migrates, syncs courses and makes demo people; the second finds it all."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(config.ROOT), str(clone)], check=True)
    yield Row("`make run` on a bare clone to the first page", "told", f"{_first_page(clone):.1f} s", None)
    yield Row("`make run` again", "told", f"{_first_page(clone):.1f} s", None)


def _first_page(clone: Path) -> float:
    """Seconds from the command to a home page with status 200."""
    port = free_port()
    settings = {"PORT": str(port), "AULA_DATA_DIR": str(clone / "var")}
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | settings,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.monotonic() - began < PATIENCE_SECONDS and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                    if answer.status == 200:
                        return time.monotonic() - began
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"no page within {PATIENCE_SECONDS} s")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)

"""A real server with its worker, as a user's machine runs them, on a data folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.demo.services import fill
from webapp.formatlab.curriculum import curriculum

ROOT = Path(__file__).parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running platform: its address, its data folder, and the process that keeps server and worker."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def code_for(self, address: str, seconds: float = 20) -> str:
        """The code in the newest mail to `address`, waiting for the worker to deliver it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for path in sorted((self.folder / "mail").glob("*.eml"), key=lambda p: p.stat().st_mtime_ns, reverse=True):
                text = path.read_text()
                if f"To: {address}" in text and (found := re.search(r"\b(\d{6})\b", text.split("\n\n", 1)[-1])):
                    return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no mail with a code for {address}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def add_demo_people(app: Flask, people: int) -> None:
    """The demo accounts and some activity."""
    with app.app_context(), transaction() as session:
        fill(session, app.config["ISSUER"], curriculum(app.config["COURSES_DIR"]), now(), people=people)


@contextmanager
def serve(folder: Path, workers: int = 1, **environment: str) -> Iterator[Server]:
    """Run the platform on `folder`, which must be prepared, until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "AULA_DATA_DIR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "AULA_WORKERS": str(workers),
        "AULA_DEMO": "1",
        **environment,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.core.supervise"],
        cwd=ROOT,
        env={**os.environ, **settings},
        start_new_session=True,
    )
    try:
        wait_until_ready(f"{url}/readyz", process)
        yield Server(url, folder, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], seconds: float = START_SECONDS) -> None:
    """Wait until `url` answers. Fails when the process ends, or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not answer at {url} within {seconds} s")

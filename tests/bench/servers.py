"""Servers to measure: the platform's own command, with its application or with the control in its place."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import config
from tests.bench.processes import cpu_seconds, family
from tests.servers import free_port
from webapp.core.supervise import server_command

WORKERS = 2
APPLICATION, CONTROL = "wsgi:app", "tests.bench.control:app"
START_SECONDS = 60


@dataclass(frozen=True)
class Running:
    """A server and everything that it started."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time that all its processes have used so far."""
        return cpu_seconds(family(self.pid))


@contextmanager
def run(application: str, environment: Mapping[str, str]) -> Iterator[Running]:
    """Serve `application` (APPLICATION or CONTROL), without the job worker, until the block ends."""
    port = free_port()
    settings = {**environment, "HOST": "127.0.0.1", "PORT": str(port), "AULA_WORKERS": str(WORKERS)}
    with patch.dict(os.environ, settings):
        command = [application if word == APPLICATION else word for word in server_command()]
        process = subprocess.Popen(command, cwd=config.ROOT, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield Running(url, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} did not answer within {START_SECONDS} s")

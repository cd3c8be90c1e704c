"""Keep the server and the job worker running side by side: `python -m webapp.core.supervise`.

Only the standard library, because this process lives as long as the installation and should cost next to nothing.
A child that dies is started again, after whatever it had started has been ended: a server that was killed leaves its
worker processes behind, which would hold the port and go on answering. SIGTERM and SIGINT stop both in order.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

RESTART_PAUSE_SECONDS = 1.0
STOP_SECONDS = 20.0


def server_command() -> list[str]:
    """The web server: granian with 64 threads a worker, so that slow lines do not block the others."""
    return [
        *(sys.executable, "-m", "webapp.core.serve", "wsgi:app", "--interface", "wsgi"),
        *("--host", os.environ["HOST"], "--port", os.environ["PORT"]),
        *("--workers", os.environ["AULA_WORKERS"], "--blocking-threads", "64"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--backlog", "1024"),
        *("--log-level", "error"),
    ]


def supervise_command() -> list[str]:
    """This module, as a process of its own."""
    return [sys.executable, "-m", "webapp.core.supervise"]


def worker_command() -> list[str]:
    return [str(Path(sys.executable).with_name("aula")), "worker"]


def supervise(commands: Mapping[str, Sequence[str]]) -> int:
    """Run the named `commands` until told to stop. Returns the exit status for the shell."""
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    children = {name: _start(command) for name, command in commands.items()}
    while not stopping:
        for name, child in children.items():
            if child.poll() is not None and not stopping:
                print(f"The {name} ended with {child.returncode}; starting it again", file=sys.stderr)
                _end_group(child)
                time.sleep(RESTART_PAUSE_SECONDS)
                children[name] = _start(commands[name])
        time.sleep(0.2)
    return _stop(list(children.values()))


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # A group of its own: Ctrl+C reaches only this process, which then stops the children in order. Two arenas: with one
    # for each of 64 threads the allocator keeps tens of megabytes that nobody uses.
    environment = {"MALLOC_ARENA_MAX": "2", **os.environ}
    return subprocess.Popen(list(command), start_new_session=True, env=environment)  # noqa: S603  fixed commands


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> int:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{child.args!r} does not stop; ending it", file=sys.stderr)
        _end_group(child)
    return 0


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End a child and whatever it had started: they are a group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(supervise({"server": server_command(), "worker": worker_command()}))

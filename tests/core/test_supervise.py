"""Server and worker side by side: what dies is started again, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import ROOT

KEEP = """
import sys
from webapp.core import supervise
supervise.RESTART_PAUSE_SECONDS = 0.0
supervise.STOP_SECONDS = 1.0
sys.exit(supervise.supervise({"server": ["sh", "-c", sys.argv[1]]}))
"""


@contextmanager
def kept(folder: Path, script: str) -> Iterator[subprocess.Popen[str]]:
    """A shell script under the eyes of the supervisor."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP, script],
        cwd=ROOT,
        env={**os.environ, "NOTES": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def notes(folder: Path) -> list[int]:
    """The processes that the script has noted, in order."""
    path = folder / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_is_killed_is_started_again_and_leaves_no_orphan_behind(tmp_path: Path) -> None:
    with kept(tmp_path, 'sleep 1000 & echo $$ $! >> "$NOTES/pids"; wait') as process:
        eventually(lambda: len(notes(tmp_path)) == 2)
        first, orphan = notes(tmp_path)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: len(notes(tmp_path)) == 4)
        assert not lives(orphan)
        second, grandchild = notes(tmp_path)[2:]
        assert lives(second)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        eventually(lambda: not lives(grandchild))
        assert process.stderr is not None
        assert "The server ended with -9; starting it again" in process.stderr.read()


def test_what_does_not_want_to_stop_is_ended(tmp_path: Path) -> None:
    script = 'trap "" TERM; sleep 1000 & echo $$ $! >> "$NOTES/pids"; while true; do wait; sleep 1; done'
    with kept(tmp_path, script) as process:
        eventually(lambda: len(notes(tmp_path)) == 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        eventually(lambda: not any(map(lives, notes(tmp_path))))

"""Speaking with clamd: a verdict, or the clear word that there is none."""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path

import pytest

from tests.core.clamd import EICAR, clamd, nobody_there
from webapp.core.scan import Scanner, ScannerUnavailable, Verdict


def test_what_is_clean_is_clean_and_the_sample_is_found() -> None:
    with clamd() as url:
        scanner = Scanner(url)
        assert scanner.scan([b"hola" * 100_000, b"", b"x"]) == Verdict()
        found = scanner.scan([EICAR[:30], EICAR[30:]])  # across two pieces
    assert (found.is_clean, found.finding) == (False, "Eicar-Signature")


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: hm\0"])
def test_anything_else_is_no_verdict(tmp_path: Path, answer: bytes) -> None:
    class Odd(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(answer)

    path = tmp_path / "clamd.ctl"
    with socketserver.ThreadingUnixStreamServer(str(path), Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ScannerUnavailable):
            Scanner(f"unix://{path}").scan([b"x"])
        server.shutdown()


def test_nobody_there_and_a_long_silence_are_said(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailable, match="refused"):
        Scanner(nobody_there()).scan([b"x"])
    with pytest.raises(ScannerUnavailable):
        Scanner(f"unix://{tmp_path}/no.ctl").scan([b"x"])
    done = threading.Event()

    class Silent(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            done.wait(5)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ScannerUnavailable, match="timed out"):
            Scanner(f"tcp://127.0.0.1:{server.server_address[1]}", answer_seconds=0.2).scan([b"x"])
        done.set()
        server.shutdown()

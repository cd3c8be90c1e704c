"""Asking clamd whether a file carries malware, over its own protocol (INSTREAM), without any library."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0  # of silence: a large archive takes clamd a while
PIECE = 64 * 1024
LONGEST_ANSWER = 4096


class ScannerUnavailable(Exception):
    """clamd cannot be reached, takes too long, or says something that is no verdict. Nothing is known of the file."""


@dataclass(frozen=True)
class Verdict:
    """What clamd says of a file; `finding` is the name of what it found, "" for nothing."""

    finding: str = ""

    @property
    def is_clean(self) -> bool:
        return not self.finding


@dataclass(frozen=True)
class Scanner:
    """A clamd at `tcp://host:port` or `unix:///path`."""

    url: str
    connect_seconds: float = CONNECT_SECONDS
    answer_seconds: float = ANSWER_SECONDS

    def scan(self, content: Iterable[bytes]) -> Verdict:
        """Send the bytes piece by piece and return the verdict. Raises ScannerUnavailable."""
        try:
            with self._connect() as connection:
                _send(connection, content)
                answer = _receive(connection)
        except OSError as error:
            raise ScannerUnavailable(f"clamd at {self.url}: {error}") from error
        return _verdict(answer)

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(self.connect_seconds)
                connection.connect(parts.path)
            except OSError:
                connection.close()
                raise
        else:
            connection = socket.create_connection((parts.hostname or "", parts.port or 3310), self.connect_seconds)
        connection.settimeout(self.answer_seconds)
        return connection


def _send(connection: socket.socket, content: Iterable[bytes]) -> None:
    """The command, then each piece after its length, then a length of zero."""
    try:
        connection.sendall(b"zINSTREAM\0")
        for block in content:
            for start in range(0, len(block), PIECE):
                piece = block[start : start + PIECE]
                connection.sendall(len(piece).to_bytes(4, "big") + piece)
        connection.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        return  # it has heard enough – the file is over its limit – and its answer says so


def _receive(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()


def _verdict(answer: str) -> Verdict:
    said = answer.removeprefix("stream:").strip()
    if said == "OK":
        return Verdict()
    if said.endswith(" FOUND"):
        return Verdict(said.removesuffix(" FOUND")[:120])
    raise ScannerUnavailable(f"clamd gave no verdict: {said[:200] or 'no answer'}")

"""The control: a bare Flask view, run by the same server command as the platform (`tests.bench.control:app`)."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__, static_folder=None)
TEXT = "Aula Norte"


@app.route("/", methods=["GET", "POST"])
def bare() -> str:
    """A few bytes, and nothing else."""
    return TEXT

"""The console `aula` around an application of a test."""

from __future__ import annotations

from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

import aula


def invoke(app: Flask, *typed: str, answer: str | None = None) -> Result:
    """Type `aula …` and, where it asks, `answer`."""
    known = ScriptInfo(create_app=lambda: app, set_debug_flag=False)
    return CliRunner().invoke(aula.main, typed, obj=known, input=answer)


def refused(result: Result) -> str:
    """The message of a command that refused, in words and not with a traceback."""
    assert result.exit_code != 0, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert "Error: " in result.output
    return result.output


def done(result: Result) -> str:
    """The output of a command that succeeded."""
    assert result.exit_code == 0, result.output
    return result.output

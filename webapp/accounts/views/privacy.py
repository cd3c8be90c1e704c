"""The privacy notice for anyone, and for each person what the platform holds about them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from webapp.accounts import queries
from webapp.accounts.labels import DATA_LABELS, IN_SPANISH, LANGUAGES, POSTS, ROLES, SEXES
from webapp.accounts.models import PrivacyNotice
from webapp.accounts.notices import shown
from webapp.accounts.views import blueprint
from webapp.accounts.views.confirm import me
from webapp.core.access import public, signed_in
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.i18n import format_day, language
from webapp.core.registry import export_person
from webapp.core.web import same_for_visitors


@blueprint.get("/privacidad")
@public
@same_for_visitors
def privacy() -> ResponseReturnValue:
    """The integral notice in force."""
    notice = queries.current_notice(db.session(), language())
    return _notice_page(notice)


@blueprint.get("/privacidad/version/<version>")
@public
@same_for_visitors
def privacy_version(version: str) -> ResponseReturnValue:
    """The integral notice as it was."""
    notice = queries.notice(db.session(), version, language())
    if notice is None:
        abort(404)
    return _notice_page(notice)


def _notice_page(notice: PrivacyNotice | None) -> ResponseReturnValue:
    return render_template(
        "accounts/privacy.html",
        notice=shown(notice),
        versions=queries.notice_versions(db.session()),
        arco_email=current_app.config["ARCO_EMAIL"],
    )


@blueprint.get("/mi-cuenta/mis-datos")
@signed_in
def my_data() -> ResponseReturnValue:
    """Everything the platform holds about whoever asks, to read."""
    return render_template(
        "accounts/my_data.html",
        data=_readable("", export_person(db.session(), me().id)),
        labels=DATA_LABELS,
        in_spanish=IN_SPANISH,
        arco_email=current_app.config["ARCO_EMAIL"],
    )


_WORDS: dict[str, Mapping[str, Any]] = {"sex": SEXES, "post": POSTS, "language": LANGUAGES, "role": ROLES}


def _readable(key: str, value: Any) -> Any:
    """The same content with words instead of keys and with days and hours as people write them."""
    if isinstance(value, dict):
        return {inner: _readable(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_readable(key, one) for one in value]
    if not isinstance(value, str):
        return value
    if key in _WORDS:
        return str(_WORDS[key].get(value, value))
    if key.endswith("at") and re.fullmatch(r"\d{4}-\d\d-\d\dT.+", value):
        instant = datetime.fromisoformat(value)
        return f"{format_day(instant.date())}, {instant:%-H:%M} UTC"
    return value


@blueprint.get("/mi-cuenta/mis-datos.json")
@signed_in
def my_data_file() -> ResponseReturnValue:
    """The same as a file."""
    content = {"generado": now().isoformat(), **export_person(db.session(), me().id)}
    response = Response(json.dumps(content, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="mis-datos-aula-norte.json"'
    return response

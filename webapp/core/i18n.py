"""Languages: Spanish of Mexico is the source, English the one translation; dates and numbers as the reader writes them."""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import get_timezone, get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale, get_translations
from markupsafe import Markup

from webapp.core.clock import local_date

LANGUAGES = {"es": "es_MX", "en": "en"}
COOKIE = "lang"
SOURCES = Path(__file__).parent.parent / "translations"

babel = Babel()


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "es_MX"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(_compiled_catalogues(Path(app.config["DATA_DIR"])))
    babel.init_app(app, locale_selector=_select_locale)
    app.jinja_env.globals.update({"_": phrase, "gettext": phrase, "spanish": spanish})
    app.jinja_env.filters.update(
        day=format_day,
        local_day=format_local_day,
        hour=format_hour,
        zone_place=format_zone,
        duration=format_duration,
        number=format_number,
        percent=format_percent,
    )


def _compiled_catalogues(data_dir: Path) -> Path:
    """Compile the catalogues that changed, beside their source or, where that is read-only, in the data folder."""
    folder = SOURCES if os.access(SOURCES, os.W_OK) else data_dir / "translations"
    for source in SOURCES.glob("*/LC_MESSAGES/messages.po"):
        target = folder / source.relative_to(SOURCES).with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)
    return folder


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}")  # several processes may start at once
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.replace(target)


def language() -> str:
    """The two-letter language of this request: "es" or "en"."""
    if not has_request_context():
        return "es"
    if "language" not in g:
        chosen = request.cookies.get(COOKIE)
        g.language = chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES), "es")
    return str(g.language)


def _select_locale() -> str:
    return LANGUAGES[language()]


def phrase(text: str, /, **values: object) -> Markup:
    """What `_("…")` means in a template: `text` in the reader's language, with `values` escaped into their places.

    As in Jinja's own, a percent sign is written twice even where there are no values. A phrase is looked up once per
    language and process, because a page asks for some of them dozens of times.
    """
    locale = get_locale()
    return _pattern(locale, text) % values if values else _printed(locale, text)


@cache
def _pattern(_locale: Locale | None, text: str) -> Markup:
    return Markup(get_translations().ugettext(text))  # noqa: S704  our own words, as the catalogue has them


@cache
def _printed(locale: Locale | None, text: str) -> Markup:
    return _pattern(locale, text) % {}


def spanish() -> Markup:
    """The attribute of an element that is in Spanish whoever reads it, as courses are, on a page that is not."""
    return Markup("") if language() == "es" else Markup(' lang="es-MX"')


def format_zone(zone: str) -> str:
    """The city that a time zone is named after, in the reader's language: "Ciudad Juárez"."""
    return get_timezone_location(get_timezone(zone), locale=str(get_locale() or "es_MX"), return_city=True)


def format_day(day: date) -> str:
    """ "23 nov 2026" in Spanish, "Nov 23, 2026" in English. An instant must be given its zone's date first."""
    if isinstance(day, datetime):
        raise TypeError("an instant has no day without a zone; use clock.local_date")
    return babel_date(day, "d MMM y" if _in_spanish() else "MMM d, y", locale=str(get_locale() or "es_MX"))


def format_local_day(instant: datetime, zone: str) -> str:
    """The day of `instant` in `zone`, written like `format_day`."""
    return format_day(local_date(instant, zone))


def format_duration(minutes: int) -> str:
    """ "34 min", "2 h", "1 h 20 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def format_hour(instant: datetime, zone: str) -> str:
    """ "9:00 h" in Spanish, "9:00" in English: the local hour of `instant` in `zone`."""
    return f"{instant.astimezone(ZoneInfo(zone)):%-H:%M}{' h' if _in_spanish() else ''}"


def format_number(value: int | float | Decimal) -> str:
    """1,234.5, as written in Mexico."""
    return format_decimal(value, locale=str(get_locale() or "es_MX"))


def format_percent(part: int, whole: int) -> str:
    """ "58 %" in Spanish, "58%" in English: `part` of `whole`, rounded half up; a dash where there is no whole."""
    if whole == 0:
        return "–"
    return f"{int(Decimal(part * 100) / Decimal(whole) + Decimal('0.5'))}{percent_sign()}"


def percent_sign() -> str:
    """What follows a number of percent: " %" in Spanish, "%" in English."""
    return " %" if _in_spanish() else "%"


def _in_spanish() -> bool:
    return str(get_locale() or "es_MX").startswith("es")

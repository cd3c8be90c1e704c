"""Every address of the platform, walked by everybody: what must be true of all of them, whatever they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, Table, Text, cast, literal, text
from sqlalchemy.orm import Session

from tests.flows.world import EVERYBODY, World, build, routes
from webapp.core.db import Base

pytestmark = pytest.mark.sqlite_only  # what is judged here is the doors, not the database

SEEING = ("visitor", "owner", "coordinator", "administrator")  # between them they see every page
WITHOUT_TOKEN = {"packages.report", "records.compare_name"}  # it changes nothing, and gives a visitor no cookie
CANARY = "\"'<b onx=1>{{7*7}}"


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


def contents(session: Session) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {
        table.name: sorted(map(repr, session.execute(table.select()).all())) for table in Base.metadata.sorted_tables
    }


def test_looking_changes_nothing(world: World, session: Session) -> None:
    """No GET by anybody adds, changes or removes a row."""
    browsers = {who: world.browser(who) for who in EVERYBODY}
    before = contents(session)
    for rule, method in routes(world.app):
        if method == "GET":
            for who in EVERYBODY:
                assert browsers[who].open(world.path(rule)).status_code < 500, (who, rule)
    assert differences(before, contents(session)) == {}


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[str, set[Any]]:
    """The rows that came, went or changed, by table."""
    return {name: set(before[name]) ^ set(after[name]) for name in before if before[name] != after[name]}


def test_no_form_without_its_token_changes_anything(world: World, session: Session) -> None:
    """Another site can make a browser send a form with our cookie, but not with our token."""
    browsers = {who: world.browser(who) for who in ("owner", "coordinator", "administrator")}
    before = contents(session)
    for rule, method in routes(world.app):
        if method != "GET":
            for who, browser in browsers.items():
                answer = browser.client.open(world.path(rule), method=method, data={"email": "x@x.example"})
                if rule.endpoint not in WITHOUT_TOKEN:
                    assert answer.status_code == 400, (who, rule)
    assert differences(before, contents(session)) == {}


def test_every_answer_is_guarded_whatever_it_is(world: World) -> None:
    """Headers on pages, files, redirects and refusals; what an account sees is kept by nobody."""
    for who in ("visitor", "administrator"):
        browser = world.browser(who)
        for rule, method in routes(world.app):
            if method != "GET":
                continue
            headers = browser.open(world.path(rule)).headers
            assert headers["X-Content-Type-Options"] == "nosniff", rule
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'; sandbox" in policy or (
                "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
            ), rule
            assert headers["Referrer-Policy"] == "same-origin", rule
            assert "Access-Control-Allow-Origin" not in headers, rule
            if rule.rule.startswith(
                ("/mi-cuenta", "/mis-", "/intentos", "/coordinacion", "/administracion", "/estudio")
            ):
                assert "no-store" in headers["Cache-Control"], rule


def test_no_address_names_a_person(world: World) -> None:
    """What stands in an address ends up in logs and histories: no link or form carries an e-mail or a name."""
    for who in ("owner", "coordinator", "administrator"):
        browser = world.browser(who)
        for rule, method in routes(world.app):
            answer = browser.open(world.path(rule)) if method == "GET" else None
            if answer is not None and answer.mimetype == "text/html":
                for address in re.findall(r'(?:href|action)="([^"]*)"', answer.text):
                    if not address.startswith("mailto:"):
                        assert "@" not in address and "Card" not in address, (who, rule, address)


def test_every_page_speaks_english_to_whoever_chose_it(world: World) -> None:
    """The browsers of these tests fail on a Spanish text that has an English one."""
    for who in SEEING:
        browser = world.browser(who)
        browser.open("/idioma/en")
        for rule, method in routes(world.app):
            if method == "GET" and rule.endpoint != "site.change_language":
                answer = browser.open(world.path(rule))
                if answer.mimetype == "text/html" and answer.status_code < 300:
                    assert '<html lang="en"' in answer.text, (who, rule)


# --- hostile text -------------------------------------------------------------------------------------------------

# Words that the program compares or builds addresses of, and HTML that was sanitised when it was published.
NOT_WRITTEN_BY_PEOPLE = re.compile(
    r"(^|_)(id|key|hash|iso|inegi|code|handle|url|slug|state|kind|type|level|modality|sex|post|role|language|zone|"
    r"action|channel|version|path|html|content|step|last_step|question|source|usage|purpose|destination|folio|"
    r"revision|topic|uniquifier|method|secret|password|email|extensions|subject|way|format|month|outcome|"
    r"origin|change|bank|blank|tolerance|standard|counts|completion|success)$"
)


def text_columns() -> Iterator[tuple[Table, str]]:
    """Every column that shows what somebody wrote."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            constrained = column.primary_key or column.unique or column.foreign_keys
            if isinstance(column.type, String) and not constrained and not NOT_WRITTEN_BY_PEOPLE.search(column.name):
                yield table, column.name


class Elements(HTMLParser):
    """Whether the canary became an element, and whether it is there as text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hatched = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hatched = self.hatched or any(name == "onx" for name, _ in attrs)


def test_whatever_was_written_is_shown_as_text(world: World, write: Any) -> None:
    """Hostile text in every column that people fill, on every page there is."""
    poisoned = set()
    with write() as session:
        for trigger in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f'DROP TRIGGER "{trigger}"'))
        for table, name in text_columns():
            if name.endswith("reason"):
                continue  # tied to a state of its row
            # The number keeps apart what must be.
            session.execute(table.update().values({name: literal(CANARY) + cast(next(iter(table.c)), Text)}))
            poisoned.add(f"{table.name}.{name}")
    assert {"person.given_names", "obliged_subject_request.written_name", "api_token.name", "course.title"} <= poisoned
    shown = 0
    for who in SEEING:
        browser = world.browser(who)
        for rule, method in routes(world.app):
            if method != "GET":
                continue
            answer = browser.open(world.path(rule))
            assert answer.status_code < 500, (who, rule)
            if answer.mimetype == "text/html":
                assert not Elements(answer.text).hatched, (who, rule)
                assert answer.text.count("&lt;b onx=1&gt;") == answer.text.count("&lt;b onx=1&gt;{{7*7}}"), (who, rule)
                shown += "&lt;b onx=1&gt;" in answer.text
    assert shown > 20

"""What surrounds every page: who is signed in, where one can go, in which language.

Rooms add their entries to the navigation. An entry shows for whoever may follow it, because the access mark of its
view decides, so a menu never offers what a click would refuse.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from flask import Flask, current_app, request, url_for
from flask.sansio.app import App
from flask.templating import Environment

from webapp.core import access
from webapp.core.i18n import language

Place = Literal["nav", "menu", "desk"]
OTHER_LANGUAGE = {"es": ("en", "English"), "en": ("es", "Español")}


@dataclass(frozen=True)
class Entry:
    """A destination of the navigation. `label` is a lazy translation; It is current below its own address,
    or below `group`, for one that leads on to another address."""

    place: Place
    order: int
    label: Any
    endpoint: str
    icon: str
    group: str | None = None


@dataclass(frozen=True)
class Link:
    """An entry as a template sees it."""

    label: str
    url: str
    icon: str
    current: bool


def add_entry(
    app: Flask, place: Place, order: int, label: Any, endpoint: str, icon: str, group: str | None = None
) -> None:
    """Offer `endpoint` in the header (`nav`), the account menu (`menu`) or the staff sections (`desk`)."""
    entries: list[Entry] = app.extensions["navigation"]
    entries.append(Entry(place, order, label, endpoint, icon, group))
    entries.sort(key=lambda entry: entry.order)


class Templates(Environment):
    """The templates, found and imported without detours.

    Nothing is ever added to the globals of one template, so all may share those of the application. Jinja would wrap them
    in a chain per template and compare the keys of two such chains at every import, which costs more than most macros.
    """

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, cache_size=-1, **options)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Chrome:
    """The surroundings of the page of this request."""

    @cached_property
    def actor(self) -> Any:
        return access.current_actor()

    @property
    def language(self) -> str:
        return language()

    @property
    def language_url(self) -> str:
        return f"/idioma/{OTHER_LANGUAGE[self.language][0]}?next={request.path}"

    @property
    def language_label(self) -> str:
        return OTHER_LANGUAGE[self.language][1]

    @property
    def signed_in(self) -> bool:
        return bool(self.actor.is_authenticated)

    @property
    def person_name(self) -> str | None:
        return str(self.actor.short_name) if self.signed_in else None

    @property
    def zone(self) -> str:
        """The zone in which days and hours are shown."""
        return access.current_zone()

    @property
    def path(self) -> str:
        return request.path

    @property
    def demo(self) -> bool:
        return bool(current_app.config["DEMO"])

    @property
    def development(self) -> bool:
        """Whether the pages that help building (components, mailbox) are there."""
        return self.demo or bool(current_app.debug)

    @cached_property
    def nav(self) -> list[Link]:
        return self._links("nav")

    @cached_property
    def menu(self) -> list[Link]:
        return self._links("menu")

    @cached_property
    def desk(self) -> list[Link]:
        return self._links("desk")

    def _links(self, place: Place) -> list[Link]:
        path = request.path
        found = []
        for entry in current_app.extensions["navigation"]:
            if entry.place == place and self._may_follow(entry.endpoint):
                url = _url(entry.endpoint)
                current = path == url or (url != "/" and path.startswith((entry.group or url) + "/"))
                found.append(Link(str(entry.label), url, entry.icon, current))
        return found

    def _may_follow(self, endpoint: str) -> bool:
        mark = access.mark_of(current_app.view_functions[endpoint])
        if mark is None or (mark.kind != "public" and not self.signed_in):
            return False
        return mark.kind != "role" or bool(self.actor.holds_any(mark.roles))


def _url(endpoint: str) -> str:
    """The address of an endpoint without arguments; building it anew costs more than the rest of the menu."""
    known: dict[str, str] = current_app.extensions["navigation_urls"]
    if endpoint not in known:
        known[endpoint] = url_for(endpoint)
    return known[endpoint]


def init_app(app: Flask) -> None:
    """Give every template its `chrome`."""
    app.extensions["navigation"] = []
    app.extensions["navigation_urls"] = {}
    app.context_processor(_context)


def _context() -> dict[str, Callable[[], Any] | Chrome]:
    return {"chrome": Chrome()}

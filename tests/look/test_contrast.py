"""Every pair of colours that meets on a page is readable by day and by night (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re

import pytest

from .stylesheet import DARK, contrast, palettes, rules

GROUNDS = ["page", "surface", "sunken"]
WASHES = ["strong-soft", "copper-soft", "agave-soft", "cochineal-soft"]
STATES = ["strong", "copper", "agave", "cochineal"]
TEXT_ON: dict[str, list[str]] = {
    "ink": GROUNDS + WASHES,
    "ink-soft": [*GROUNDS, "strong-soft"],
    "strong": GROUNDS + WASHES,
    "strong-deep": GROUNDS + WASHES,
    "copper": [*GROUNDS, "copper-soft", "strong-soft"],
    "agave": [*GROUNDS, "agave-soft", "strong-soft"],
    "cochineal": [*GROUNDS, "cochineal-soft"],
    "surface": STATES,  # the sign of a notice and the tab of a callout
    "on-strong": ["strong", "strong-deep"],
    "on-cochineal": ["cochineal"],
    "on-sea": ["sea"],
    "level-low": ["level-0", "level-1", "level-2"],
    "level-high": ["level-3", "level-4"],
}
MARKS_ON: dict[str, list[str]] = {
    "edge": GROUNDS,  # borders of fields
    "focus": [*GROUNDS, *WASHES],
    "on-sea": ["sea"],  # the focus in the footer
    "agave": ["surface"],  # progress in its track
    "strong": [*GROUNDS],  # bars, current page
    "copper": ["page", "surface"],  # the dot of a sparkline
}


def _pairs(table: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    return [(mode, over, under) for mode in ("light", "dark") for over, unders in table.items() for under in unders]


@pytest.mark.parametrize(("mode", "text", "ground"), _pairs(TEXT_ON))
def test_text_is_readable_on_its_ground(mode: str, text: str, ground: str) -> None:
    colours = palettes()[mode]
    assert contrast(colours[f"--{text}"], colours[f"--{ground}"]) >= 4.5


@pytest.mark.parametrize(("mode", "mark", "ground"), _pairs(MARKS_ON))
def test_a_mark_stands_out_from_its_ground(mode: str, mark: str, ground: str) -> None:
    colours = palettes()[mode]
    assert contrast(colours[f"--{mark}"], colours[f"--{ground}"]) >= 3


def test_every_rule_with_its_own_ground_is_readable_on_it() -> None:
    checked = 0
    for media, selector, declarations in rules():
        text, ground = (_token(declarations.get(name, "")) for name in ("color", "background"))
        if not text or not ground or "print" in media or "--tone" in (text, ground) or "--wash" in (text, ground):
            continue
        checked += 1
        for mode, colours in palettes().items():
            assert contrast(colours[text], colours[ground]) >= 4.5, f"{selector} ({mode}): {text} on {ground}"
    assert checked > 30


def test_no_colour_is_used_for_text_or_ground_without_being_listed_here() -> None:
    texts = {f"--{name}" for name in TEXT_ON} | {"--tone"}
    grounds = {f"--{name}" for names in TEXT_ON.values() for name in names} | {"--tone", "--wash"}
    for _, selector, declarations in rules():
        text, ground = (_token(declarations.get(name, "")) for name in ("color", "background"))
        assert text is None or text in texts, f"{selector}: {text}"
        assert ground is None or ground in grounds, f"{selector}: {ground}"


def test_the_tones_of_notices_and_callouts_are_states_with_their_wash() -> None:
    colours = {"--tone": {f"--{name}" for name in STATES}, "--wash": {f"--{name}" for name in [*WASHES, "surface"]}}
    used = [(name, _token(value)) for _, _, found in rules() for name, value in found.items() if name in colours]
    assert used
    assert all(token in colours[name] for name, token in used)


def test_colours_are_written_only_as_tokens() -> None:
    for media, selector, declarations in rules():
        if selector != ":root" and "print" not in media:
            assert not re.search(r"#[0-9a-f]{3,8}\b", " ".join(declarations.values())), selector


def test_the_night_changes_every_colour_of_the_day() -> None:
    day = palettes()["light"]
    night = next(found for media, selector, found in rules() if DARK in media and selector == ":root")
    assert set(day) <= set(night)


def _token(value: str) -> str | None:
    match = re.fullmatch(r"var\((--[\w-]+)\)", value)
    return match.group(1) if match else None

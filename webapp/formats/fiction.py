"""Fills templates with an invented obliged subject, people and figures that agree with each other.

What can be invented is data (`fiction.yaml`); this module knows what must agree: dates with the period, net pay with gross
pay, totals with their parts, names with sex, rows of tables with the rows that point to them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from webapp.formats import layout
from webapp.formats.blank import Content
from webapp.formats.chance import Chance
from webapp.formats.model import Field, FieldType, Format, Period, Value

MONTHS: dict[Period, int] = {"quarterly": 3, "half-yearly": 6, "yearly": 12, "unknown": 3}
NEWEST_YEAR = 2025
FEWEST_ROWS, MOST_ROWS = 8, 25
ATTEMPTS = 50  # to make a row that differs from those before it
VAT = 1.16
FITTING: dict[FieldType, type] = {"date": date, "money": float, "number": int, "year": int, "time": time, "file": Path}

Facts = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """What goes into the columns whose name `match` finds: one of the facts, or one of the texts."""

    match: re.Pattern[str]
    type: str
    facts: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """The invented world, as `fiction.yaml` tells it."""

    names: Mapping[str, Any]
    entries: tuple[Entry, ...]


@cache
def world() -> World:
    """Read the invented world once."""
    data = yaml.safe_load(Path(__file__).with_name("fiction.yaml").read_text(encoding="utf-8"))
    entries = [
        Entry(
            re.compile(entry["match"]),
            entry.get("type", ""),
            tuple(entry.get("fact", ())),
            tuple(entry.get("text", ())),
        )
        for entry in data.pop("columns")
    ]
    for type, texts in data.pop("otherwise").items():
        entries.append(Entry(re.compile(""), type, (), tuple(texts)))
    return World(data, tuple(entries))


def invent(format: Format, chance: Chance, rows: int | None = None) -> Content:
    """Fill a format with coherent fiction. Without `rows` there are 8 to 25 of them."""
    filler = _Filler(format, chance)
    for _ in range(rows or chance.between(FEWEST_ROWS, MOST_ROWS)):
        filler.add_row()
    return Content(filler.rows, filler.tables, world().names["warning"])


@lru_cache(4096)
def plain(text: str) -> str:
    """Small letters without accents and with single blanks."""
    letters = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


class _Filler:
    def __init__(self, format: Format, chance: Chance) -> None:
        self.format, self.chance, self.names = format, chance, world().names
        self.common = self._subject() | self._period()
        self.norms: list[tuple[str, str]] = chance.shuffled(self.names["norms"])
        self.people: set[tuple[str, ...]] = set()
        self.rows: list[list[Value]] = []
        self.tables: dict[str, list[list[Value]]] = {table.id: [] for table in format.tables}
        self.made: set[tuple[str, tuple[Value, ...]]] = set()  # rows by their table, "" for the main sheet

    def add_row(self) -> None:
        nth = len(self.rows) + 1
        for _ in range(ATTEMPTS):
            facts = self._facts(nth)
            row = [self._value(column, facts) for column in self.format.fields]
            if self._is_new("", row):
                break
        self.rows.append(row)
        for table in self.format.tables:
            self._link(table.id, facts, nth)

    def _link(self, table_id: str, facts: Facts, nth: int) -> None:
        """The rows of a table that belong to a main row: they carry its number."""
        for number in range(len(facts["parts"])):
            for _ in range(ATTEMPTS):
                values = facts | self._part(facts, number)
                row = [nth, *(self._value(column, values) for _, column in layout.columns(self.format, table_id))]
                if self._is_new(table_id, row):
                    self.tables[table_id].append(row)
                    break

    def _is_new(self, table_id: str, row: list[Value]) -> bool:
        """Whether no such row was made before; it counts as made from now on."""
        before = len(self.made)
        self.made.add((table_id, tuple(row)))
        return len(self.made) > before

    def _value(self, column: Field, facts: Facts) -> Value:
        if column.type == "note":
            return None
        if column.type == "table":
            return int(facts["nth"])
        if column.type == "update_date":
            update: Value = facts["update"]
            return update
        if column.type == "url":
            return f"https://transparencia.{facts['site']}/{facts['year']}/{column.id}/{facts['nth']:03d}-{facts['page']}.pdf"
        entries = _entries(column)
        if column.catalogue:
            return self._listed(column, [facts.get(name) for entry in entries[:1] for name in entry.facts])
        for entry in entries:
            value: Value = facts[entry.facts[0]] if entry.facts else self.chance.pick(entry.texts).format_map(facts)
            if isinstance(value, FITTING.get(column.type, str | int)):
                return value
        return self._by_type(column, facts)

    def _listed(self, column: Field, wanted: list[Any]) -> Value:
        """A value of the catalogue: what the row asks for where the list holds it, and rarely «otro»."""
        wishes = {plain(str(want)) for want in wanted if want}
        fitting = [value for value in column.catalogue if plain(value) in wishes]
        usual = [value for value in column.catalogue if not plain(value).startswith(("otr", "ningun", "no "))]
        return self.chance.pick(fitting or usual or column.catalogue)

    def _by_type(self, column: Field, facts: Facts) -> Value:
        chance = self.chance
        match column.type:
            case "date":
                ends = re.search("termino|conclusion|vencimiento|baja|respuesta", plain(column.name))
                signed = re.search("firma|contrato$|convocatoria|solicitud", plain(column.name))
                value: Value = facts["until" if ends else "signed" if signed else "since"]
                return value
            case "money":
                return chance.between(20, 900) * 100 + chance.below(100) / 100
            case "number":
                return chance.between(1, 40)
            case "year":
                return int(facts["year"])
            case "time":
                return time(chance.between(9, 14), 30)
            case "file":
                return f"documento-{facts['nth']:03d}.pdf"
        return f"Registro {facts['nth']:03d}"

    def _subject(self) -> Facts:
        subject = self.chance.pick(self.names["subjects"])
        return {**subject, "subject": subject["name"], "responsible": self.chance.pick(self.names["areas"])}

    def _period(self) -> Facts:
        """A closed period of the years in which the version was in use, with the two dates that go after it."""
        months = MONTHS[self.format.period]
        version = int(self.format.version) if self.format.version.isdecimal() else NEWEST_YEAR
        year = min(version + self.chance.below(4), NEWEST_YEAR)
        first_month = 1 + months * self.chance.below(12 // months)
        start = date(year, first_month, 1)
        end = date(year + (first_month + months > 12), (first_month + months - 1) % 12 + 1, 1) - timedelta(days=1)
        validation = end + timedelta(days=self.chance.between(5, 25))
        return {"year": year, "start": start, "end": end, "update": end, "validation": validation}

    def _facts(self, nth: int) -> Facts:
        """Everything that a row knows."""
        chance, names, common = self.chance, self.names, self.common
        kind, norm = self.norms[(nth - 1) % len(self.norms)]
        facts = common | {
            "nth": nth,
            "page": chance.between(100, 999),
            "area": chance.pick(names["areas"]),
            "boss_area": names["areas"][0],
            "article": chance.between(4, 60),
            "norm_kind": kind,
            "norm": norm.format_map(common),
            "degree": chance.pick(names["degrees"]),
            "studies": chance.pick(["Licenciatura", "Licenciatura", "Maestría", "Bachillerato"]),
            "good": chance.pick(names["goods"]),
            "service": chance.pick(names["services"]),
            "programme": chance.pick(names["programmes"]),
            "errand": chance.pick(names["errands"]),
            "city": chance.pick(names["cities"]),
            "few": chance.between(1, 3),
            "many": chance.between(5, 90) * 10,
            "no": "No",
            "allowance": "Viáticos",
            "national": "Nacional",
            "confirms": "Confirma",
            "unanimous": "Por unanimidad de votos",
            "free": "Ocupado",
            "running": "en ejecución",
            "direct": "Adjudicación directa",
            "matter": chance.pick(["Adquisiciones", "Servicios"]),
            "local": "Estatales",
            "member": "Servidor(a) público(a)",
            "member_new": "Persona servidora pública",
            "session": f"{chance.between(1, 12):02d}/{common['year']}",
            "request": f"{common['state_key']}{common['year']}{nth:06d}",
            "agreement": f"CT/{nth:03d}/{common['year']}",
            "file": f"EXP-{nth:03d}/{common['year']}",
            "contract": f"CON-{nth:03d}/{common['year']}",
        }
        facts |= self._person(common) | self._address(common, nth) | self._dates(common) | self._money()
        return self._part(facts, 0) | facts

    def _person(self, common: Facts) -> Facts:
        chance, names = self.chance, self.names
        her_post, his_post, level, gross = chance.pick(names["posts"])
        for _ in range(ATTEMPTS):
            woman = chance.below(2) == 0
            who = (chance.pick(names["women" if woman else "men"]), *(chance.pick(names["surnames"]) for _ in range(2)))
            if who not in self.people:
                break
        self.people.add(who)
        given, first, second = who
        return self._other() | {
            "given": given,
            "first_surname": first,
            "second_surname": second,
            "sex_short": "Mujer" if woman else "Hombre",
            "sex_long": "Femenino" if woman else "Masculino",
            "email": re.sub("[^a-z.@]", "", plain(f"{given.split()[0]}.{first}@")) + common["site"],
            "extension": str(chance.between(1001, 1999)),
            "phone": f"000 555 {chance.between(1000, 9999)}",
            "post": her_post if woman else his_post,
            "level": level,
            "gross": gross + 0.0,
            "net": _cents(gross * (0.86 - gross / 600_000)),
            "joined": date(common["year"] - chance.between(1, 5), chance.between(1, 12), chance.between(1, 28)),
        }

    def _other(self) -> Facts:
        """Somebody from outside: a supplier, a beneficiary."""
        chance, names = self.chance, self.names
        day = date(1960 + chance.below(40), chance.between(1, 12), chance.between(1, 28))
        return {
            "other_given": chance.pick(names["women"] + names["men"]),
            "other_first": chance.pick(names["surnames"]),
            "other_second": chance.pick(names["surnames"]),
            "company": chance.pick(names["companies"]),
            "rfc": f"FICT{day:%y%m%d}{chance.pick('ABCDEFGH')}{chance.below(10)}{chance.below(10)}",
        }

    def _address(self, common: Facts, nth: int) -> Facts:
        chance = self.chance
        return {
            "street_kind": chance.pick(["Calle", "Avenida"]),
            "street": chance.pick(self.names["streets"]),
            "outside": str(chance.between(100, 990)),
            "inside": f"Oficina {nth}",
            "neighbourhood_kind": "Colonia",
            "neighbourhood": chance.pick(self.names["neighbourhoods"]),
            "locality_key": "0001",
            "municipality_key": "999",
            "postcode": f"{common['state_key']}{chance.between(100, 999)}",
        }

    def _dates(self, common: Facts) -> Facts:
        """Dates in their order: signed ≤ since ≤ until ≤ end of the period."""
        chance, start = self.chance, common["start"]
        signed = start + timedelta(days=chance.between(2, 25))
        since = signed + timedelta(days=chance.between(1, 20))
        until = since + timedelta(days=chance.between(5, 30))
        published = date(common["year"] - chance.between(2, 8), chance.between(1, 12), chance.between(1, 28))
        back = since + timedelta(days=chance.below(3))
        return {
            "signed": signed,
            "since": since,
            "until": until,
            "published": published,
            "amended": published + timedelta(days=chance.between(30, 360)),
            "trip_out": since,
            "trip_back": back,
            "trip_report": back + timedelta(days=chance.between(3, 10)),
        }

    def _money(self) -> Facts:
        """Amounts in pesos that add up: a trip with its parts, a contract with its tax, a budget as it is spent."""
        chance = self.chance
        parts = tuple(chance.between(300, 3200) + chance.below(20) * 0.05 for _ in range(chance.between(1, 2)))
        amount = chance.between(40, 900) * 1000
        approved = chance.between(100, 4000) * 1000
        extended = chance.between(0, 50) * 1000
        accrued = _cents((approved + extended) * chance.between(60, 95) / 100)
        posts = chance.between(6, 30)
        free = chance.between(1, 5)
        return {
            "parts": tuple(_cents(part) for part in parts),
            "trip_total": _cents(sum(parts)),
            "trip_left": _cents(chance.between(0, 20) * 10),
            "companions_amount": _cents(chance.between(5, 40) * 100),
            "amount": _cents(amount),
            "amount_taxed": _cents(amount * VAT),
            "minimum": _cents(amount * 0.4),
            "maximum": _cents(amount * VAT),
            "guarantee": _cents(amount * 0.1),
            "approved": _cents(approved),
            "extended": _cents(extended),
            "modified": _cents(approved + extended),
            "committed": accrued,
            "accrued": accrued,
            "paid": _cents(accrued * 0.97),
            "unspent": _cents(approved + extended - accrued),
            "posts_all": posts,
            "posts_free": free,
            "posts_taken": posts - free,
        }

    def _part(self, facts: Facts, nth: int) -> Facts:
        """What the nth row of a table knows besides its main row: an amount of its own, and somebody else's offer."""
        part = facts["parts"][nth]
        key, expense = self.names["expenses"][nth]
        cheapest = nth == 0
        job = facts["year"] - 14 + 5 * nth  # each job ends before the next one begins
        offer = {name: facts[name] for name in ("company", "rfc")} if cheapest else self._other()
        bidder = facts | offer
        return offer | {
            "part": part,
            "gross": part,
            "net": _cents(part * 0.88),
            "expense_key": key,
            "expense": expense,
            "quote": _cents(facts["amount_taxed"] * (1 if cheapest else 1.08)),
            "given": bidder["other_given"],
            "first_surname": bidder["other_first"],
            "second_surname": bidder["other_second"],
            "job_from": f"{self.chance.between(1, 12):02d}/{job}",
            "job_to": f"{self.chance.between(1, 12):02d}/{job + self.chance.between(1, 4)}",
            "page": self.chance.between(100, 999),
        }


@cache
def _entries(column: Field) -> list[Entry]:
    name = plain(column.name)
    return [entry for entry in world().entries if entry.type in ("", column.type) and entry.match.search(name)]


def _cents(amount: float) -> float:
    return round(float(amount), 2)

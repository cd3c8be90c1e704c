"""The formats library: reading and checking beside reading alone, a workbook end to end, a bomb, a practice workbook."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median

import xlsxwriter

import config
from tests.bench.table import Row
from webapp.formats import guard, layout, practice
from webapp.formats.blank import fill
from webapp.formats.chance import Chance
from webapp.formats.checker import check_file
from webapp.formats.definitions import Library
from webapp.formats.fiction import invent
from webapp.formats.model import Unreadable
from webapp.formats.rules import read_rules

FORMATS = config.ROOT / "courses" / "_formats"
BIG_ROWS, BIG_COLUMNS, TYPICAL_ROWS = 100_000, 25, 200
MOST_TIMES, MOST_MEGABYTES = 1.5, 400
MOST_SECONDS, MOST_REFUSAL_SECONDS = 0.3, 0.05
RATIO = 300  # of the bomb: so many bytes out of one
ROUNDS = 5
BOMB_MEGABYTES = 60
TYPICAL = "lgtaip-2015-michoacan/2018/xii"
PRACTISED = (TYPICAL, "lgtaip-2015-michoacan/2018/viii")
BIG_FORMAT = "lgtaip-2015-michoacan/2018/xix"  # 25 columns, 2 tables
INVENTED_ROWS = 2_000  # of the big workbook; the others repeat them with another text

_READ = """
import sys
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
rows = sum(sum(1 for _ in book.get_sheet_by_name(name).iter_rows()) for name in book.sheet_names)
"""
_CHECK = """
import sys
from pathlib import Path
from webapp.formats.checker import check
from webapp.formats.definitions import Library
from webapp.formats.reader import read
from webapp.formats.rules import read_rules
folder = Path(sys.argv[2])
report = check(read(Path(sys.argv[1])), Library(folder).get(sys.argv[3]), read_rules(folder / "rules.yaml"))
rows = report.rows
"""
_COST = """
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(rows, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def measure(folder: Path) -> Iterator[Row]:
    """What is big in processes of its own, where its memory counts; the rest here."""
    folder.mkdir(parents=True, exist_ok=True)
    yield from _big(folder)
    library, rules = Library(FORMATS), read_rules(FORMATS / "rules.yaml")
    _ = library.formats
    for name in PRACTISED:
        format = library.get(name)
        made = partial(practice.make, format, 1, 5, rules, rows=TYPICAL_ROWS)
        path = folder / f"{format.fraction}.xlsx"
        path.write_bytes(made().workbook)
        yield _timed(f"practice workbook, {format.fraction}, {TYPICAL_ROWS} rows", made, MOST_SECONDS)
        check = partial(check_file, path, library, rules)
        yield _timed(f"{format.fraction}, {TYPICAL_ROWS} rows, answered by the child process", check, MOST_SECONDS)
    bomb = _bomb(folder / "bomb.xlsx")
    yield _timed(f"a {RATIO}:1 compressed file refused", partial(_refused, bomb), MOST_REFUSAL_SECONDS)


def _big(folder: Path) -> Iterator[Row]:
    """Reading and checking, and reading alone, in turns: CPU seconds and the most memory of a process of their own."""
    path = _big_workbook(folder / "big.xlsx")
    turns = [(_process(_CHECK, path), _process(_READ, path)) for _ in range(ROUNDS)]
    ours, alone = median(turn[0].cpu for turn in turns), median(turn[1].cpu for turn in turns)
    memory = max(turn[0].megabytes for turn in turns)
    yield Row(
        f"{BIG_ROWS:,} rows x {BIG_COLUMNS} columns read and checked",
        f"<= {MOST_TIMES:g} x calamine",
        f"{ours:.1f} CPU-s, calamine alone {alone:.1f}",
        ours <= MOST_TIMES * alone,
        f"{ours / alone:.2f}",
    )
    yield Row("memory of that check", f"<= {MOST_MEGABYTES} MB", f"{memory:.0f} MB", memory <= MOST_MEGABYTES)


@dataclass(frozen=True)
class _Spent:
    cpu: float
    megabytes: float


def _process(script: str, path: Path) -> _Spent:
    words = [sys.executable, "-c", script + _COST, str(path), str(FORMATS), BIG_FORMAT]
    done = subprocess.run(words, cwd=config.ROOT, capture_output=True, check=True, text=True)
    rows, cpu, kibibytes = done.stdout.split()
    if int(rows) < BIG_ROWS:
        raise RuntimeError(f"only {rows} rows were read")
    return _Spent(float(cpu), int(kibibytes) * 1024 / 1e6)


def _big_workbook(path: Path) -> Path:
    """A right workbook of so many rows, no two of them alike."""
    format = Library(FORMATS).get(BIG_FORMAT)
    filled = fill(format, invent(format, Chance("big"), rows=INVENTED_ROWS))
    if len(format.fields) != BIG_COLUMNS:
        raise RuntimeError(f"{BIG_FORMAT} has {len(format.fields)} columns")
    texts = [column for column, field in layout.columns(format) if field.type == "url"]
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        day = book.add_format({"num_format": 14})
        for sheet in filled.sheets.values():
            target = book.add_worksheet(sheet.name)
            rows = [list(row) for row in sheet.rows]
            if sheet.name == layout.MAIN_SHEET:
                data = rows[layout.FIRST_ROW :]
                rows = rows[: layout.FIRST_ROW] + [
                    [f"{value}?{n}" if at in texts else value for at, value in enumerate(data[n % len(data)])]
                    for n in range(BIG_ROWS)
                ]
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        target.write_datetime(number, column, value, day)
                    elif value is not None:
                        target.write(number, column, value)
    return path


def _bomb(path: Path) -> Path:
    """A workbook one part of which is compressed more than any real one is."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        noise = os.urandom(BOMB_MEGABYTES * 1_000_000 // RATIO - BOMB_MEGABYTES * 1_000)
        archive.writestr("xl/worksheets/sheet1.xml", noise + bytes(BOMB_MEGABYTES * 1_000_000 - len(noise)))
        packed = archive.getinfo("xl/worksheets/sheet1.xml")
    if packed.file_size < RATIO * packed.compress_size * 0.95:
        raise RuntimeError(f"the bomb is only {packed.file_size / packed.compress_size:.0f}:1")
    return path


def _refused(path: Path) -> None:
    try:
        guard.check_file(path)
    except Unreadable as refusal:
        if refusal.code == "too_compressed":
            return
    raise RuntimeError("the bomb was not refused")


def _timed(work: str, act: Callable[[], object], most: float) -> Row:
    """The middle of several rounds. CPU time of this process and its children decides; the clock is told beside it."""
    cpu, clock = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), _cpu()
        act()
        cpu.append(_cpu() - used)
        clock.append(time.perf_counter() - began)
    ours = f"{median(cpu) * 1000:.0f} CPU-ms, {median(clock) * 1000:.0f} by the clock"
    return Row(work, f"<= {most * 1000:g} ms", ours, median(cpu) <= most)


def _cpu() -> float:
    """User and system seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)

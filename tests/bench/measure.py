"""Measuring in turns: a batch of ours, a batch of the control, and so on; the median of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.bench.servers import Running

ROUNDS = 5
BATCH_CPU_SECONDS = 0.6  # the kernel counts in hundredths, so a batch must be long enough
CONTROL_BATCH = 2500

Act = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """CPU time per act in milliseconds, and per request of the control beside it."""

    ours: float
    control: float

    @property
    def ratio(self) -> float:
        return self.ours / self.control


def in_turns(ours: Running, act: Act, control: Running, bare: Act, warm_up: int = 60, batch: int = 0) -> Cost:
    """The cost of `act` on `ours` and of `bare` on `control`. `batch` acts at a time; 0: as many as are needed."""
    for _ in range(warm_up):
        act()
    size = batch or max(20, round(warm_up * BATCH_CPU_SECONDS / max(_spent(ours, act, warm_up), 0.01)))
    _spent(control, bare, CONTROL_BATCH // 5)
    pairs = [
        (_spent(ours, act, size) / size * 1000, _spent(control, bare, CONTROL_BATCH) / CONTROL_BATCH * 1000)
        for _ in range(ROUNDS)
    ]
    return Cost(median(pair[0] for pair in pairs), median(pair[1] for pair in pairs))


def _spent(server: Running, act: Act, times: int) -> float:
    """CPU seconds of `server` while `act` happens so often."""
    before = server.cpu_seconds()
    for _ in range(times):
        act()
    return server.cpu_seconds() - before

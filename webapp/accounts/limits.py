"""How often something may be tried, and how long things live. One table, so that nobody has to look for a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limit:
    """At most `uses` in each `window`."""

    uses: int
    window: timedelta


QUARTER = timedelta(minutes=15)

# A network is a /24 or a /64: a workshop room signs in through one address, so its limits are generous.
CODE_PER_ADDRESS = Limit(5, QUARTER)
CODE_PER_NETWORK = Limit(200, QUARTER)
CODE_TRY_PER_NETWORK = Limit(500, QUARTER)
# Nobody may lock another person out: the tight limit counts the pair of address and network.
PASSWORD_PER_ADDRESS_AND_NETWORK = Limit(10, QUARTER)
PASSWORD_PER_ADDRESS = Limit(100, timedelta(hours=1))
PASSWORD_PER_NETWORK = Limit(200, QUARTER)
RESET_PER_ADDRESS = Limit(5, timedelta(hours=1))
RESET_PER_NETWORK = Limit(60, QUARTER)
SECOND_FACTOR_PER_PERSON = Limit(10, QUARTER)  # reached only after the first factor
PASSKEY_PER_NETWORK = Limit(200, QUARTER)
SETUP_PER_NETWORK = Limit(10, QUARTER)

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
RESET_LIFE = timedelta(hours=1)
FRESH = timedelta(minutes=30)  # how long after proving who one is delicate things may be changed


@dataclass(frozen=True)
class SessionLimit:
    """When a session ends: `idle` after the last page, `absolute` after the sign-in."""

    idle: timedelta
    absolute: timedelta


LEARNER_SESSION = SessionLimit(timedelta(hours=12), timedelta(days=7))
STAFF_SESSION = SessionLimit(timedelta(minutes=30), timedelta(hours=12))
SEEN_EVERY = timedelta(minutes=1)  # how exactly the cookie remembers the last page

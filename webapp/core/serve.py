"""The web server with the application loaded before its workers begin: `python -m webapp.core.serve wsgi:app …`.

granian forks its workers. What is loaded before the fork lies in memory once for all of them, and a worker that has to
be started again answers at once. The arguments are granian's own; the application stands first.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module

from granian.cli import entrypoint

if __name__ == "__main__":
    import_module(sys.argv[1].partition(":")[0])
    gc.collect()
    gc.freeze()  # a collection in a worker would write to every object, and what is written to is no longer shared
    entrypoint()  # type: ignore[no-untyped-call]

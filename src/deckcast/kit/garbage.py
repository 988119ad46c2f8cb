"""To import this makes a process look for garbage seldom, and not at all when it ends.

Python looks after every 700 new objects, which imports alone make hundreds of times: a third of the time that a
command, or the server that its children are forked from, takes to start and to end.
"""

from __future__ import annotations

import atexit
import gc

EVERY = 50_000  # new objects

gc.set_threshold(EVERY)
atexit.register(gc.freeze)

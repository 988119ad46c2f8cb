"""How long to wait before trying again: exponential, with full jitter."""

from __future__ import annotations

import random


def full_jitter_s(tries: int, base_s: float = 1.0, cap_s: float = 20.0) -> float:
    """Seconds to wait after the `tries`-th failure (1, 2, …): evenly spread over 0 … min(cap, base · 2^tries)."""
    return random.uniform(0.0, min(cap_s, base_s * 2.0 ** min(tries, 32)))

"""Where results come from, and where they are kept."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """Where and from what the numbers come; the load is that of the last five minutes."""
    return {
        "commit": _git("rev-parse", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--untracked-files=no", "--", "src")),
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[1], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "av": importlib.metadata.version("av"),
    }


def keep(what: str, results: Any) -> Path:
    """Write bench/results/<what>-<date>.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{what}-{time.strftime('%Y-%m-%d', time.gmtime())}.json"
    path.write_text(json.dumps({"machine": machine(), "results": results}, indent=1) + "\n")
    return path


def _git(*words: str) -> str:
    asked = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor()

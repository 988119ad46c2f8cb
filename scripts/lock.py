"""Write requirements.lock (exact versions with hashes) from pyproject.toml, or check that it is in step.

python scripts/lock.py            resolve anew, keeping the present versions where they still fit
python scripts/lock.py --upgrade  take the newest versions
python scripts/lock.py --check    compare with pyproject.toml only; needs no network
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
MARK = "# made by `make lock` from pyproject.toml, whose requirements have the digest "


def digest() -> str:
    """Hash of everything in pyproject.toml that the lock file is made from."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        project["project"]["requires-python"],
        project["project"]["dependencies"],
        project["project"]["optional-dependencies"],
        project["dependency-groups"]["dev"],
    ]
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:16]


def write(*, upgrade: bool) -> None:
    """Resolve for every platform and Python from 3.11 on; no address gets into the file."""
    own = ROOT / ".uv" / "bin" / "uv"
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv is None:
        sys.exit("lock: uv is missing. Run `make setup` first.")
    command = [uv, "pip", "compile", "pyproject.toml", "--all-extras", "--group", "dev"]
    command += [
        "--universal",
        "-p",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "-q",
        "-o",
        LOCK.name,
    ]
    subprocess.run(command + (["--upgrade"] if upgrade else []), cwd=ROOT, check=True)
    LOCK.write_text(f"{MARK}{digest()}\n{LOCK.read_text()}")


def check() -> None:
    """Exit with a sentence where pyproject.toml was changed after the lock file was made."""
    first = LOCK.read_text().split("\n", 1)[0] if LOCK.exists() else ""
    if first != MARK + digest():
        sys.exit("requirements.lock is not in step with pyproject.toml. Run `make lock` and commit it.")


if __name__ == "__main__":
    if "--check" in sys.argv:
        check()
    else:
        write(upgrade="--upgrade" in sys.argv)

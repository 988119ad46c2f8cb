"""Keeps web/src/api/openapi.json, from which the page's types are made, as the API describes itself.

python scripts/schema.py            writes it
python scripts/schema.py --check    fails where it is not what the API says today
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from deckcast.api.app import create_app
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context

KEPT = Path(__file__).parents[1] / "web" / "src" / "api" / "openapi.json"


async def description() -> str:
    """What the API says of itself, as it is kept."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_context(Settings(data_dir=Path(folder), _env_file=None)) as parts:  # type: ignore[call-arg]
            described = create_app(parts).openapi()
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write or check."""
    said = asyncio.run(description())
    if "--check" not in sys.argv:
        KEPT.write_text(said)
        return 0
    if KEPT.read_text() == said:
        return 0
    sys.stderr.write("The API has changed: run scripts/schema.py, then `npm run types` in web/.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

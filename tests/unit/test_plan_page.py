"""What docs/plan.md names is there."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from deckcast.kit.settings import Settings

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "docs" / "plan.md").read_text(encoding="utf-8")


def named_files() -> list[str]:
    """Files in the page's rows; one without a folder lies in that of the file before it."""
    found = []
    for row in PAGE.splitlines():
        folder = ""
        for name in re.findall(r"`([a-z_/]+\.py)`", row):
            folder = name.rpartition("/")[0] or folder
            found.append(name if "/" in name or not folder else f"{folder}/{name}")
    return found


def test_every_file_is_there() -> None:
    files = named_files()
    assert len(files) > 15
    assert [name for name in files if not (HOUSE / "src" / "deckcast" / name).is_file()] == []


def test_every_route_is_there() -> None:
    routes = re.findall(r"/api(/[a-z/{}-]+[a-z}])", PAGE) + re.findall(r"`…(/[a-z-]+)`", PAGE)
    source = "".join(path.read_text(encoding="utf-8") for path in (HOUSE / "src/deckcast/api").glob("*.py"))
    assert len(routes) > 6
    assert [route for route in routes if f'/{route.rpartition("/")[2]}"' not in source] == []


def test_every_setting_is_there() -> None:
    settings = [name.lower().split("__") for name in re.findall(r"`DECKCAST_([A-Z_]+)", PAGE)]
    assert len(settings) > 4
    for path in settings:
        model: type[BaseModel] = Settings
        for name in filter(None, path):
            field = model.model_fields[name]
            kind = field.annotation
            model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else model

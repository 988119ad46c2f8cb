"""A wheel without the page is not built; an install from the sources needs none."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_wheel_needs_the_page(tmp_path: Path) -> None:
    check = hook().check_page
    with pytest.raises(RuntimeError, match=r"scripts/web\.sh"):
        check(tmp_path, "standard")
    check(tmp_path, "editable")
    page = tmp_path / hook().PAGE
    page.parent.mkdir(parents=True)
    page.write_text("<!doctype html>")
    check(tmp_path, "standard")


def test_the_build_asks_it_and_takes_the_page() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["hooks"]["custom"]["path"] == "hatch_build.py"
    assert build["artifacts"] == ["src/deckcast/web_page/**"]

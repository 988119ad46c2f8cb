"""The house in order: links lead somewhere, help is complete, no registry is named, files can be read."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
# Written in pieces so that this file does not hold what it looks for.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("files", "pythonhosted", "org"),
        ("pypi", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]
REGISTRY_SETTINGS = ["--index" + "-url", "--extra-index" + "-url", "--find" + "-links", '"resolved"' + ": "]


@cache
def tracked() -> list[Path]:
    """Every file under version control that is there now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The file's text, empty where it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def pages() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def anchors(page: Path) -> set[str]:
    """The names that a heading gets as a link target."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_in_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'<img[^>]+src="([^"]+)"', text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_make_help_lists_every_target() -> None:
    makefile = text_of(ROOT / "Makefile")
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[1] for line in said.splitlines() if line.startswith("  make ")] == targets
    assert len(targets) <= 12


def test_nothing_names_a_registry() -> None:
    naming = {
        str(path.relative_to(ROOT)): [
            word for word in REGISTRIES + REGISTRY_SETTINGS if word in text_of(path)
        ]
        for path in tracked()
    }
    assert {name: words for name, words in naming.items() if words} == {}


def test_the_lock_file_holds_versions_and_hashes_only() -> None:
    lines = text_of(ROOT / "requirements.lock").splitlines()
    shape = re.compile(r"#.*|[a-z0-9._-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not shape.fullmatch(line)] == []


def test_python_files_are_short_enough_to_read() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(text_of(path).splitlines())
        for path in tracked()
        if path.suffix == ".py" and "migrations" not in path.parts  # a migration is what it is
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_pages_name_every_error_and_warning_of_decks() -> None:
    page = "".join(text_of(ROOT / "docs" / name) for name in ("decks.md", "errors.md"))
    source = "".join(text_of(path) for path in sorted((ROOT / "src/deckcast/decks").glob("*.py")))
    codes = re.findall(r'"(deck_[a-z_]+|[a-z]+_missing)"', source) + re.findall(
        r'Warning\(\s*"([a-z_]+)"', source
    )
    assert len(codes) > 10
    assert sorted({code for code in codes if f"`{code}`" not in page}) == []


def test_the_readme_names_every_command_and_option() -> None:
    import typer.main

    from deckcast.cli.app import app

    readme = text_of(ROOT / "README.md")
    commands = typer.main.get_command(app).commands
    options = [
        option for param in commands["make"].params for option in param.opts if option.startswith("--")
    ]
    wanted = [f"deckcast {name}" for name in commands] + options
    assert [word for word in wanted if not re.search(rf"{re.escape(word)}\b", readme)] == []

"""Decks to PDF (or to .pptx) through LibreOffice, which is told to fetch nothing and run nothing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

from deckcast.decks.formats import Kind
from deckcast.decks.sandbox import MIB, Job, Limits, inside, run_locked_in
from deckcast.kit.errors import DeckError, MachineError

_MEMORY_BYTES = 4096 * MIB
_FILTERS_IN = {
    Kind.PPTX: "Impress MS PowerPoint 2007 XML",
    Kind.STRICT: "Impress MS PowerPoint 2007 XML",
    Kind.PPSX: "Impress MS PowerPoint 2007 XML AutoPlay",
    Kind.POTX: "Impress MS PowerPoint 2007 XML Template",
    Kind.PPT: "MS PowerPoint 97",
    Kind.ODP: "impress8",
}
# Scaling pictures down takes LibreOffice five times as long as all the rest, so it is left out.
_PDF_OPTIONS = {
    "ExportHiddenSlides": {"type": "boolean", "value": "true"},
    "ExportNotes": {"type": "boolean", "value": "false"},  # reviewers' comments
    "Quality": {"type": "long", "value": "95"},
    "ReduceImageResolution": {"type": "boolean", "value": "false"},
}
_TO_PDF = f"pdf:impress_pdf_Export:{json.dumps(_PDF_OPTIONS)}"
_TO_PPTX = "pptx:Impress MS PowerPoint 2007 XML"
_PROFILE = {
    "/org.openoffice.Office.Common/Security/Scripting": {
        "BlockUntrustedRefererLinks": "true",
        "CheckDocumentEvents": "true",
        "DisableActiveContent": "true",
        "DisableMacrosExecution": "true",
        "DisableOLEAutomation": "true",
        "MacroSecurityLevel": "3",
    },
    "/org.openoffice.Office.Common/Save/Document": {"LoadPrinter": "false"},
    "/org.openoffice.Setup/Office": {"ooSetupInstCompleted": "true"},
}
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
{folders}
  <!-- Colour bitmap fonts vanish from PDFs; Symbola draws the same signs as outlines. -->
  <selectfont><rejectfont>
    <pattern><patelt name="family"><string>Noto Color Emoji</string></patelt></pattern>
    <pattern><patelt name="family"><string>Apple Color Emoji</string></patelt></pattern>
    <pattern><patelt name="family"><string>Twemoji</string></patelt></pattern>
  </rejectfont></selectfont>
</fontconfig>
"""


def soffice_path() -> Path | None:
    """LibreOffice's own starter, or None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return Path(found).resolve() if found else None


def require_soffice() -> Path:
    """Like `soffice_path`; raises MachineError converter_missing where there is none."""
    found = soffice_path()
    if found is None:
        raise MachineError(
            "converter_missing",
            "LibreOffice, which draws the slides, is not installed.",
            next_step="Run `sudo apt-get install libreoffice-impress`, or save the deck as PDF and use that.",
        )
    return found


def user_font_folders() -> list[Path]:
    """The person's own fonts, seen by LibreOffice beside the system's."""
    home = Path.home()
    folders = [home / ".fonts", home / ".local/share/fonts", Path("/usr/local/share/fonts")]
    return [folder for folder in folders if folder.is_dir()]


def to_pdf(deck: Path, kind: Kind, work: Path, timeout_s: float, *, sandboxed: bool) -> Path:
    """Draw every slide, hidden ones too, as one page; returns the PDF, in a fresh folder below `work`.

    Raises DeckError (deck_out_of_time, deck_not_rendered), MachineError (converter_missing).
    """
    return _convert(deck, kind, _TO_PDF, work / "pdf", timeout_s, sandboxed=sandboxed)


def to_pptx(deck: Path, kind: Kind, work: Path, timeout_s: float, *, sandboxed: bool) -> Path:
    """Turn a deck of another format into .pptx, to read its text; errors as in `to_pdf`."""
    return _convert(deck, kind, _TO_PPTX, work / "pptx", timeout_s, sandboxed=sandboxed)


def _convert(deck: Path, kind: Kind, target: str, work: Path, timeout_s: float, *, sandboxed: bool) -> Path:
    soffice = require_soffice()
    deck, work = deck.resolve(), work.resolve()
    settings, out = work / "settings", work / "out"
    profile = settings / "profile" / "user"
    for folder in (profile, out):
        folder.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_profile_xml())
    fonts = user_font_folders()
    seen_fonts = [inside(folder, f"/fonts/{i}", sandboxed=sandboxed) for i, folder in enumerate(fonts)]
    (settings / "fonts.conf").write_text(_fonts_xml(seen_fonts))
    source = inside(deck, f"/in/deck.{kind.value.rsplit('.', 1)[-1]}", sandboxed=sandboxed)
    seen_settings = inside(settings, "/settings", sandboxed=sandboxed)
    command = [
        str(soffice),
        f"-env:UserInstallation=file://{seen_settings}/profile",
        "--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nologo",
        f"--infilter={_FILTERS_IN[kind]}",
        "--convert-to", target,
        "--outdir", inside(out, "/out", sandboxed=sandboxed),
        source,
    ]  # fmt: skip
    job = Job(
        command,
        Limits(timeout_s, memory_bytes=_MEMORY_BYTES),
        reads={deck: source} | {folder: f"/fonts/{i}" for i, folder in enumerate(fonts)},
        writes={settings: "/settings", out: "/out"},
        environment={
            "FONTCONFIG_FILE": f"{seen_settings}/fonts.conf",
            "HOME": seen_settings,
            "SAL_USE_VCLPLUGIN": "svp",
            "OMP_NUM_THREADS": "1",
        },
    )
    ended = run_locked_in(job, sandboxed=sandboxed)
    if ended.status is None:
        raise _out_of_time(deck, timeout_s)
    made = sorted(out.glob("*.pdf" if target == _TO_PDF else "*.pptx"))
    if not made or made[0].is_symlink() or made[0].stat().st_size == 0:
        raise _not_rendered(deck, ended.said)
    return made[0]


def _out_of_time(deck: Path, timeout_s: float) -> DeckError:
    return DeckError(
        "deck_out_of_time",
        f"LibreOffice took longer than {timeout_s:.0f} s to draw {deck.name} and was stopped.",
        next_step="Raise DECKCAST_LIMITS__CONVERT_TIMEOUT_S, split the deck, or save it as PDF and use that.",
        retryable=True,
    )


def _not_rendered(deck: Path, said: str) -> DeckError:
    lines = [line for line in said.splitlines() if re.search(r"error|failed|source file|cannot", line, re.I)]
    lines = [line for line in lines if "javaldx" not in line]
    reason = f" ({lines[-1].strip()[:200]})" if lines else ""
    return DeckError(
        "deck_not_rendered",
        f"LibreOffice could not draw {deck.name}{reason}.",
        next_step="Save the deck as PDF in PowerPoint and use that.",
    )


def _profile_xml() -> str:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, properties in _PROFILE.items()
        for name, value in properties.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{items}</oor:items>\n"
    )


def _fonts_xml(folders: list[str]) -> str:
    return _FONTS.format(folders="".join(f"  <dir>{escape(folder)}</dir>\n" for folder in folders))

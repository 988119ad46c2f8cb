"""A small deck that is really read, to see whether decks can be opened at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deckcast.decks.elsewhere import read_elsewhere
from deckcast.decks.service import read_deck
from deckcast.kit.settings import DeckSettings, Settings

WAIT_S = 10.0
_OBJECTS = (
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] /Contents 4 0 R"
    b" /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
    b"<< /Length 37 >>\nstream\nBT /F 40 Tf 60 400 Td (Canary) Tj ET \nendstream",
)


def canary() -> bytes:
    """A PDF of one page."""
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(_OBJECTS, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(content)
    return content + b"xref\n0 5\n0000000000 65535 f \n" + table + end


async def try_deck(folder: Path, settings: Settings) -> None:
    """Read a small deck as every deck is read here. Raises DeckcastError as `read_deck` and `read_elsewhere`."""
    deck = folder / "canary.pdf"
    deck.write_bytes(canary())
    if settings.decks.converter_dir is None:
        await asyncio.to_thread(
            read_deck, deck, folder / "pictures", settings.limits, folder, settings.allow_unsandboxed
        )
        return
    patience = DeckSettings(converter_dir=settings.decks.converter_dir, converter_wait_s=WAIT_S)
    await read_elsewhere(deck, folder / "pictures", settings.limits, patience)

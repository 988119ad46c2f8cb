"""Files of older attempts go after a while; what is in use stays, and what was removed can be made again."""

from __future__ import annotations

from pathlib import Path

from command import Machine, grow_old
from conftest import long
from decks import change_note, write_deck


def published(machine: Machine) -> set[Path]:
    return {path for path in (machine.data_dir / "assets" / "slides").rglob("*") if path.is_file()}


@long
def test_old_attempts_are_removed_and_nothing_in_use_is(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    deck = write_deck(tmp_path / "deck.pptx", ["The first one.", "The second one."])
    assert machine.make(deck).status == 0
    first = published(machine)
    change_note(deck, 1, "The first one, in other words.")
    assert machine.make(deck).status == 0
    assert first < published(machine)  # an old attempt stays for a while
    grow_old(machine, 40)
    change_note(deck, 2, "The second one, in other words.")
    ran = machine.make(deck)
    assert (ran.status, [slide["reused"] for slide in ran.result["slides"]]) == (0, [True, False])
    kept = published(machine)
    assert len(kept) == len(first)  # speech, avatar video and clip of each slide, and nothing else
    assert all(Path(slide["video"]).is_file() for slide in ran.result["slides"])
    change_note(deck, 1, "The first one.")
    assert machine.make(deck).result["state"] == "completed"

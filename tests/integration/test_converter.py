"""Decks that a converter opens in another process, by way of a shared folder; and the fence around what opens them."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api_client import Process
from command import Machine
from conftest import long, missing
from deckcast.decks import converter as converting
from deckcast.decks import elsewhere, fence, spool
from deckcast.decks.converter import Converter
from deckcast.decks.elsewhere import read_elsewhere
from deckcast.decks.models import Deck, Slide
from deckcast.decks.sandbox import Job, Limits, run_locked_in
from deckcast.decks.service import read_deck
from deckcast.kit.errors import DeckError, WorkError
from deckcast.kit.settings import DeckSettings, LimitSettings
from decks_for_tests import pdf_text, plain_deck, raw_pdf, require_deck_tools

LIMITS = LimitSettings(convert_timeout_s=60)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "shared"


@contextmanager
def converter_of(machine: Machine, shared: Path, **settings: str) -> Iterator[Process]:
    """A converter of its own, as a process."""
    own = {"DECKCAST_DECKS__CONVERTER_DIR": str(shared), **settings}
    process = Process(Machine(machine.folder, {**machine.settings, **own}, machine.mark), "converter")
    try:
        yield process
    finally:
        process.end()


@contextmanager
def converter_here(shared: Path, folder: Path) -> Iterator[Converter]:
    """A converter of this process."""
    stop = threading.Event()
    here = Converter(shared, folder / "scratch")
    running = threading.Thread(target=here.run, args=(stop,))
    running.start()
    try:
        yield here
    finally:
        stop.set()
        running.join()


def read(path: Path, shared: Path, out: Path, wait_s: float = 60) -> Deck:
    settings = DeckSettings(converter_dir=shared, converter_wait_s=wait_s)
    return asyncio.run(read_elsewhere(path, out, LIMITS, settings))


def left_in(shared: Path) -> list[str]:
    """What lies in the spool, but for who is alive."""
    found = [path.relative_to(shared) for path in shared.rglob("*")]
    return [
        str(path)
        for path in found
        if path.parts[0] != "alive" and len(path.parts) > 1 + (path.parts[0] == "work")
    ]


def talk(folder: Path) -> Path:
    return raw_pdf(folder / "My talk.pdf", [pdf_text(words, 60, 60) for words in ("One.", "Two.")])


def test_a_converter_reads_as_one_would_here(machine: Machine, shared: Path, tmp_path: Path) -> None:
    require_deck_tools()
    path = plain_deck(tmp_path / "Plain deck.pptx")
    broken = tmp_path / "Broken.pptx"
    broken.write_bytes(path.read_bytes()[:2000])
    with converter_of(machine, shared) as converter:
        there = read(path, shared, tmp_path / "there")
        with pytest.raises(DeckError) as refused:
            read(broken, shared, tmp_path / "none")
        assert (refused.value.code, "Broken.pptx" in refused.value.message) == ("deck_broken", True)
        assert left_in(shared) == []
        assert converter.stop() == 0
    here = read_deck(path, tmp_path / "here", LIMITS, tmp_path / "scratch")
    assert there.slides[0].image == tmp_path / "there" / here.slides[0].image.name  # type: ignore[union-attr]
    assert pictures(there) == pictures(here)
    assert without_places(there) == without_places(here)
    assert (spool.names_in(shared / "work"), spool.names_in(shared / "alive")) == ([], [])
    assert machine.leftovers() == []


def pictures(deck: Deck) -> list[bytes]:
    return [slide.image.read_bytes() for slide in deck.slides if slide.image]


def without_places(deck: Deck) -> object:
    from dataclasses import replace

    return replace(deck, slides=tuple(replace(slide, image=None) for slide in deck.slides))


@long
def test_a_deck_is_imported_by_a_converter(machine: Machine, shared: Path, tmp_path: Path) -> None:
    """`estimate` reads the deck; what it would have read with is not there."""
    with converter_of(machine, shared):
        machine.settings |= {"DECKCAST_DECKS__CONVERTER_DIR": str(shared), "PATH": str(tmp_path / "nothing")}
        estimated = machine.run("estimate", talk(tmp_path), "--json")
    assert estimated.status == 0, estimated.stderr
    assert estimated.result["duration_s"] > 0
    assert left_in(shared) == []


def test_without_a_converter_it_is_said_after_a_while(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkError) as away:
        read(talk(tmp_path), shared, tmp_path / "out", wait_s=0.3)
    assert (away.value.code, away.value.retryable) == ("converter_away", True)
    assert left_in(shared) == []


def no_bubblewrap(folder: Path) -> dict[str, str]:
    """A PATH on which everything is but bubblewrap."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            (programs / name).symlink_to(Path(found).resolve())
    return {"PATH": str(programs)}


def test_a_converter_that_could_reach_a_network_does_not_start(
    machine: Machine, shared: Path, tmp_path: Path
) -> None:
    if not converting.has_network():
        pytest.skip("there is no network here")
    machine.settings |= {"DECKCAST_DECKS__CONVERTER_DIR": str(shared), **no_bubblewrap(tmp_path)}
    refused = machine.run("converter")
    assert refused.status == 1
    assert "(converter_exposed)" in refused.stderr


@long
def test_a_converter_without_network_and_without_bubblewrap_reads(
    machine: Machine, shared: Path, tmp_path: Path
) -> None:
    """As in a container whose network is shut off."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        missing("bubblewrap is not installed")
    require_deck_tools()
    path = plain_deck(tmp_path / "plain.pptx")
    settings = {"DECKCAST_DECKS__CONVERTER_DIR": str(shared), **no_bubblewrap(tmp_path)}
    apart = Machine(machine.folder, {**machine.settings, **settings}, machine.mark)
    alone = ["--dev-bind", "/", "/", "--unshare-net", "--unshare-pid", "--die-with-parent", "--proc", "/proc"]
    command = [bubblewrap, *alone, sys.executable, "-m", "deckcast", "converter"]
    start = f"import os; os.execv({bubblewrap!r}, {command!r})"
    script = tmp_path / "alone.py"
    script.write_text(start)
    process = apart.start(script=script)
    try:
        deck = read(path, shared, tmp_path / "out")
        assert deck.slides[0].image is not None
        assert deck.warnings == read_deck(path, tmp_path / "here", LIMITS, tmp_path / "scratch").warnings
    finally:
        process.kill()
        process.communicate()
    assert list(Path("/tmp").glob("OSL_PIPE_*")) == []


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    waited_from = time.monotonic()
    while not condition():
        assert time.monotonic() - waited_from < 20, f"never: {what}"
        time.sleep(0.01)


def put(shared: Path, path: Path, converter: str | None, deaths: int = 0) -> Path:
    """A deck that waits, or that a converter had in hand when it died."""
    elsewhere._put(shared, "deck_1", path, LIMITS)
    job = shared / "jobs" / "deck_1"
    if converter is not None:
        (shared / "work" / converter).mkdir()
        job = job.rename(shared / "work" / converter / "deck_1")
    if deaths:
        (job / "deaths").write_text(str(deaths))
    return job


def test_what_a_dead_converter_had_in_hand_is_done_by_another(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "DEAD_AFTER_S", 0.2)
    monkeypatch.setattr(converting, "SWEEP_S", 0.05)
    put(shared, talk(tmp_path), "dead")
    with converter_here(shared, tmp_path):
        until(lambda: (shared / "done" / "deck_1").exists(), "the deck was read")
        deck = elsewhere._fetched(shared, "deck_1", tmp_path / "My talk.pdf", tmp_path / "out")
    assert [slide.number for slide in deck.slides] == [1, 2]
    assert not (shared / "work" / "dead").exists()


def test_a_deck_that_kills_converters_is_refused(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "DEAD_AFTER_S", 0.2)
    monkeypatch.setattr(converting, "SWEEP_S", 0.05)
    put(shared, talk(tmp_path), "dead", deaths=1)
    with converter_here(shared, tmp_path):
        until(lambda: (shared / "done" / "deck_1").exists(), "the deck was refused")
    with pytest.raises(DeckError) as refused:
        elsewhere._fetched(shared, "deck_1", tmp_path / "My talk.pdf", tmp_path / "out")
    assert refused.value.code == "deck_broken"
    assert "made the converter crash" in refused.value.message


def test_who_gives_up_leaves_nothing(shared: Path, tmp_path: Path) -> None:
    spool.prepared(shared)

    async def given_up() -> None:
        settings = DeckSettings(converter_dir=shared)
        reading = asyncio.create_task(read_elsewhere(talk(tmp_path), tmp_path / "out", LIMITS, settings))
        while not spool.names_in(shared / "jobs"):
            await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(given_up())
    assert left_in(shared) == []


def answered(shared: Path, slide: Slide) -> Path:
    done = spool.prepared(shared) / "done" / "deck_1"
    done.mkdir()
    answer = spool.SpooledAnswer(deck=Deck("Title", "en", (slide,)))
    (done / "answer.json").write_bytes(spool.ANSWER.dump_json(answer))
    return done


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "a.png", "b.png", "c.png", "d.svg"])
def test_an_answer_cannot_name_what_is_not_its_own(shared: Path, tmp_path: Path, name: str) -> None:
    done = answered(shared, Slide(1, "k", "t", image=Path(name)))
    (tmp_path / "secret.png").write_bytes(b"secret")
    (done / "a.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(done / "b.png")
    (done / "d.svg").write_bytes(b"<svg/>")
    deck = elsewhere._fetched(shared, "deck_1", tmp_path / "x.pdf", tmp_path / "out")
    assert deck.slides[0].image is None
    assert list((tmp_path / "out").iterdir()) == []


def test_an_answer_that_is_none_means_a_broken_deck(shared: Path, tmp_path: Path) -> None:
    done = answered(shared, Slide(1, "k", "t"))
    for content in (b"{}", b"[]", b"{"):
        (done / "answer.json").write_bytes(content)
        with pytest.raises(DeckError) as refused:
            elsewhere._fetched(shared, "deck_1", tmp_path / "x.pdf", tmp_path / "out")
        assert refused.value.code == "deck_broken"
    (done / "answer.json").unlink()
    (done / "answer.json").symlink_to("/etc/hostname")
    with pytest.raises(DeckError):
        elsewhere._fetched(shared, "deck_1", tmp_path / "x.pdf", tmp_path / "out")


@pytest.mark.skipif(not fence.version(), reason="this kernel has no Landlock")
def test_behind_the_fence_are_no_network_and_no_files_of_ours(tmp_path: Path) -> None:
    secret, mine = tmp_path / "secret.txt", tmp_path / "mine"
    secret.write_text("harbour-secret")
    mine.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = (
            f"cat {secret} /etc/passwd /proc/{os.getpid()}/environ; ls {tmp_path} /home /root; touch {tmp_path}/x;"
            f"(exec 3<>/dev/tcp/127.0.0.1/{port}) && echo CONNECTED; kill -0 {os.getpid()} && echo SIGNALLED;"
            f"echo fine > {mine}/written; cat {mine}/written; echo > /dev/null && echo null"
        )
        ended = run_locked_in(
            Job(["/bin/bash", "-c", script], Limits(20), writes={mine: "/mine"}), sandboxed=False
        )
    for word in ("harbour-secret", "root:", "DECKCAST", "PATH=", "CONNECTED"):
        assert word not in ended.said
    assert ("SIGNALLED" in ended.said) is (fence.version() < 6)
    assert ended.said.splitlines()[-2:] == ["fine", "null"]
    assert not (tmp_path / "x").exists()

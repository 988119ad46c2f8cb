"""Several workers, each on a machine of its own, share PostgreSQL and a bucket: one is killed, one is frozen and wakes,
one is asked to stop; nothing is lost, nothing is paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api_client import Server, server_of
from conftest import long
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import NOTES, assert_paid_once, heygen
from workers_world import Fleet, fleet_of, freeze, wake

SLIDES = 4
AT_IT = "SELECT count(*) FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id = %s"
AT_PROVIDER = "SELECT count(*) FROM avatar_videos WHERE status = 'processing'"
SLOW = {"speed": 50.0, "render_from_s": 400.0, "render_to_s": 500.0}


@pytest.fixture
def fleet(tmp_path: Path, postgres_url: str, bucket_settings: dict[str, str]) -> Iterator[Fleet]:
    with fleet_of(tmp_path, postgres_url, bucket_settings) as fleet:
        yield fleet


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return raw_pdf(tmp_path / "talk.pdf", [pdf_text(note, 60, 60) for note in NOTES[:SLIDES]])


def ordered(server: Server, presentation_id: str, provider: str = "heygen") -> str:
    path = f"/api/presentations/{presentation_id}/generate-all-avatar-videos"
    return str(server.post(path, provider=provider, layout="corner")["batchId"])


def test_one_is_killed_and_the_other_goes_on(fleet: Fleet, deck: Path) -> None:
    front = fleet.machine("front")
    with heygen(front, **SLOW) as account, server_of(front, "--no-worker") as server:
        first = fleet.worker("first")
        dead = fleet.of(first)
        shown = server.imported(deck)
        batch_id = ordered(server, shown["id"])
        fleet.until(lambda: fleet.value(AT_PROVIDER), "one was at the provider")
        assert fleet.value(AT_IT, dead)
        first.kill(group=True)
        second = fleet.worker("second")
        fleet.until(lambda: fleet.value(AT_IT, dead) == 0, "its work was taken over")
        assert dead not in fleet.ids()
        assert server.ended(batch_id)["completed"] == SLIDES
        assert_paid_once(account, SLIDES)
        assert second.stop() == 0
        assert fleet.ids() == set()
        assert server.get("/readyz", 200)["working"] is False


@long
def test_one_is_frozen_and_wakes_and_another_is_asked_to_stop(fleet: Fleet, deck: Path) -> None:
    front = fleet.machine("front")
    with heygen(front, **SLOW) as account, server_of(front, "--no-worker") as server:
        frozen = fleet.worker("first")
        shown = server.imported(deck)
        batch_id = ordered(server, shown["id"])
        fleet.until(lambda: fleet.value(AT_PROVIDER), "one was at the provider")
        held_for_dead = fleet.of(frozen)
        freeze(frozen)
        others = [fleet.worker("second"), fleet.worker("third")]
        fleet.until(lambda: held_for_dead not in fleet.ids(), "it was held for dead")
        fleet.until(lambda: fleet.value(AT_IT, held_for_dead) == 0, "its work was taken over")
        wake(frozen)
        fleet.until(lambda: not frozen.lives, "it ended")
        # PostgreSQL hangs up on who stands still in mid transaction, so it may learn it in another way
        assert "(taken_over)" in frozen.output() or "(database_unreachable)" in frozen.output()
        assert "Traceback" not in frozen.output()
        keeper = fleet.value("SELECT about->>'pid' FROM workers w JOIN batches b ON b.worker_id = w.id")
        stopped, left = sorted(others, key=lambda each: str(each.pid) != keeper)
        gives_back = fleet.of(stopped)
        assert stopped.stop() == 0
        assert fleet.value(AT_IT, gives_back) == 0
        assert gives_back not in fleet.ids()
        assert server.ended(batch_id)["completed"] == SLIDES
        assert fleet.value("SELECT worker_id FROM batches") == fleet.of(left)
        assert_paid_once(account, SLIDES)
        assert left.stop() == 0
        assert [path for worker in fleet.workers[1:] for path in worker.machine.leftovers()] == []

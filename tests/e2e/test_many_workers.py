"""Several workers, each on a machine of its own, share PostgreSQL and a bucket: one is killed, one is frozen and wakes,
one is asked to stop; nothing is lost, nothing is paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api_client import Server, server_of
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import NOTES, assert_paid_once, heygen
from workers_world import Fleet, fleet_of

SLIDES = 4
SLOW = {"speed": 100.0, "render_from_s": 400.0, "render_to_s": 400.0}


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
        at_it = "SELECT count(*) FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id = %s"
        fleet.until(
            lambda: fleet.value("SELECT count(*) FROM avatar_videos WHERE status = 'processing'") == SLIDES,
            "all were at the provider",
        )
        assert fleet.value(at_it, dead) >= SLIDES
        second = fleet.worker("second")
        first.kill(group=True)
        fleet.until(lambda: fleet.value(at_it, dead) == 0, "its work was taken over")
        assert dead not in fleet.ids()
        assert server.ended(batch_id)["completed"] == SLIDES
        assert_paid_once(account, SLIDES)
        assert second.stop() == 0
        assert fleet.ids() == set()
        assert server.get("/readyz", 200)["working"] is False

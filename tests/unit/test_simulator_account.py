"""A simulated video's states and cost follow from the time; the journal gives the same account again."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from deckcast.simulators.heygen.account import Account
from deckcast.simulators.heygen.models import Endpoint, Reply, Video
from deckcast.simulators.heygen.switches import Switches, switches_from


def video(name: str = "v", **given: Any) -> Video:
    usual: dict[str, Any] = {
        "title": name, "order": {"script": "Hello."}, "duration_s": 4.2, "price_usd": 0.33, "created_at": 100.0,
        "started_at": 110.0, "ends_at": 150.0, "listed_at": 100.0, "base_url": "http://x", "width": 64, "height": 36,
    }  # fmt: skip
    return Video(id=name, **{**usual, **given})


def test_states_follow_from_the_time() -> None:
    made = video()
    assert [made.status(now) for now in (100, 110, 149.9, 150)] == [
        "pending",
        "processing",
        "processing",
        "completed",
    ]
    assert [made.alive(now) for now in (100, 149.9, 150)] == [True, True, False]
    assert video(fails=True).status(150) == "failed"
    assert video(ends_at=None).status(1e9) == "processing"


def test_only_what_ended_well_is_charged() -> None:
    assert video().charged_usd(149.9) == 0
    assert video().charged_usd(150) == 0.33
    assert video(fails=True).charged_usd(150) == 0
    assert video(fails=True, charge_failed=True).charged_usd(150) == 0.33


def test_a_video_deleted_while_it_renders_is_charged_where_the_switch_says_so() -> None:
    assert video(deleted_at=120.0).charged_usd(200) == 0
    assert video(deleted_at=120.0, charge_deleted=True).charged_usd(120) == 0.33
    assert video(deleted_at=160.0).charged_usd(200) == 0.33
    assert not video(deleted_at=120.0).alive(130)


def test_the_journal_gives_the_same_account_again(tmp_path: Path) -> None:
    first = Account(tmp_path, keep=True)
    now = time.time()
    first.add_video(video("ended", ends_at=now - 1))
    first.add_video(video("open", ends_at=None))
    first.save("endpoints", Endpoint("ep", "http://x", "whsec", now, ["avatar_video.success"]))
    first.save("endpoints", Endpoint("gone", "http://x", "whsec", now))
    first.forget("endpoints", "gone")
    first.save("replies", Reply("POST /v3/videos k", now, 200, "{}", "open"))
    first.add_event({"event_id": "evt_1"})
    for _ in range(3):
        first.count("GET /v3/videos")
    first.close()
    with (tmp_path / "journal.jsonl").open("a") as journal:
        journal.write('{"part": "videos", "item": {"id": "ha')  # killed while it wrote
    for _ in range(2):
        again = Account(tmp_path, keep=True)
        assert again.ledger() == first.ledger()
        assert again.calls == {"GET /v3/videos": 3}
        assert again.max_per_second == 3
        assert {name: asdict(item) for name, item in again.endpoints.items()} == {
            "ep": asdict(first.endpoints["ep"])
        }
        assert again.replies == first.replies
        assert again.events == first.events
        assert (again.secret, again.max_alive, again.alive()) == (first.secret, 1, 1)
        assert again.spent_usd() == 0.33
        again.close()


def test_a_place_comes_free_when_enough_have_ended(tmp_path: Path) -> None:
    account = Account(tmp_path, keep=False)
    now = time.time()
    assert account.free_at(2) <= now + 1
    for name, ends_at in (("a", now + 50), ("b", now + 30), ("c", now + 70)):
        account.add_video(video(name, ends_at=ends_at))
    assert account.free_at(2) == now + 50
    assert account.free_at(3) == now + 30
    assert account.max_alive == 3


def test_switches_are_checked() -> None:
    assert switches_from({"speed": 60}).scaled(90) == 1.5
    assert switches_from({"api_keys": ["a"]}, Switches(queue_s=1)) == Switches(api_keys=("a",), queue_s=1)
    for wrong in ({"sped": 1}, {"speed": 0}, {"speed": "fast"}, {"long_title": "x"}, {"replay_ended": 1}):
        with pytest.raises(ValueError, match=r"\w"):
            switches_from(wrong)


def test_what_a_deleted_video_has_cost_stays(tmp_path: Path) -> None:
    account = Account(tmp_path, keep=True)
    ended, renders = (
        video("ended", ends_at=time.time() - 1),
        video("renders", ends_at=None, charge_deleted=True),
    )
    for made in (ended, renders):
        account.add_video(made)
    account.delete_video(ended)
    assert (account.alive(), account.spent_usd()) == (1, 0.33)
    account.delete_video(renders)
    assert (account.alive(), account.spent_usd()) == (0, 0.66)
    account.close()
    again = Account(tmp_path, keep=True)
    assert (again.alive(), again.spent_usd()) == (0, 0.66)
    again.close()

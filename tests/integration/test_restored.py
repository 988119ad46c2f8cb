"""An older database is restored: what was ordered after the backup is found, and nothing is paid twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from deckcast.avatars.restored import Reconciled, reconcile
from deckcast.avatars.submissions import State
from ledger_world import RULES, VIDEO, Fault, MortalDatabase, World

A_DAY_AND_MORE_S = 30 * 3600.0  # no provider replays a key for so long


def copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
        before.backup(after)


class Restored(World):
    """A world whose database can be put back to what it was."""

    @property
    def _path(self) -> Path:
        return self.folder / "test.db"

    def back_up(self) -> None:
        copied(self._path, self.folder / "backup.db")

    def restore(self) -> None:
        self.run(self.db.close())
        for left in self.folder.glob("test.db*"):
            left.unlink()
        copied(self.folder / "backup.db", self._path)
        self.db = MortalDatabase(f"sqlite+aiosqlite:///{self._path}", self.fuse)

    def reserve(self) -> None:
        self.run(self.process().reserve(VIDEO, self.provider, self.provider.prepare))

    def reconcile(self) -> Reconciled:
        found: Reconciled = self.run(reconcile(self.db, self.provider, self.time.clock))
        assert self.run(reconcile(self.db, self.provider, self.time.clock)).adopted == 0
        return found


@pytest.fixture
def worlds() -> Iterator[Callable[..., Restored]]:
    made: list[Restored] = []

    def make(**provider: Any) -> Restored:
        made.append(Restored(**provider))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.mark.parametrize("reserved", [True, False], ids=["reserved before", "reserved after"])
@pytest.mark.parametrize("refusals", [0, 2], ids=["first key", "third key"])
def test_what_was_paid_after_the_backup_is_adopted(worlds: Any, reserved: bool, refusals: int) -> None:
    world = worlds()
    if reserved:
        world.reserve()
    world.back_up()
    world.provider.misbehave([Fault.TURNED_AWAY] * refusals)
    assert world.submit() == "job_1"
    calls = len(world.provider.calls)
    world.restore()
    world.time.jump(A_DAY_AND_MORE_S)
    assert world.reconcile().adopted == 1
    assert (world.submit(), world.state()) == ("job_1", State.ACCEPTED)
    assert len(world.provider.calls) == calls
    assert len(world.provider.jobs) == 1


def test_what_was_not_called_is_ordered_under_a_new_key_after_a_second_search(worlds: Any) -> None:
    world = worlds()
    world.reserve()
    world.back_up()
    world.restore()
    before = world.time.at
    assert world.reconcile() == Reconciled(adopted=0, doubtful=2)
    assert world.submit() == "job_1"
    assert (world.time.at - before).total_seconds() >= RULES.search_apart_s
    assert world.attempts() == [State.NOT_MADE, State.ACCEPTED]
    assert len(world.provider.calls) == 1


def test_a_job_that_appears_late_in_the_list_is_adopted(worlds: Any) -> None:
    world = worlds(lag_s=600.0)
    world.reserve()
    world.back_up()
    assert world.submit() == "job_1"
    world.restore()
    assert world.reconcile().adopted == 0
    assert world.submit() == "job_1"
    assert len(world.provider.calls) == 1


def test_a_job_that_failed_after_the_backup_does_not_hide_the_one_after_it(worlds: Any) -> None:
    world = worlds()
    assert world.submit() == "job_1"
    world.back_up()
    world.job_fails()
    assert world.submit() == "job_2"
    world.restore()
    world.time.jump(A_DAY_AND_MORE_S)
    assert world.reconcile().adopted == 1
    assert world.submit() == "job_2"
    assert world.attempts() == [State.ENDED, State.ACCEPTED]
    assert len(world.provider.jobs) == 2


def test_a_job_that_is_known_stays_so(worlds: Any) -> None:
    world = worlds()
    assert world.submit() == "job_1"
    assert world.reconcile() == Reconciled(adopted=0, doubtful=1)  # the other video, which was never ordered
    assert (world.submit(), world.attempts()) == ("job_1", [State.ACCEPTED])


def test_where_nothing_can_be_searched_for_a_person_is_asked(worlds: Any) -> None:
    world = worlds(find=False)
    world.reserve()
    world.back_up()
    assert world.submit() == "job_1"
    world.restore()
    world.reconcile()
    with pytest.raises(Exception, match="cannot say") as raised:
        world.submit()
    assert getattr(raised.value, "code", "") == "unresolved"
    assert len(world.provider.calls) == 1

"""How long a short deck takes behind a long one: on PostgreSQL, a real `deckcast serve`, three users who share one
simulated HeyGen account with five jobs at once, each of the same length."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.machine import keep
from bench.postgres import free_port, postgres
from bench.schedule import PLACES, environment, write_deck
from deckcast.simulators.heygen import running

LONG, SHORT, MIDDLE = 80, 3, 10
JOB_S = 20.0
UNDER_WAY = 5  # slides of the long deck that are made before somebody else comes
GOAL = 1.5  # times what it takes alone, plus one job
LOOK_S = 0.1
WAITS_S = 900.0


@dataclass(frozen=True)
class Fairness:
    """One run, in seconds from the order to the last slide's end: of a short deck alone; behind a long one of another
    user; behind that together with one of middle length; and, of the same user as the long one, behind that. `first_in`
    would be what the short one took if who comes first went first. `most_alive` is counted at the account."""

    job_s: float
    alone_s: float
    behind_s: float
    among_three_s: tuple[float, float]
    same_user_s: float
    first_in_s: float
    left_of_long: int
    most_alive: int
    most_a_second: int
    load: float

    @property
    def allowed_s(self) -> float:
        """What the short deck may take behind the long one."""
        return GOAL * self.alone_s + self.job_s


class User:
    """Somebody with a token, and a deck of some length."""

    def __init__(self, address: str, token: str) -> None:
        self._address, self._token = address, token

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call to the API."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        told = {"Content-Type": "application/json", **headers, "Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(f"{self._address}/api{path}", content, told, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def upload(self, deck: Path) -> str:
        """The id of the presentation, once its deck is read."""
        mark = "deckcast-bench"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{deck.name}"\r\n\r\n'
        body = head.encode() + deck.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        made = str(self.call("POST", "/presentations", body, **kind)["id"])
        until(lambda: self.call("GET", f"/presentations/{made}/status")["presentation"]["state"] == "ready")
        return made

    def order(self, presentation: str) -> str:
        """Have all avatar videos made anew; the id of the batch."""
        wish = {"provider": "heygen", "regenerateExisting": True}
        path = f"/presentations/{presentation}/generate-all-avatar-videos"
        return str(self.call("POST", path, wish)["batchId"])

    def batch(self, presentation: str, batch: str) -> dict[str, Any]:
        """What the status says of a batch."""
        found = self.call("GET", f"/presentations/{presentation}/status")["batches"]
        return next(each for each in found if each["id"] == batch)

    def made_in_s(self, presentation: str, batch: str, since: float) -> float:
        """Wait until a batch has ended; how long ago `since` is then."""
        until(lambda: self.batch(presentation, batch)["endedAt"] is not None)
        took_s = time.monotonic() - since
        state = self.batch(presentation, batch)["state"]
        if state != "completed":
            raise SystemExit(f"a batch ended as {state}")
        return round(took_s, 2)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    waited_from = time.monotonic()
    while not condition():
        if time.monotonic() - waited_from > WAITS_S:
            raise SystemExit("it took too long")
        time.sleep(LOOK_S)


def measure(job_s: float) -> Fairness:
    """One run."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deckcast-bench-")))
        database = stack.enter_context(postgres())
        url = stack.enter_context(running(queue_s=0.0, render_from_s=job_s, render_to_s=job_s, speed=1.0))
        env = environment(folder / "data", url) | {"DECKCAST_DATABASE_URL": database.url}
        address = stack.enter_context(_serving(folder, env))
        tokens = asyncio.run(_tokens(database.url, "ann", "ben", "cleo"))
        ann, ben, cleo = (User(address, token) for token in tokens)
        decks = {}
        for who, slides in ((ann, LONG), (ann, SHORT), (ben, SHORT), (cleo, MIDDLE)):
            write_deck(folder / f"{slides}.pptx", slides)
            decks[who, slides] = who.upload(folder / f"{slides}.pptx")

        def order(who: User, slides: int) -> Callable[[], float]:
            since, deck = time.monotonic(), decks[who, slides]
            batch = who.order(deck)
            return lambda: who.made_in_s(deck, batch, since)

        alone_s = order(ben, SHORT)()
        long = ann.order(decks[ann, LONG])

        def made() -> int:
            return int(ann.batch(decks[ann, LONG], long)["completed"])

        until(lambda: made() >= UNDER_WAY)
        left = LONG - made()
        behind_s = order(ben, SHORT)()
        same_user_s = order(ann, SHORT)()
        short, middle = order(ben, SHORT), order(cleo, MIDDLE)
        among_three_s = (short(), middle())
        ann.call("POST", f"/batches/{long}/cancel")
        with urllib.request.urlopen(f"{url}/_ledger") as answer:
            ledger = json.load(answer)
    return Fairness(
        job_s=job_s,
        alone_s=alone_s,
        behind_s=behind_s,
        among_three_s=among_three_s,
        same_user_s=same_user_s,
        first_in_s=round(left / PLACES * job_s + job_s, 1),
        left_of_long=left,
        most_alive=ledger["max_alive"],
        most_a_second=int(ledger.get("most_per_second", 0)),
        load=round(os.getloadavg()[0], 2),
    )


async def _tokens(url: str, *names: str) -> list[str]:
    """Tokens of new users."""
    from deckcast.db.database import Database
    from deckcast.people import service

    db = Database(url)
    made = [await service.make_token(db, (await service.add_user(db, name)).id, "bench") for name in names]
    await db.close()
    return [token.secret for token in made]


@contextmanager
def _serving(folder: Path, env: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "deckcast", "serve", "--port", str(port)]
    with (folder / "said.txt").open("wb") as said:
        server = subprocess.Popen(command, env=env, stdout=said, stderr=said)
    try:
        until(lambda: _answers(f"http://127.0.0.1:{port}/healthz", server, folder))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def _answers(address: str, server: subprocess.Popen[bytes], folder: Path) -> bool:
    if server.poll() is not None:
        raise SystemExit(f"deckcast serve ended: {(folder / 'said.txt').read_text()[-2000:]}")
    try:
        urllib.request.urlopen(address).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def show(one: Fairness) -> None:
    """Print the table."""
    print(f"\n{PLACES} jobs of {one.job_s:g} s at once; {one.left_of_long} slides of a long deck wait or run")
    print(f"{SHORT} slides alone                        {one.alone_s:6.1f} s")
    print(
        f"{SHORT} slides behind them                  {one.behind_s:6.1f} s (goal: at most {one.allowed_s:.1f} s)"
    )
    short_s, middle_s = one.among_three_s
    print(f"{SHORT} and {MIDDLE} slides of two others         {short_s:6.1f} s and {middle_s:.1f} s")
    print(f"{SHORT} slides of the same user             {one.same_user_s:6.1f} s")
    print(f"first come, first served: about      {one.first_in_s:6.1f} s")
    print(f"most jobs alive at once: {one.most_alive}; load of the machine {one.load}")


def run(*, kept: bool, job_s: float = JOB_S) -> None:
    """Measure once; print and keep the numbers."""
    one = measure(job_s)
    show(one)
    if kept:
        print(f"kept in {keep('fairness', {**asdict(one), 'allowed_s': one.allowed_s})}")

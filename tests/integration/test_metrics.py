"""GET /metrics over the real server: figures from rows, requests by route, and who may read them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from deckcast.batches import figures
from deckcast.db.accounts import SpendRow
from deckcast.db.models import AvatarVideoRow, BatchRow, PresentationRow, SlideRow
from deckcast.kit.clock import now
from serving import Server, story

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
CAP = {"max_per_day_usd": "10"}


async def read(server: Server) -> dict[tuple[str, ...], float]:
    """Every sample: its name and the values of its labels in the order of their names."""
    answer = await server.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            samples[sample.name, *(sample.labels[name] for name in sorted(sample.labels))] = sample.value
    return samples


async def add_work(server: Server) -> None:
    """A presentation whose heygen videos ended in every way, one of them long ago; one is on its way."""
    moment = now()
    async with server.parts.db.write() as session:
        session.add(PresentationRow(id="pre_1", owner="ann", source="talk"))
        await session.flush()
        session.add(BatchRow(id="bat_1", presentation_id="pre_1", kind="presentation_video", state="partial",
                             fingerprint="f", request={}, scope="server", ended_at=moment))  # fmt: skip
        session.add(BatchRow(id="bat_2", presentation_id="pre_1", kind="all_audio_generation", state="running",
                             fingerprint="g", request={}, scope="server",
                             created_at=moment - timedelta(seconds=90)))  # fmt: skip
        session.add(SlideRow(id="sli_1", presentation_id="pre_1", key="1", number=1, title="", notes="",
                             language="en", content={}))  # fmt: skip
        session.add(SpendRow(owner="ann", day=moment.date().isoformat(), reserved_microusd=2_000_000,
                             spent_microusd=3_000_000))  # fmt: skip
        session.add(SpendRow(owner="bob", day=moment.date().isoformat(), spent_microusd=1_000_000))
        await session.flush()
        for number, status in enumerate(("completed", "completed", "completed", "failed", "processing")):
            session.add(AvatarVideoRow(
                id=f"avv_{number}", slide_id="sli_1", fingerprint=str(number), provider="heygen", request={},
                status=status, submitted_at=moment - timedelta(seconds=100 + number),
                job_ended_at=None if status == "processing" else moment, cost_microusd=500_000,
            ))  # fmt: skip
        session.add(AvatarVideoRow(
            id="avv_old", slide_id="sli_1", fingerprint="old", provider="heygen", request={}, status="failed",
            updated_at=moment - timedelta(hours=1),
        ))  # fmt: skip


def test_figures_come_from_rows(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await add_work(server)
        found = await read(server)
        assert found["deckcast_avatar_videos_recent", "heygen", "completed"] == 3
        assert found["deckcast_avatar_videos_recent", "heygen", "failed"] == 1
        assert found["deckcast_avatar_videos_failed_ratio", "heygen"] == 0.25
        assert found["deckcast_avatar_videos_per_minute", "heygen"] == 3 / 15
        assert found["deckcast_avatar_videos", "heygen", "processing"] == 1
        assert found["deckcast_avatar_jobs_in_flight", "heygen"] == 1
        assert found["deckcast_avatar_jobs_in_flight", "local"] == 0
        assert found["deckcast_avatar_jobs_max", "heygen"] == 5
        assert found["deckcast_avatar_job_oldest_seconds", "heygen"] >= 104
        assert found["deckcast_avatar_video_seconds_bucket", "60.0", "heygen"] == 0
        assert found["deckcast_avatar_video_seconds_bucket", "120.0", "heygen"] == 4
        assert found["deckcast_batches_recent", "presentation_video", "partial"] == 1
        assert found["deckcast_batches", "all_audio_generation"] == 1
        assert found[("deckcast_batch_wait_seconds",)] >= 90
        assert found["deckcast_spend_today_usd", "reserved"] == 2
        assert found["deckcast_spend_today_usd", "spent"] == 4
        assert found[("deckcast_spend_today_highest_usd",)] == 5
        assert found[("deckcast_spend_day_cap_usd",)] == 10
        assert found["deckcast_spend_last_day_usd", "heygen"] == 2.5
        assert 0 < found[("deckcast_memory_used_ratio",)] < 1
        assert found[("deckcast_process_memory_bytes",)] > 10_000_000
        assert found[("deckcast_database_pool_in_use",)] == 0

    story(tmp_path, told, money=CAP)


def test_the_page_lists_every_metric_and_no_other(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await add_work(server)
        answer = await server.client.get("/metrics")
        told_of = set(re.findall(r"^# TYPE (deckcast_\w+)", answer.text, re.MULTILINE))
        told_of = {name for name in told_of if not name.endswith(("_created", "_gcount", "_gsum"))}
        assert told_of == set(re.findall(r"^\| `(deckcast_\w+)`", PAGE, re.MULTILINE))

    story(tmp_path, told, money=CAP)


def test_requests_are_counted_by_template_and_never_by_what_was_called(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        for name in ("nobody-canary", "local"):
            await server.client.options(f"/api/webhooks/{name}")
        await server.client.get("/api/no/such/canary/path")
        await server.client.request("CANARY", "/healthz")
        text = (await server.client.get("/metrics")).text
        found = await read(server)
        assert found["deckcast_http_requests_total", "OPTIONS", "/api/webhooks/{provider}", "4xx"] == 2
        assert found["deckcast_http_requests_total", "GET", "none", "4xx"] == 1
        assert "canary" not in text.lower()

    story(tmp_path, told)


def test_figures_are_looked_up_once_for_many_readers(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        before = (await read(server))[("deckcast_batch_wait_seconds",)]
        await add_work(server)
        assert (await read(server))[("deckcast_batch_wait_seconds",)] == before == 0
        assert (await figures.measure(server.parts)).untouched_s >= 90

    story(tmp_path, told)


def test_who_may_read_them(tmp_path: Path) -> None:
    async def without(server: Server) -> None:
        assert (await server.client.get("/metrics")).status_code == 200
        for headers in ({"X-Forwarded-For": "203.0.113.9"}, {"Host": "deckcast.example.org"}):
            answer = await server.client.get("/metrics", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "metrics_refused")

    async def with_token(server: Server) -> None:
        refused = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret-of-metrics"}]
        for headers in refused:
            assert (await server.client.get("/metrics", headers=headers)).status_code == 401
        shown = {"Authorization": "Bearer s3cret-of-metrics", "Host": "deckcast.example.org"}
        assert (await server.client.get("/metrics", headers=shown)).status_code == 200

    public = "https://deckcast.example.org"
    story(tmp_path / "a", without, public_url=public)
    story(tmp_path / "b", with_token, public_url=public, metrics={"token": "s3cret-of-metrics"})

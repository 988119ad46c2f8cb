"""The local presenter's own render queue: the "remote" of the local provider."""

from __future__ import annotations

from dbos import DBOS

from deckcast.avatars.local.provider import LocalProvider
from deckcast.batches.context import current
from deckcast.batches.engine import MEDIA_RECOVERY_ATTEMPTS, RENDER, enqueue_from_step, step


@DBOS.workflow(name="render_locally", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def render_locally(job_id: str) -> None:
    """Draw one job; how it ended stands in its row."""
    await step(draw, job_id)
    current().watches["local"].hint(job_id)


async def draw(job_id: str) -> None:
    """Let the local provider draw the job."""
    provider = current().providers["local"]
    assert isinstance(provider, LocalProvider)
    await provider.render(job_id)


async def start_render(job_id: str) -> None:
    """Put a job on the render queue, once."""
    await enqueue_from_step(RENDER, render_locally, f"{job_id}.draw", job_id)

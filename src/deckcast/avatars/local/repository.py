"""All SQL of the local presenter's render jobs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.models import RenderJobRow
from deckcast.kit.ids import new_id


async def add_job(session: AsyncSession, key: str, request: dict[str, Any]) -> str:
    """The job under this key, made now if there is none."""
    found = await find_job(session, key)
    if found:
        return found
    row = RenderJobRow(id=new_id("job"), key=key, request=request)
    session.add(row)
    return row.id


async def find_job(session: AsyncSession, key: str) -> str | None:
    """The id of the job made under a submission key."""
    return await session.scalar(select(RenderJobRow.id).where(RenderJobRow.key == key))


async def running_jobs(session: AsyncSession, job_ids: Collection[str]) -> set[str]:
    """Those of the jobs that still run."""
    query = select(RenderJobRow.id).where(RenderJobRow.id.in_(job_ids), RenderJobRow.status == "running")
    return set(await session.scalars(query))


async def get_job(session: AsyncSession, job_id: str) -> RenderJobRow | None:
    """A job's row."""
    return await session.get(RenderJobRow, job_id)


async def name_result(session: AsyncSession, job_id: str, key: str) -> str | None:
    """Say under which key the job's video will lie, before it is put there; returns the key that an earlier try named,
    under which it may have left something."""
    row = await session.get(RenderJobRow, job_id, with_for_update=True)
    if row is None:
        return None
    before, row.asset_key = row.asset_key, key
    return before


async def end_job(session: AsyncSession, job_id: str, *, named: str | None = None, **values: Any) -> bool:
    """Record how a running job ended; an ended one stays as it is, and so does one whose result was `named` anew since.
    Returns whether it was recorded."""
    query = update(RenderJobRow).where(RenderJobRow.id == job_id, RenderJobRow.status == "running")
    if named is not None:
        query = query.where(RenderJobRow.asset_key == named)
    found = await session.execute(query.values(**values).returning(RenderJobRow.id))
    return found.one_or_none() is not None

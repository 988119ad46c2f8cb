"""A process of its own that wants avatar videos of a paid account, all at once, as a worker does: money set aside, a
place of the account taken, the job submitted, its end waited for, money settled. It begins when it is told so.

Arguments: the database's address, the provider's, a file with the limits, the batch, and the videos' ids.
"""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import Decimal
from pathlib import Path

from deckcast.avatars.accounts import Account, AccountRules
from deckcast.avatars.ledger import Ledger
from deckcast.avatars.ports import AvatarVideoRequest, Order
from deckcast.batches import money
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.wiring import paid_providers

ASK_S = 0.01
PRICE_USD = Decimal("1")
WANTED = AvatarVideoRequest("sim_ada_office", 1280, 720, text="This is what there is to say.")


async def main(url: str, limits: Path, batch: str, videos: list[str]) -> None:
    settings = Settings.model_validate(json.loads(limits.read_text()))
    db = Database(url, settings.database)
    heygen = paid_providers(settings, settings.data_dir, db)[0]["heygen"]
    places = settings.avatar.batch.max_concurrent
    account = Account(db, heygen, places, AccountRules(look_again_s=ASK_S))

    async def prepare(key: str) -> Order:
        return await heygen.prepare(WANTED, key)

    async def made(video_id: str) -> bool:
        try:
            async with db.write() as session:
                video = AvatarVideoRow(
                    id=video_id, slide_id=f"sli_{batch}", batch_id=batch, fingerprint=video_id
                )
                video.provider, video.request = heygen.name, {}
                session.add(video)
                await session.flush()
                await money.reserve(session, video, PRICE_USD, None, settings.money)
        except CallError as error:
            if error.code != "over_cap":
                raise
            return False
        await account.take_place(video_id)
        job_id = await Ledger(db).submit_once(video_id, heygen, prepare, account)
        while not await heygen.ended([job_id]):
            await asyncio.sleep(ASK_S)
        async with db.write() as session:
            video = await session.get_one(AvatarVideoRow, video_id)
            video.provider_video_id, video.job_ended_at, video.status = job_id, now(), "completed"
            await money.settle(session, video, PRICE_USD)
        return True

    try:
        async with db.read() as session:
            await session.connection()
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(sum(await asyncio.gather(*map(made, videos))), flush=True)
    finally:
        await heygen.close()
        await db.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))

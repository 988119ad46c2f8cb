"""What an owner does with hooks: set one up, try it, remove it."""

from __future__ import annotations

import ipaddress

import httpx2
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import hooks_repository, owned_repository
from deckcast.batches.context import Context
from deckcast.batches.hooks_repository import TEST, delivery, message
from deckcast.batches.hooks_signing import secret_of
from deckcast.db.people import HookDeliveryRow, HookRow
from deckcast.kit.errors import CallError
from deckcast.kit.ids import new_id
from deckcast.kit.outside import Refused, is_public, parsed
from deckcast.kit.secrets import server_key

MOST_HOOKS = 20


async def add_hook(parts: Context, owner: str, url: str) -> tuple[HookRow, str]:
    """A new hook of an owner, and its secret. Raises CallError hook_url_refused, too_many_hooks."""
    check_url(url, allow_private=parts.settings.hooks.allow_private)
    hook = HookRow(id=new_id("hok"), owner=owner, url=url)
    secret = secret_of(server_key(parts.settings), hook.id)
    async with parts.db.write() as session:
        if await hooks_repository.lock_hooks(session, owner) >= MOST_HOOKS:
            raise CallError(
                "too_many_hooks",
                f"You have {MOST_HOOKS} hooks already; there can be no more.",
                next_step="Delete one that you no longer need.",
            )
        session.add(hook)
    return hook, secret


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what will never be sent to, as far as the address itself tells; what its name stands for is looked up
    and checked each time that something is sent. Raises CallError hook_url_refused."""
    try:
        target = parsed(url)
    except Refused as error:
        raise _refused("It cannot be read, or it holds a user's name.") from error
    if target.scheme not in ("https", "http"):
        raise _refused("It is not a web address.")
    if allow_private:
        return
    if target.scheme != "https":
        raise _refused("It does not begin with https.")
    if _is_private(target):
        raise _refused("It does not belong to the public internet.")


def _is_private(target: httpx2.URL) -> bool:
    """Whether the address names a private machine outright."""
    if target.host == "localhost" or target.host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(target.host.split("%", 1)[0])
    except ValueError:
        return False
    return not is_public(target.host)


def _refused(reason: str) -> CallError:
    return CallError(
        "hook_url_refused",
        f"Nothing can be sent to this address. {reason}",
        next_step="Give an https address that the whole internet reaches.",
    )


async def remove_hook(parts: Context, owner: str, hook_id: str) -> None:
    """Tell a hook nothing more, and forget what it was told. Raises CallError not_found."""
    async with parts.db.write() as session:
        await session.delete(await owned_repository.hook(session, owner, hook_id))


async def send_test(parts: Context, owner: str, hook_id: str) -> HookDeliveryRow:
    """Have a message sent to a hook, once; while one is on its way it is that one.

    Raises CallError not_found, hook_disabled.
    """
    async with parts.db.write() as session:
        hook = await owned_repository.hook(session, owner, hook_id)
        if hook.disabled_at is not None:
            raise CallError(
                "hook_disabled",
                "This hook is switched off: its receiver said that it is gone (410).",
                next_step="Delete it, and set it up anew.",
            )
        return await _test(session, hook)


async def _test(session: AsyncSession, hook: HookRow) -> HookDeliveryRow:
    waiting = await hooks_repository.waiting_test(session, hook.id)
    if waiting is not None:
        return waiting
    row = delivery(hook.id, message(TEST, {"hookId": hook.id}))
    session.add(row)
    return row

"""What the storage library raises, translated in this one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from deckcast.kit.errors import MachineError

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_OTHER_REGION = "redirect without LOCATION"
_BUSY = ("408", "429")


@contextmanager
def said_in_words(bucket: str, *, may_miss: bool = False) -> Iterator[None]:
    """Turn the library's errors into MachineError storage_refused and storage_unreachable.

    An object that is there already stays an AlreadyExistsError; one that is not, a FileNotFoundError where it
    `may_miss`. (Where it is written, the library says so of an upload that broke off.)
    """
    try:
        yield
    except FileNotFoundError as error:
        if _code(error) == "NoSuchBucket":
            raise _refused(bucket, error) from error
        if may_miss:
            raise
        raise _unreachable(bucket, error) from error
    except (AlreadyExistsError, PreconditionError) as error:
        raise AlreadyExistsError(str(error)) from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _refused(bucket, error) from error
    except BaseError as error:
        if is_unsupported(error):
            raise
        status = _status(error)
        if status.startswith(("3", "4")) and status not in _BUSY:
            raise _refused(bucket, error) from error
        raise _unreachable(bucket, error) from error


def is_unsupported(error: Exception) -> bool:
    """Whether the store says that it does not know this kind of request."""
    return isinstance(error, BaseError) and (_status(error) == "501" or _code(error) == "NotImplemented")


def _refused(bucket: str, error: Exception) -> MachineError:
    return MachineError(
        "storage_refused",
        f"The storage refused (bucket {bucket}{_reason(error)}).",
        next_step="Check the bucket in DECKCAST_STORAGE_URL, the keys, their rights and the region, "
        "then run the same command again.",
    )


def _unreachable(bucket: str, error: Exception) -> MachineError:
    return MachineError(
        "storage_unreachable",
        f"The storage did not answer as it should (bucket {bucket}{_reason(error)}).",
        next_step="Look at the network and at DECKCAST_STORAGE__ENDPOINT, then run the same command again.",
        retryable=True,
    )


def _reason(error: Exception) -> str:
    """The store's own word for it (", SignatureDoesNotMatch"); its sentences may hold keys and addresses."""
    reason = _code(error) or _status(error)
    return f", {reason}" if reason else ""


def _status(error: Exception) -> str:
    found = _STATUS.search(str(error))
    if found is None and _OTHER_REGION in str(error):
        return "301"
    return found[1] if found else ""


def _code(error: Exception) -> str:
    found = _CODE.search(str(error))
    return found[1] if found else ""

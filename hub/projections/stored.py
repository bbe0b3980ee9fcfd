"""Reading back what a generation stores as bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from hub.errors import StoreCorrupt

T = TypeVar("T")


def decoded(decode: Callable[[bytes], T], stored: bytes) -> T:
    """Decode a stored state.

    Raises:
        StoreCorrupt: its bytes were changed since they were stored; the ledger has everything to make it again.
    """
    try:
        return decode(stored)
    except msgspec.MsgspecError as error:
        raise StoreCorrupt(
            "a stored state of the read model is damaged; stop the hub and run `hub rebuild`, which makes it again "
            "from the ledger, or restore the store from a backup"
        ) from error

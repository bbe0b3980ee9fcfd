"""What a reader marked as read of a list of news, and from where on there are news for them."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from hub.domain.access import Reader
from hub.ledger import ledger
from hub.ledger.marks import Mark

UNMARKED = timedelta(days=7)
"""How far back news go for whoever never marked any."""
LONGEST = timedelta(days=60)
"""How far back they go at most: what is older is no news, and stands in each pathway."""


class Start(NamedTuple):
    """The position after which there are news, and the moment that it stands for.

    `is_marked` tells that it is a
    mark, `is_cut` where the mark is older than news go back.
    """

    position: int
    moment: datetime
    is_marked: bool = False
    is_cut: bool = False


def ref_of(key: bytes, reader: Reader, view: str) -> bytes:
    """Give the name under which a reader's mark of a list is kept: without the key, it tells nobody whose it is."""
    about = b"mark\x00" + view.encode() + b"\x00" + reader.reader_id.encode(errors="surrogatepass")
    return hmac.digest(key, about, "sha256")


def start(connection: Connection, mark: Mark | None, now: datetime) -> Start:
    """Give from where on there are news."""
    if mark is not None and mark.at > now - LONGEST:
        return Start(mark.position, mark.at, is_marked=True)
    earliest = now - (UNMARKED if mark is None else LONGEST)
    position = ledger.position_at(connection, earliest)
    return Start(position, earliest, is_marked=mark is not None, is_cut=mark is not None)

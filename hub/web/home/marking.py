"""What a reader marked as read of a list of news, and from where on there are news for them."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from hub.api.services import Services
from hub.domain.access import Reader
from hub.ledger import ledger, marks
from hub.ledger.database import writing
from hub.ledger.marks import Mark

PATH = "/accueil/nouveautes/lues"
PART = "#nouveau"
AGAIN = "lues"
"""The field of an address that asks for news that were read as well."""
UNMARKED = timedelta(days=7)
"""How far back news go for whoever never marked any, or wants to see them again."""
LONGEST = timedelta(days=60)
"""How far back they go at most: what is older is no news, and stands in each pathway."""


class Start(NamedTuple):
    """The position after which there are news, and the moment that it stands for.

    `is_marked`: the reader marked what was before; `is_cut`: so long ago that news do not go back to it.
    """

    position: int
    moment: datetime
    is_marked: bool = False
    is_cut: bool = False


def mark_of(services: Services, connection: Connection, reader: Reader, view: str) -> Mark | None:
    """Give up to where a reader marked a list as read, None if they never did."""
    return marks.find(connection, ref_of(services, reader, view))


def start(connection: Connection, mark: Mark | None, now: datetime) -> Start:
    """Give from where on there are news."""
    if mark is not None and mark.at > now - LONGEST:
        return Start(mark.position, mark.at, is_marked=True)
    earliest = now - (UNMARKED if mark is None else LONGEST)
    return Start(ledger.position_at(connection, earliest), earliest, mark is not None, mark is not None)


def mark(services: Services, reader: Reader, view: str, position: int) -> None:
    """Mark a list as read up to a position that a page showed; what came after it stays unread.

    Raises:
        StoreUnavailable: it was not noted.
    """
    with writing(services.store) as connection:
        shown = min(position, ledger.last_position(connection))
        marks.move(connection, ref_of(services, reader, view), Mark(shown, services.now()))


def ref_of(services: Services, reader: Reader, view: str) -> bytes:
    """Give the name of a reader's mark of a list: without the key, it tells nobody whose it is."""
    about = b"mark\x00" + view.encode() + b"\x00" + reader.reader_id.encode(errors="surrogatepass")
    return hmac.digest(services.cursor_key, about, "sha256")

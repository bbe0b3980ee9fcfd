"""How a reader comes to see a person, said to them: on which ground, until when, and whether they lead later on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hub.access.recording import OWN
from hub.api.people import Read
from hub.audit.leading import leading
from hub.audit.moments import day_in_france
from hub.domain.access import Reader, Sight, Tie, holds, is_led, is_own
from hub.projections.view import View
from hub.web.pathway import phrases, travel


class Seen(NamedTuple):
    """How the reader comes to see the person: why, until when, and how long that still is.

    `last_day` is the last one on which they see it, where a day ends that and no reason does. `leads_from` is the day
    from which the reader leads, where they are named for a later one.
    """

    ground: str
    until: datetime | None
    remaining: str
    is_for_a_reason: bool
    is_without_health: bool
    last_day: date | None = None
    leads_from: date | None = None


def seen_of(found: Read, now: View, reader: Reader, at: datetime) -> Seen:
    """Say why and until when the reader sees the person; `now` is the pathway as it is."""
    ground, until, today = str(found.seen.verdict.ground), found.until, day_in_france(at)
    leads = leading(now, today)
    is_over = until is not None and not any(_goes_on(tie, today) for tie in _behind(found, reader, ground, today))
    said = phrases.GROUNDS.get(_told(ground, now, reader, today), ("", ""))[is_over]
    named = leads.following
    is_for_a_reason = until is not None and ground not in OWN
    return Seen(
        said,
        until,
        travel.remaining(until, at) if until is not None else "",
        is_for_a_reason,
        found.sight is not Sight.FULL,
        day_in_france(until - timedelta(seconds=1)) if until is not None and not is_for_a_reason else None,
        named.from_date if named and (named.network, named.adviser) == (reader.network, reader.adviser) else None,
    )


def _behind(found: Read, reader: Reader, ground: str, today: date) -> Iterator[Tie]:
    """Give the ties on which the reader sees the person."""
    theirs = is_led if ground == "site" else is_own
    for tie in found.seen.ties:
        if theirs(reader, tie) and holds(tie, today) and ground in {"site", tie.ground}:
            yield tie


def _goes_on(tie: Tie, today: date) -> bool:
    return tie.until_date is None or tie.until_date > today


def _told(ground: str, now: View, reader: Reader, today: date) -> str:
    """Tell a referent from a co-referent, who sees as much."""
    if ground != "referent":
        return ground
    mine = [
        row for row in now.tables["referent"] if (row["network"], row["adviser"]) == (reader.network, reader.adviser)
    ]
    current = [row for row in mine if row["from_date"] <= today and (row["until_date"] or date.max) > today]
    roles = {row["role"] for row in current or mine if row["from_date"] <= today}
    return "referent" if "referent" in roles or not roles else "co_referent"

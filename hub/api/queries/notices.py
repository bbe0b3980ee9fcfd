"""Who read a person of a referent's for a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hub.access import grants
from hub.access.guard import Look
from hub.access.listing import Listed
from hub.api.queries import caseload
from hub.api.queries.caseload import Listing
from hub.audit.moments import day_in_france
from hub.domain.access import REASONS

KEPT = timedelta(days=90)
"""How far back notices go where no other moment is asked for."""


def notices(look: Look, since: datetime | None, after: int | None, limit: int) -> Listing:
    """List the reasons that others stated, newest first; `after` is the entry at which the page before ended."""
    found = grants.notices(
        look.connection,
        look.tables,
        look.asked.reader,
        day=day_in_france(look.now),
        since=since or look.now - KEPT,
        after=after,
        limit=limit,
    )
    people = caseload.recorded(look, [each.pathway_no for each in found])
    items = [_notice(people[each.pathway_no], each) for each in found if each.pathway_no in people]
    entries = list(dict.fromkeys(each.entry_id for each in found))
    return Listing(items, [entries[-1]] if len(entries) == limit else None)


def _notice(found: Listed, notice: grants.Notice) -> dict[str, Any]:
    return {
        **caseload.who(found),
        "at": notice.at,
        "reader_id": notice.reader_id,
        "network": notice.network,
        "organisation": notice.organisation,
        "reason": notice.code,
        "label": REASONS[notice.code],
    }

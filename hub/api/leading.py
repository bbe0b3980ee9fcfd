"""Who leads a pathway on a day, in the words of the documents."""

from __future__ import annotations

from typing import Any

from hub.domain.pathway.leading import Leading, Term


def leads(leading: Leading) -> dict[str, Any] | None:
    """Name the referent of the day, None where nobody is."""
    return _who(leading.referent) if leading.referent else None


def leads_next(leading: Leading) -> dict[str, Any] | None:
    """Name whoever leads from a later day on, None where nobody is named for one."""
    return _who(leading.following) | {"from_date": leading.following.from_date} if leading.following else None


def led_last(leading: Leading) -> dict[str, Any] | None:
    """Name the last referent where nobody leads any more, with their last day."""
    return _who(leading.last) | {"until_date": leading.ended_on} if leading.last else None


def _who(term: Term) -> dict[str, Any]:
    return {"network": term.network, "adviser": term.adviser, "site": term.site}

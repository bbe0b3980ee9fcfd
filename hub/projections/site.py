"""Read model of sites: every change of mode, planned and actual, until the next one of its kind."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.subjects.site import Site, of_kind
from hub.projections.readmodel import DAY, TEXT, ReadModel, Row, encode_events


def rows(site: Site) -> Iterator[Row]:
    """Give a row per change; the mode on a day is the one of the `actual` row whose period holds that day."""
    for date_kind in dict.fromkeys(change.date_kind for change in site.changes):
        for change, following in of_kind(site, date_kind):
            yield (
                change.event_id,
                date_kind,
                change.mode,
                change.wave,
                change.from_date,
                following.from_date if following else None,
                change.event_id,
                encode_events({"until_date": following.event_id}) if following else None,
            )


MODEL = ReadModel(
    name="site_mode",
    key=(("change_id", TEXT),),
    columns=(
        ("date_kind", TEXT),
        ("mode", TEXT),
        ("wave", TEXT),
        ("from_date", DAY),
        ("until_date", DAY),
    ),
    parts=("changes",),
    rows=rows,
)

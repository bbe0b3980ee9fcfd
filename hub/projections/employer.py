"""Read models of employers: contacts per topic over time, and the actions held toward them."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.fact import Fact
from hub.domain.subjects.employer import Employer, actions, of_topic, topics
from hub.projections.readmodel import DAY, TEXT, ReadModel, Row, encode_events, names, row

ACTION_COLUMNS = (
    ("action", TEXT),
    ("held_on", DAY),
    ("networks", TEXT),
    ("site", TEXT),
)
ACTION_NAMES = names(ACTION_COLUMNS)


def contact_rows(employer: Employer) -> Iterator[Row]:
    """Give a row per contact; `until_date` is the day the next one for its topic starts."""
    for topic in topics(employer):
        for contact, following in of_topic(employer, topic):
            yield (
                contact.event_id,
                topic,
                contact.network,
                contact.adviser,
                contact.site,
                contact.from_date,
                following.from_date if following else None,
                contact.event_id,
                encode_events({"until_date": following.event_id}) if following else None,
            )


def action_rows(employer: Employer) -> Iterator[Row]:
    """Give a row per action as last reported; `networks` are those of all reports, so two of them make it joint."""
    for action in actions(employer):
        last = action.reports[-1]
        event_id = last.event_id
        widest = next((r for r in action.reports if list(r.networks) == action.networks), last)
        facts = (
            Fact(last.action, event_id),
            Fact(last.held_on, event_id),
            Fact(",".join(action.networks), widest.event_id),
            Fact(last.site, event_id) if last.site else None,
        )
        yield row((action.action_id,), ACTION_NAMES, facts, event_id)


MODELS = (
    ReadModel(
        name="employer_contact",
        key=(("contact_id", TEXT),),
        columns=(
            ("topic", TEXT),
            ("network", TEXT),
            ("adviser", TEXT),
            ("site", TEXT),
            ("from_date", DAY),
            ("until_date", DAY),
        ),
        parts=("contacts",),
        rows=contact_rows,
    ),
    ReadModel(
        name="employer_action",
        key=(("action_id", TEXT),),
        columns=ACTION_COLUMNS,
        parts=("actions",),
        rows=action_rows,
    ),
)

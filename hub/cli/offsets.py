"""`hub offsets`: where the hub goes on reading, and going on after the log lost what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.session import session_of

if TYPE_CHECKING:
    from hub.consumers.positions import Position
    from hub.ledger.offsets import OffsetDecision
    from hub.log.port import Topic
    from hub.wiring import Hub

app = typer.Typer(name="offsets", help="Show and reset where the hub goes on reading.", no_args_is_help=True)


@app.command("list", short_help="List the stored offsets and what the log holds.")
def list_offsets(context: typer.Context) -> None:
    """List the stored offsets beside what the log holds now, and what was decided about them."""
    from hub.consumers.positions import positions
    from hub.ledger import offsets
    from hub.ledger.database import reading

    output = session_of(context).output
    with session_of(context).open() as hub:
        with reading(hub.store) as connection:
            stored, decided = offsets.all_offsets(connection), offsets.decisions(connection)
        found = positions(stored, topics_of(hub))
    if output.as_json:
        decisions = [each._asdict() for each in decided]
        output.document({"offsets": [_document(each) for each in found], "decisions": decisions})
        return
    for each in found:
        output.line(_line(each))
    for decision in decided:
        output.line(_decision_line(decision))
    if not found:
        output.say("nothing was read yet")


def topics_of(hub: Hub) -> dict[str, Topic]:
    """Give the topics that the hub reads, as they are now."""
    from hub.domain.topics import INBOUND

    admin = hub.admin()
    try:
        return admin.describe(INBOUND)
    finally:
        admin.close()


def _document(position: Position) -> dict[str, Any]:
    stored, log, incident = position
    return {
        "topic": stored.topic,
        "partition": stored.partition,
        "stored": {"offset": stored.next_offset, "topic_id": stored.topic_id, "resets": stored.resets},
        "log": log and log._asdict(),
        "incident": incident,
    }


def _line(position: Position) -> str:
    stored, log, incident = position
    next_one = f"next {stored.next_offset} of topic {stored.topic_id}"
    held = f"log {log.beginning} to {log.end} of topic {log.topic_id}" if log else "not in the log"
    return f"{stored.topic}/{stored.partition}\t{next_one}\t{held}\t{f'INCIDENT: {incident}' if incident else 'ok'}"


def _decision_line(decision: OffsetDecision) -> str:
    place = f"{decision.topic}/{decision.partition}"
    moved = f"reset from {decision.from_offset} to {decision.to_offset} of topic {decision.to_topic_id}"
    return f"{place}\t{moved}\t{decision.decided_at:%Y-%m-%dT%H:%M:%SZ}\t{decision.decided_by}\t{decision.note}"


@app.command(short_help="Go on from the log's beginning after it lost records.")
def reset(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The topic, as `hub offsets list` shows it.")],
    note: Annotated[str, typer.Option("--note", help="What was lost, and how it was published again.")],
    partition: Annotated[int | None, typer.Option("--partition", min=0, help="Only this one.")] = None,
    to: Annotated[
        int | None, typer.Option("--to", min=0, metavar="OFFSET", help="Go on from there, incident or not.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="PERSON", help="Who decides.")] = "cli",
) -> None:
    """Set the stored offset to the log's beginning, only where the log no longer holds what comes next.

    With --to and --partition, set it anywhere in the log: past records that nobody can read, for instance. What was
    accepted before is told from what is new. The decision is kept, `hub offsets list` shows it.
    """
    from hub.consumers import positions

    session = session_of(context)
    if not note.strip():
        raise typer.BadParameter("say what was lost and how it was published again", param_hint="--note")
    with session.open() as hub:
        moved = positions.reset(hub.store, topics_of(hub), topic, partition, to=to, by=by, note=note, now=hub.now)
    if session.output.as_json:
        session.output.document([each._asdict() for each in moved])
    else:
        for each in moved:
            session.output.line(_decision_line(each))

"""`hub topics`: makes the topics of the log, and says what differs from what the hub needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.session import Session, session_of

if TYPE_CHECKING:
    from hub.log.port import Difference, TopicAdmin

app = typer.Typer(name="topics", help="Make, check and list the topics of the log.", no_args_is_help=True)


@app.command(short_help="Make the topics that are missing, and say what differs.")
def create(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; exit code 1 if anything.")
    ] = False,
    alter: Annotated[bool, typer.Option("--alter", help="Set what differs, but for partitions and replicas.")] = False,
) -> None:
    """Make the inbound topics and the outbound ones; exit code 1 if an existing one differs from the settings.

    Partitions, replicas and retention are HUB_PARTITIONS, HUB_REPLICATION and HUB_RETENTION_DAYS. Topics that exist are
    only changed with `--alter`, and never their partitions, since a key's events would go to another one.
    """
    session = session_of(context)
    wanted = _wanted(session)
    with _admin(session) as admin:
        before = admin.differences(wanted)
        missing = {each.topic: wanted[each.topic] for each in before if each.found is None}
        altered = [each for each in before if alter and each.can_alter]
        if not dry_run:
            # Not through what differs: creating would refuse it before anything is made.
            admin.create(missing)
            admin.alter(altered)
        left = [each for each in before if each.found is not None and each not in altered]
    _tell(session, wanted, missing, altered, left, is_done=not dry_run)
    if left or (dry_run and (missing or altered)):
        raise typer.Exit(1)


@app.command("list", short_help="List the topics and what they hold.")
def list_topics(context: typer.Context) -> None:
    """List the hub's topics that exist: their partitions, and the offsets that each holds."""
    session = session_of(context)
    with _admin(session) as admin:
        found = admin.describe(_wanted(session))
    if session.output.as_json:
        session.output.document(
            [
                {
                    "topic": topic.name,
                    "topic_id": topic.topic_id,
                    "partitions": [
                        {"partition": number, "beginning": extent.beginning, "end": extent.end}
                        for number, extent in enumerate(topic.partitions)
                    ],
                }
                for topic in found.values()
            ]
        )
        return
    for topic in found.values():
        held = ", ".join(
            f"{number}: {extent.beginning} to {extent.end}" for number, extent in enumerate(topic.partitions)
        )
        session.output.line(f"{topic.name}\t{topic.topic_id}\t{held}")
    if not found:
        session.output.say("there are no topics; `hub topics create` makes them")


def _wanted(session: Session) -> dict[str, int]:
    from hub.domain.topics import INBOUND, OUTBOUND, partitions_of

    return partitions_of((*INBOUND, *OUTBOUND), session.settings().partitions)


@contextmanager
def _admin(session: Session) -> Iterator[TopicAdmin]:
    """Open the log alone: where topics are made, there need be no stores and no keys."""
    from hub.wiring.logs import log_of
    from hub.wiring.machine import now
    from hub.wiring.stores import Paths

    settings = session.settings()
    admin = log_of(settings, Paths(settings).log, now).admin()
    try:
        yield admin
    finally:
        admin.close()


def _tell(
    session: Session,
    wanted: dict[str, int],
    missing: dict[str, int],
    altered: Sequence[Difference],
    left: Sequence[Difference],
    *,
    is_done: bool,
) -> None:
    output = session.output
    if output.as_json:
        document = {
            "created": missing,
            "altered": [each._asdict() for each in altered],
            "different": [each._asdict() for each in left],
            "dry_run": not is_done,
        }
        output.document(document)
        return
    changed = {each.topic for each in (*altered, *left)}
    for topic, partitions in wanted.items():
        if topic in missing:
            output.line(f"{topic}\t{'created' if is_done else 'would be created'}, {partitions} partitions")
        elif topic not in changed:
            output.line(f"{topic}\tas it should be")
    for each in altered:
        said = "set" if is_done else "would be set"
        output.line(f"{each.topic}\t{each.setting}: {said} to {each.wanted}, was {each.found}")
    for each in left:
        output.line(f"{each.topic}\t{each.setting}: {each.found}, should be {each.wanted}; {_remedy(each)}")


def _remedy(difference: Difference) -> str:
    if difference.can_alter:
        return "`hub topics create --alter` sets it"
    if difference.setting == "replication":
        return "move the replicas with `kafka-reassign-partitions.sh`"
    return "it cannot change without breaking the order of keys: set HUB_PARTITIONS to what there is"

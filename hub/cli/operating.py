"""`hub status`, `hub digest`, `hub rebuild`: what the hub holds, and making its read model anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.audit.moments import day_in_france
from hub.cli.session import session_of

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from hub.cli.output import Output
    from hub.consumers.lag import Lag
    from hub.wiring import Hub


WATCH_EVERY_S = 2.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status", short_help="Show that it adds up, the lag, what it holds.")(status)
    app.command("digest", short_help="Write a digest of the read model's content.")(digest)
    app.command("rebuild", short_help="Make the read model anew from the ledger.")(rebuild)


def digest(context: typer.Context) -> None:
    """Write one line: the digest of the read model's content, equal wherever the same events were accepted."""
    session = session_of(context)
    with session.open() as hub:
        found = digest_of(hub)
    if session.output.as_json:
        session.output.document({"digest": found})
    else:
        session.output.line(found)


def digest_of(hub: Hub) -> str:
    """Give the digest of the live read model."""
    from hub.ledger.database import reading
    from hub.projections import generations
    from hub.projections.digest import digest as of_rows

    with reading(hub.store) as connection:
        return of_rows(connection, generations.live(connection))


def rebuild(context: typer.Context) -> None:
    """Rebuild the read model from the ledger beside the live one, and switch to it."""
    session = session_of(context)
    with session.open() as hub:
        number = rebuilt(hub, session.output)
    if session.output.as_json:
        session.output.document({"generation": number})
    else:
        session.output.line(f"The read model was rebuilt from the ledger; generation {number} is live.")


def rebuilt(hub: Hub, output: Output) -> int:
    """Rebuild and show how far it is; give the new generation's number."""
    with output.progress("Rebuilding") as progress:
        return hub.rebuild(progress)


def status(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Go on looking: rates, lag, quarantine, rebuild.")] = False,
    seconds: Annotated[
        float, typer.Argument(metavar="SECONDS", min=0.1, max=3_600, help="With --watch, how often.")
    ] = WATCH_EVERY_S,
) -> None:
    """Show that nothing was lost (read = accepted + duplicate + quarantined), the lag, and what the hub holds.

    With --watch it counts every row once a minute at most, and Ctrl-C ends it.
    """
    session = session_of(context)
    if not watch and seconds != WATCH_EVERY_S:
        raise typer.BadParameter("give them with --watch", param_hint="SECONDS")
    with session.open() as hub:
        if watch:
            from hub.cli.watching import watch as watch_it

            watch_it(hub, session.output, seconds)
            return
        found = status_of(hub)
    if session.output.as_json:
        session.output.document(found)
    else:
        session.output.screen(*status_screen(found))


def status_of(hub: Hub) -> dict[str, Any]:
    """Give the whole status: one snapshot of the store, and the lag."""
    from contextlib import closing

    from hub.cli.watching import held_document, rebuild_document
    from hub.consumers.lag import lag
    from hub.consumers.survey import lag_seconds, look_at_log, survey
    from hub.domain.topics import INBOUND
    from hub.ledger.accounting import accounting
    from hub.ledger.database import reading
    from hub.projections import generations
    from hub.projections.figures import figures

    with reading(hub.store) as connection:
        live = generations.live_generation(connection)
        counted = accounting(connection)
        held = figures(connection, generations.live(connection), day_in_france(hub.now()))
        store = survey(connection)
    with closing(hub.admin()) as admin:
        topics = lag(admin.describe(INBOUND), store.stored)
        backlog = look_at_log(admin, INBOUND, store.stored)
    return {
        "accounting": {**counted._asdict(), "adds_up": counted.adds_up},
        "lag": {
            "topics": [
                {
                    **each._asdict(),
                    "lag_seconds": lag_seconds((at for at in backlog if at.topic == each.topic), hub.now),
                }
                for each in topics
            ],
            "total_events": sum(each.lag_events for each in topics),
            "seconds": lag_seconds(backlog, hub.now),
        },
        "quarantine": held_document(store, hub),
        "held": held._asdict(),
        "ledger_position": store.position,
        "generation": {"number": live.number, "live_since": live.live_at, "outdated": live.is_outdated},
        "rebuild": rebuild_document(store, hub),
    }


def lag_of(hub: Hub) -> list[Lag]:
    """Give how much of each topic is still to read."""
    from hub.cli.offsets import topics_of
    from hub.consumers.lag import lag
    from hub.ledger import offsets
    from hub.ledger.database import reading

    with reading(hub.store) as connection:
        stored = offsets.all_offsets(connection)
    return lag(topics_of(hub), stored)


def status_screen(found: dict[str, Any]) -> list[RenderableType]:
    """Lay the status out for a terminal."""
    from rich.text import Text

    incidents = [incident_line(topic) for topic in found["lag"]["topics"] if topic["incidents"]]
    return [sums_line(found["accounting"]), *incidents, Text(), _lag_table(found["lag"]), Text(), _held_table(found)]


def incident_line(topic: dict[str, Any]) -> RenderableType:
    """Say that consumers stop at a topic, since the log lost what comes next there."""
    from rich.text import Text

    partitions = ", ".join(map(str, topic["incidents"]))
    text = Text("INCIDENT ", style="bold red").append(f"{topic['topic']}, partition {partitions}: ", style="bold")
    first = next(iter(topic["incidents"].values()))
    return text.append(f"{first}; consumers stop there, see `hub offsets list`")


def sums_line(counted: dict[str, Any]) -> Text:
    """Write the sum that shows that nothing was lost."""
    from rich.text import Text

    parts = [
        ("accepted", counted["accepted"]),
        ("duplicate", counted["duplicate"]),
        ("quarantined", counted["quarantined"]),
    ]
    if counted["discarded"]:
        parts.append(("discarded", counted["discarded"]))
    text = Text("read ", style="bold").append(f"{counted['read']:,}", style="bold")
    for index, (name, number) in enumerate(parts):
        text.append(" = " if index == 0 else " + ", style="dim").append(f"{name} ").append(f"{number:,}", style="bold")
    adds_up = counted["adds_up"]
    return text.append("   adds up" if adds_up else "   DOES NOT ADD UP", style="bold green" if adds_up else "bold red")


def _lag_table(lag: dict[str, Any]) -> RenderableType:
    from rich import box
    from rich.table import Table

    from hub.cli.amounts import duration

    table = Table("topic", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("partitions", "records", "lag", *(["oldest unread"] if lag["total_events"] else [])):
        table.add_column(name, justify="right")

    def age(seconds: float | None) -> list[str]:
        known = "not known" if seconds is None else duration(seconds) if seconds else ""
        return [known] if lag["total_events"] else []

    for topic in lag["topics"]:
        behind = f"{topic['lag_events']:,}"
        partitions, records = f"{topic['partitions']:,}", f"{topic['held_events']:,}"
        table.add_row(topic["topic"], partitions, records, behind, *age(topic["lag_seconds"]))
    table.add_section()
    records = f"{sum(topic['held_events'] for topic in lag['topics']):,}"
    table.add_row("in all", "", records, f"{lag['total_events']:,}", *age(lag["seconds"]))
    return table


def _held_table(found: dict[str, Any]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from hub.cli.amounts import duration, listed
    from hub.cli.watchscreen import rebuild_words

    held = found["held"]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")

    def row(name: str, number: int, detail: str = "") -> None:
        table.add_row(name, f"{number:,}", detail)

    records = held["case_records"]
    row("people", held["people"])
    row("pathways", held["pathways"], f"{held['joint_pathways']:,} with both networks; {listed(held['phases'])}")
    row("case records", sum(records.values()), listed(records))
    row("events", found["ledger_position"], f"ledger position; {held['timeline_events']:,} about case records")
    quarantine = found["quarantine"]
    if quarantine["held"]:
        oldest = f"the oldest for {duration(quarantine['oldest_seconds'])}"
        row("quarantine", quarantine["held"], f"{listed(quarantine['by_reason'])}; {oldest}")
    row("anomalies", sum(held["anomalies"].values()), listed(held["anomalies"]))
    row("alerts overdue", held["alerts_overdue"], f"{held['alerts_awaited']:,} more are awaited")
    row("re-referrals", held["re_referrals"])
    row("contradictions", held["contradictions"], "open: the networks differ and nobody has settled it")
    links = held["links"]
    row("links", links.get("linked", 0), listed({name: links.get(name, 0) for name in ("suggested", "separated")}))
    generation = found["generation"]
    since = generation["live_since"]
    row("generation", generation["number"], f"live since {since:%Y-%m-%d %H:%M:%S} UTC" if since else "")
    if generation["outdated"]:
        table.add_row("", "", Text("built by another version of the hub: run `hub rebuild`", style="bold yellow"))
    if building := found["rebuild"]:
        row("rebuild", building["number"], rebuild_words(building))
    return table

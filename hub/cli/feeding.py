"""`hub simulate`, `hub publish`, `hub consume`: a file to try with, files onto the log, the log into the hub."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hub.cli.operating import lag_of
from hub.cli.session import session_of
from hub.cli.stopping import Stop
from hub.cli.working import forever

if TYPE_CHECKING:
    from hub.cli.output import Output
    from hub.consumers.ingest import Counts
    from hub.producers.files import Summary
    from hub.producers.simulation import Summary as Simulated
    from hub.wiring import Hub

_STDIN = Path("-")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("simulate", short_help="Write the events of a simulated region.")(simulate)
    app.command("publish", short_help="Publish files of events.")(publish)
    app.command("consume", short_help="Take in what the log holds.")(consume)


def simulate(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The JSONL file to write.")],
    people: Annotated[int, typer.Option("--people", min=1, max=10_000_000, help="How many people.")] = 300,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 1,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DAY", help="Leave out what arrives on this day or later: YYYY-MM-DD."),
    ] = None,
) -> None:
    """Write the events of a simulated region, broken records included, as JSON lines that `hub publish --raw` reads."""
    from hub.audit.moments import parse_start
    from hub.producers import simulation

    output = session_of(context).output
    ends = None if until is None else parse_start(until)
    with output.progress("Simulating") as progress:
        summary = simulation.write(out, people, seed, lambda made: progress(made, people), until=ends)
    if output.as_json:
        output.document({"file": str(out), **_counts_of(summary)})
        return
    events = sum(summary.events.values())
    output.line(
        f"{summary.people:,} people with {summary.cases:,} case records, {summary.lines:,} lines: "
        f"{events:,} events, {summary.duplicates:,} sent twice, {summary.broken.total():,} broken records."
    )
    output.line(
        f"{summary.late:,} events are late, {summary.voided:,} void another, {summary.re_referrals:,} are re-referrals."
    )


def _counts_of(summary: Simulated) -> dict[str, Any]:
    return {
        "people": summary.people,
        "case_records": summary.cases,
        "lines": summary.lines,
        "events": sum(summary.events.values()),
        "events_by_type": dict(summary.events.most_common()),
        "duplicates": summary.duplicates,
        "late": summary.late,
        "voided": summary.voided,
        "re_referrals": summary.re_referrals,
        "broken": dict(sorted(summary.broken.items())),
    }


def publish(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="JSONL or CSV files; - is the standard input.")
    ],
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Publish every line again, not from where the last run stopped.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Also append the raw records of a simulation, which skip all validation.")
    ] = False,
    form: Annotated[
        Literal["jsonl", "csv"] | None,
        typer.Option("--form", help="What the lines are; by default by the file's ending."),
    ] = None,
) -> None:
    """Publish files of events. Lines that break the contract are reported and passed over; then the exit code is 1."""
    session = session_of(context)
    from hub.wiring.traces import traced

    with session.open() as hub, traced():
        summaries = [
            publish_one(hub, file, session.output, from_start=from_start, raw=raw, form=form) for file in files
        ]
    if session.output.as_json:
        session.output.document([_document(file, summary) for file, summary in zip(files, summaries, strict=True)])
    else:
        for file, summary in zip(files, summaries, strict=True):
            _report(file, summary, session.output)
    if any(summary.refused for summary in summaries):
        raise typer.Exit(1)


def publish_one(
    hub: Hub,
    file: Path,
    output: Output,
    *,
    from_start: bool = False,
    raw: bool = False,
    form: Literal["jsonl", "csv"] | None = None,
) -> Summary:
    """Publish one file from where the last run stopped, and show how far it is."""
    from hub.producers.files import publish_file

    with hub.publisher() as publisher, output.progress(f"Publishing {file.name}") as progress:
        producer = hub.raw_producer()
        try:
            if file == _STDIN:
                return publish_file(
                    sys.stdin.buffer,
                    publisher,
                    producer,
                    id_key=hub.master.derive("file-event-id"),
                    form=form,
                    allow_raw=raw,
                )
            size = file.stat().st_size if file.is_file() else None
            return publish_file(
                file,
                publisher,
                producer,
                id_key=hub.master.derive("file-event-id"),
                form=form,
                allow_raw=raw,
                position=_position_of(hub, file),
                from_start=from_start,
                progress=lambda done: progress(done, size),
            )
        finally:
            producer.close()


def _position_of(hub: Hub, file: Path) -> Path:
    """Give the place of a file's position: in the data directory, since another hub has not read that file."""
    folder = hub.paths.data / "positions"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:32]


def _document(file: Path, summary: Summary) -> dict[str, object]:
    return {
        "file": str(file),
        "resumed_after": summary.resumed_after,
        "lines": summary.lines,
        "published": summary.published,
        "raw": summary.raw,
        "refused": summary.refused,
        "remarks": summary.remarks,
        "notes": summary.notes,
        "first_refusals": [entry._asdict() for entry in summary.first_refusals],
        "report": str(summary.report) if summary.report else None,
    }


def _report(file: Path, summary: Summary, output: Output) -> None:
    resumed = f" after the {summary.resumed_after:,} of earlier runs" if summary.resumed_after else ""
    raw = f", {summary.raw:,} raw records appended" if summary.raw else ""
    output.line(
        f"{file}: {summary.lines:,} lines read{resumed}, {summary.published:,} events published{raw}, "
        f"{summary.refused:,} lines refused."
    )
    for note in summary.notes:
        output.say(f"{file}: {note}")
    for entry in summary.first_refusals:
        field = f"{entry.field}: " if entry.field else ""
        output.say(f"{file}:{entry.line}: {field}{entry.reason}")
    more = summary.refused - len({entry.line for entry in summary.first_refusals})
    if summary.report and (summary.refused or summary.remarks):
        rest = f"{more:,} more refused lines and " if more > 0 else ""
        output.say(
            f"{file}: {rest}all {summary.refused:,} refusals, {summary.remarks:,} remarks are in {summary.report}"
        )


def consume(
    context: typer.Context,
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="Stop when nothing more comes, instead of waiting for it.")
    ] = False,
) -> None:
    """Take what the log holds into the ledger, the quarantine and the read model.

    SIGTERM and Ctrl-C let the batch in hand finish; a second one ends it at once, and nothing is lost. Any number of
    consumers may run at once. What can pass, such as a log or a store that is away, is waited for.
    """
    session = session_of(context)
    with Stop() as stop:
        if until_caught_up:
            with session.open() as hub:
                counts = caught_up(hub, session.output, stop)
        else:
            from hub.wiring.worker import work

            counts = forever(session.settings(), session.output, stop, "consuming", work)
    session.output.counts({name: getattr(counts, name) for name in counts.__slots__})
    if counts.conflicts:
        session.output.say(
            f"warning: {counts.conflicts:,} records repeat an event id with other content; the first content stands, "
            "see `hub quarantine list`"
        )
    if stop.is_interrupt:
        raise KeyboardInterrupt
    if stop.signal_number and until_caught_up:
        session.output.say("stopped before the end of the log; every batch taken is committed, run it again to go on")
        raise typer.Exit(128 + stop.signal_number)


def caught_up(hub: Hub, output: Output, stop: Stop) -> Counts:
    """Take everything that the log holds now, and show how far it is."""
    total = sum(topic.lag_events for topic in lag_of(hub))
    ingest = hub.ingest()
    try:
        with output.progress("Consuming") as progress:
            counts = ingest.until_caught_up(
                lambda counts: progress(counts.read, max(total, counts.read)), lambda: bool(stop.signal_number)
            )
        if not stop.signal_number and not ingest.has_partitions():
            output.say("other workers read all partitions of the log, none was left for this one; see `hub status`")
        return counts
    finally:
        ingest.close()

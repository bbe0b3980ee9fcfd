"""`hub access`: who looked at whom, who was stopped, and that the access log is whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from hub.cli.moments import parse_moment, parse_start
from hub.cli.recorded import access_log, asked, recorded
from hub.cli.session import session_of

if TYPE_CHECKING:
    from hub.cli.recorded import Reading
    from hub.ledger.accessqueries import Alarm, Logged
    from hub.wiring import Hub

app = typer.Typer(name="access", help="Show who looked at whom; release who was stopped; verify.", no_args_is_help=True)

_LAST_ID = 2**63 - 1
_SETTLED = timedelta(minutes=10)
"""After so long no transaction still brings an entry from before."""


_FROM = "Not before: an RFC 3339 time, or a day, which means its beginning in France."
_TO = "Before: an RFC 3339 time, or a day, which means its end in France."
Who = Annotated[str | None, typer.Option("--person", metavar="NAME", help="Who looked at them: as for `hub pathway`.")]
_READER = "Whom this reader read; ID as the log shows it: ISSUER|SUBJECT, or cli:LOGIN."
Reader = Annotated[str | None, typer.Option("--reader", metavar="ID", help=_READER)]
OfKind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only these: read, search, break_glass...")]
Since = Annotated[datetime | None, typer.Option("--since", metavar="T", parser=parse_start, help=_FROM)]
Until = Annotated[datetime | None, typer.Option("--until", metavar="T", parser=parse_moment, help=_TO)]
Opened = Annotated[bool, typer.Option("--reasons", help="Open the reasons that were stated.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")]
After = Annotated[int | None, typer.Option("--after", min=0, max=_LAST_ID, metavar="ID", help="Only those older.")]


@app.command("log", short_help="Show entries of the access log.")
def show_log(  # noqa: PLR0917 typer gives them by name
    context: typer.Context,
    person: Who = None,
    reader: Reader = None,
    kind: OfKind = None,
    since: Since = None,
    until: Until = None,
    reasons: Opened = False,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """Show who looked at whom, newest first: every request that showed people, and every one that was refused."""
    from hub.access.recording import Kind, Person
    from hub.ledger.accessqueries import entries

    if kind is not None and kind not in get_args(Kind):
        raise typer.BadParameter(f"expected one of {', '.join(get_args(Kind))}", param_hint="--kind")
    output = session_of(context).output
    with session_of(context).open() as hub, recorded(hub, "hub access log") as look:
        look.entry.kind = "access_log"
        refs = None if person is None else Person.of(look.find(person)).refs
        given: dict[str, Any] = {"refs": refs, "reader_id": reader, "kind": kind, "since": since, "until": until}
        found = entries(look.connection, **given, after=after, limit=limit + 1)
        documents = _documents(hub, look, found[:limit], reasons=reasons)
    if output.as_json:
        output.document(documents)
    else:
        for each in documents:
            output.line(_line(each))
    if len(found) > limit:
        output.say(f"there are more; --after {found[limit - 1].entry_id} shows those that follow")
    elif not found:
        output.say("no entry")


def _documents(hub: Hub, look: Reading, shown: list[Logged], *, reasons: bool) -> list[dict[str, Any]]:
    from hub.access.recording import Person
    from hub.domain.access import Sight
    from hub.ledger.accesslog import AccessKeys
    from hub.ledger.accessqueries import reason

    refs = {row.subject_ref for entry in shown for row in entry.people}
    names = {ref: "/".join(key.subject[1:]) for ref, key in hub.keystore.by_ref(refs).items()}
    look.entry.at_command_line(Person((ref,)) for ref in sorted(refs))
    keys = AccessKeys(hub.master)
    found = []
    for entry in shown:
        people = [
            {
                "case_record": names.get(row.subject_ref),
                "sight": Sight(row.sight).name.lower(),
                "ground": row.ground,
                "counted": row.counted,
            }
            for row in entry.people
        ]
        said = {**entry._asdict(), "people": people}
        if reasons:
            said["reason"] = reason(look.connection, keys, entry.entry_id) if entry.has_text else None
        found.append(said)
    return found


def _line(entry: dict[str, Any]) -> str:
    grounds = sorted({row["ground"] or "" for row in entry["people"]} - {""})
    records = ", ".join(row["case_record"] or "erased" for row in entry["people"])
    why = [each for each in (entry["code"], entry.get("reason")) if each]
    parts = (
        entry["entry_id"],
        _moment(entry["at"]),
        entry["reader_id"],
        entry["kind"],
        entry["outcome"],
        ",".join(grounds) or "-",
        entry["through"],
        records or "-",
        *why,
    )
    return "\t".join(map(str, parts))


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@app.command(short_help="Show who was stopped for reading too many people.")
def alarms(
    context: typer.Context,
    is_open: Annotated[bool, typer.Option("--open", help="Only those not released.")] = False,
    limit: Limit = 100,
) -> None:
    """Show the alarms, newest first: which reader was stopped, when, and who released them."""
    from hub.ledger.accessqueries import alarms as of_log

    output = session_of(context).output
    with session_of(context).open() as hub, recorded(hub, "hub access alarms") as look:
        look.entry.kind = "access_log"
        found = of_log(look.connection, is_open=True if is_open else None, limit=limit)
    if output.as_json:
        output.document([each._asdict() for each in found])
        return
    for each in found:
        output.line(_alarm_line(each))
    if not found:
        output.say("no alarm")


def _alarm_line(alarm: Alarm) -> str:
    state = f"released {_moment(alarm.released_at)}\t{alarm.released_by}" if alarm.released_at else "open\t-"
    asked_for = f"{alarm.people} {alarm.counted} people, {alarm.most} allowed"
    return f"{alarm.alarm_no}\t{_moment(alarm.raised_at)}\t{alarm.reader_id}\t{asked_for}\t{state}"


@app.command(short_help="Let a reader who was stopped read again.")
def release(
    context: typer.Context,
    alarm: Annotated[int, typer.Argument(metavar="ALARM", min=1, max=_LAST_ID, help="The alarm's number.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why they may; it is kept, sealed.")],
) -> None:
    """Let a reader who was stopped read again; their count begins anew."""
    from hub.access.office import release as let_go

    session = session_of(context)
    with session.open() as hub:
        let_go(hub.store, access_log(hub), asked("hub access release"), alarm, reason, hub.now())
    if session.output.as_json:
        session.output.document({"alarm_no": alarm, "released": True})
    else:
        session.output.line(f"alarm {alarm} is released; the reader may read again")


@app.command(short_help="Drop old months of the log.")
def purge(
    context: typer.Context,
    before: Annotated[str, typer.Option("--before", metavar="MONTH", help="YYYY-MM, the first month that stays.")],
) -> None:
    """Drop the entries of all months before one; those younger than HUB_ACCESS_LOG_MONTHS stay."""
    from hub.access.office import purge as drop
    from hub.ledger.accesslog import AccessKeys
    from hub.ledger.accessmonths import Month

    session = session_of(context)
    month = Month.parsed(before)
    with session.open() as hub:
        kept, keys, by = hub.settings.access_log_months, AccessKeys(hub.master), asked("hub access purge")
        dropped = drop(hub.store, access_log(hub), keys, by, month, kept_months=kept, now=hub.now())
    if session.output.as_json:
        session.output.document({"before": str(month), "entries": dropped})
    else:
        session.output.line(f"{dropped:,} entries from before {month} are gone")


@app.command(short_help="Verify that no entry was changed or taken away.")
def verify(
    context: typer.Context,
    up_to: Annotated[
        int | None,
        typer.Option("--up-to", min=0, max=_LAST_ID, metavar="ID", help="Give the digest of the entries up to this."),
    ] = None,
) -> None:
    """Compute every reader's chain of entries again; exit code 1 if one fails.

    The digest is of all entries up to an id, 10 minutes ago if none is given. Keep both elsewhere: the same digest for
    that id later shows that none of those entries was taken away.
    """
    from hub.ledger.accesslog import AccessKeys
    from hub.ledger.accessmonths import lowest_id
    from hub.ledger.accessverify import verify as chains
    from hub.ledger.database import reading

    session = session_of(context)
    with session.open() as hub, reading(hub.store) as connection:
        until = lowest_id(hub.now() - _SETTLED) if up_to is None else up_to
        found = chains(connection, AccessKeys(hub.master), until)
    if session.output.as_json:
        session.output.document(found._asdict())
    else:
        session.output.line(f"{found.entries:,} entries of {found.readers:,} readers")
        session.output.line(f"up to {found.up_to}\t{found.digest}")
        for defect in found.defects:
            session.output.line(defect)
    if found.defects:
        raise typer.Exit(1)

"""`hub demo`: the whole of it on a simulated region, in a directory of its own."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.audit.moments import day_in_france
from hub.cli.demotime import PRESENT, Clock, live
from hub.cli.recorded import Reading, recorded
from hub.cli.session import Session, session_of
from hub.errors import StoreCorrupt, Usage

if TYPE_CHECKING:
    from hub.cli.output import Output
    from hub.settings import Settings
    from hub.wiring import Hub

_MARK = "made-by-hub-demo"
_FEED = "region.jsonl"
_MOST = 10_000
"""People of one adviser, among whom one is shown."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", short_help="Show it all on a simulated region.")(demo)


def demo(
    context: typer.Context,
    people: Annotated[int, typer.Option("--people", min=10, max=1_000_000, help="How many people live there.")] = 720,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another region.")] = 1,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Where; by default demo/ in the data directory.")
    ] = None,
) -> None:
    """Simulate a region, publish and consume it, sum it up on one screen, and serve the pages until Ctrl-C.

    Each run starts afresh. Without a terminal it ends after the summary.
    """
    session = session_of(context)
    output = session.output
    folder = keep or session.data / "demo"
    settings = session.settings(data=folder, key=None, key_file=None)
    with _alone_in(folder):
        _clear(folder)
        clock = Clock()
        with _created(settings, clock) as hub:
            told = _Story(output, hub, folder)
            told.feed(people, seed, clock)
            told.taken_in()
            _name_all(hub, folder)
            told.quarantine()
            told.readings(clock, seed)
            told.pathway()
            told.rebuild()
            told.next_steps(session)
        if output.as_json:
            output.document(told.document)
        elif sys.stdout.isatty():
            from hub.cli.demoserving import serve_demo

            serve_demo(settings, folder, told.person_id, output)


def _created(settings: Settings, clock: Clock) -> Hub:
    from hub.wiring import Hub

    return Hub.create(settings, clock)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep a directory to this demo, whose pages read it until they end; the system lets go of it with the process.

    Raises:
        Usage: the directory holds something that no demo made, or another demo runs in it.
    """
    import fcntl

    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / _MARK).exists())):
        raise Usage(f"{folder} holds something that no demo made; name another directory with --keep")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _MARK).open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Usage(
                f"a demo is running in {folder}; end it with Ctrl-C where it runs, or name another directory by --keep"
            ) from error
        yield


def _name_all(hub: Hub, folder: Path) -> None:
    """Write what the region's advisers and sites are called where `hub serve --local-issuer` looks for it."""
    from hub.cli.demoreading import ISSUER
    from hub.wiring.localissuer import logins_named
    from hub.wiring.naming import FOLDER, write_names

    write_names(hub, folder / FOLDER, logins_named(hub), ISSUER)


def _clear(folder: Path) -> None:
    """Remove what an earlier demo made, and nothing else."""
    made = ("hub.db", "keys.db", "log.db", "master.key", "serve.log", _FEED)
    for path in [*folder.iterdir()]:
        if path.name in {"positions", "names"}:
            for file in path.iterdir():
                file.unlink()
            path.rmdir()
        elif path.name.startswith(made):
            path.unlink()


class _Story:
    """The demo, chapter by chapter; `document` is what it found, for JSON, and `rows` sum it up for a screen."""

    def __init__(self, output: Output, hub: Hub, folder: Path) -> None:
        self._output = output
        self._hub = hub
        self._folder = folder
        self._case, self._halfway = "", date(2020, 6, 30)
        self._rows: list[tuple[str, str]] = []
        self.person_id: str | None = None
        self.document: dict[str, Any] = {"data": str(folder)}

    def feed(self, people: int, seed: int, clock: Clock) -> None:
        """Simulate a region, publish its feed, and take it in as it came over the years."""
        from hub.cli.stopping import Stop
        from hub.producers import simulation

        file = self._folder / _FEED
        with self._output.progress("Simulating") as progress:
            made = simulation.write(
                file, people, seed, lambda done: progress(done, people), until=PRESENT, is_showcase=True
            )
        with Stop() as stop:
            published = live(self._hub, file, clock, self._output, stop)
        if stop.signal_number:
            raise KeyboardInterrupt
        self.document["simulated"] = {"people": people, "case_records": made.cases, "lines": made.lines}
        self.document["published"] = {"events": published.published, "raw": published.raw}
        told = f"{people:,} invented people with {made.cases:,} case records at France Travail and Cap emploi"
        self._rows.append(("people", told))

    def taken_in(self) -> None:
        """Count what became of it, and show that nothing was lost."""
        from hub.cli.operating import status_of, sums_line

        found = status_of(self._hub)
        self.document["status"] = found
        held, more = found["held"], found["held"]["pathways"] - self.document["simulated"]["people"]
        told = f"{held['pathways']:,}, of which {held['joint_pathways']:,} join the records of both networks"
        if more > 0:
            told += f"; {more:,} more than people: records of one person that nothing joins until somebody decides"
        self._rows.append(("pathways", told))
        self._rows.append(("events", f"{sums_line(found['accounting'])} (duplicates were sent twice)"))

    def quarantine(self) -> None:
        """Count what is held, by its reason."""
        from collections import Counter

        from hub.ledger.database import reading

        with reading(self._hub.store) as connection:
            entries = self._hub.quarantine.listing(connection, limit=100_000)
        reasons = Counter(entry.reason for entry in entries)
        self.document["quarantine"] = dict(reasons.most_common())
        told = f"{len(entries):,} records that break the contract, held with their bytes until somebody decides"
        self._rows.append(("quarantine", told))

    def readings(self, clock: Clock, seed: int) -> None:
        """Let advisers look at people, and say that each look is on record."""
        from hub.cli.demoreading import read_lately

        told = read_lately(self._hub, clock, seed)
        self.document["readings"] = told._asdict()
        said = f"{told.shown:,} looks at people in a week are on record, {told.reasons} of them for a stated reason"
        if told.stopped:
            said += "; an account that asked at night for one person after the other was stopped"
        self._rows.append(("readings", said))

    def pathway(self) -> None:
        """Find the person who has most to tell, and why a fact of their pathway is so."""
        from hub.audit.viewing import document
        from hub.cli.viewing import view_of
        from hub.projections.facts import fact, row_name
        from hub.projections.telling import most_telling

        with recorded(self._hub, "hub demo") as look:
            person = most_telling(look.connection, look.tables, _of_one_adviser(self._hub, look))
            if person is None:
                return
            self.person_id = person
            view = view_of(self._hub, look, person, None, None)
            decided = self._hub.viewer.decisions(look.connection, view)
            delegations = view.tables["delegation"]
            chosen = f"{row_name('delegation', delegations[0])}.status" if delegations else "phase"
            explained = self._hub.viewer.explanation(look.connection, fact(view, chosen))
        self._case = "/".join(view.cases[-1])
        self._halfway = view.timeline[len(view.timeline) // 2]["occurred_at"].date()
        self.document |= {"pathway": document(view, decided, None, None), "explanation": explained}

    def rebuild(self) -> None:
        """Rebuild the read model and compare the digests."""
        from hub.cli.operating import digest_of, rebuilt

        before = digest_of(self._hub)
        rebuilt(self._hub, self._output)
        after = digest_of(self._hub)
        self.document["digests"] = {"ingested": before, "rebuilt": after}
        if before != after:
            raise StoreCorrupt("the rebuilt read model differs from the one made while consuming; please report this")
        self._rows.append(("rebuild", f"all of it made again from the ledger has the same digest, {after[:12]}…"))

    def next_steps(self, session: Session) -> None:
        """Sum it up, and give the commands to go on with."""
        data = shlex.quote(str(self._folder))
        program = _program()
        commands = [
            f"{program} --data {data} pathway {self._case}",
            f"{program} --data {data} pathway {self._case} --as-of {self._halfway}",
            f"{program} --data {data} explain {self._case}",
            f"{program} --data {data} suggestions",
            f"{program} --data {data} quarantine list",
            f"{program} --data {data} status",
            f"{program} --data {data} access log",
            f"{program} --data {data} serve --local-issuer --today {PRESENT:%Y-%m-%d}",
        ]
        self.document["next"] = commands
        if session.output.as_json:
            return
        from rich.rule import Rule
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold")
        table.add_column()
        for name, told in self._rows:
            table.add_row(name, Text(told))
        day = f"{PRESENT:%Y-%m-%d}"
        self._output.screen(Rule(Text(f"A simulated region, on {day}", style="bold"), align="left"), table)
        self._output.screen(Rule(Text("Where to look next, by command", style="bold"), align="left"))
        for command in commands:
            self._output.line(command)


def _of_one_adviser(hub: Hub, look: Reading) -> list[int] | None:
    """Give the people of the first adviser as whom one may log in, None if nobody accompanies anyone."""
    from hub.access.ties import caseload
    from hub.domain.access import Reader
    from hub.domain.ids import FRANCE_TRAVAIL
    from hub.wiring.localissuer import busiest

    for adviser, _ in busiest(hub, FRANCE_TRAVAIL)[:1]:
        reader = Reader("", frozenset({"adviser"}), FRANCE_TRAVAIL, adviser)
        return caseload(look.connection, look.tables, reader, day_in_france(hub.now()), after=None, limit=_MOST)
    return None


def _program() -> str:
    """Name the program as it was started, so that the commands can be copied."""
    started = Path(sys.argv[0])
    if started.name != "hub":
        return "hub"
    here = Path.cwd()
    return str(started.relative_to(here)) if started.is_absolute() and started.is_relative_to(here) else str(started)

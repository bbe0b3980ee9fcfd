"""Every page as its readers open it: the server's time, its CPU time, and the bytes that a browser loads.

`python -m benchmarks.pages` measures the installation that the `HUB_...` variables name, as it is; its access log
grows by what is read.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx2
from sqlalchemy import func, select

from benchmarks.api import FREE
from benchmarks.machine import machine
from benchmarks.measure import percentile, spread
from benchmarks.report import Cell, Table, markdown, number
from benchmarks.sights import PAGES, Ask, Found, Page, found
from benchmarks.workspace import Workspace
from hub.cli.demotime import PRESENT
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.projections import generations
from hub.settings import Settings
from hub.wiring import Hub
from tests.servers.run import wait_until
from tests.web.logins import Browser

REQUESTS = 30
_ROOT = Path(__file__).parents[1]
_START_S = 120.0
_ASSET = re.compile(r'(?:href|src)="(/statique/[^"]+)"')
_NANOSECONDS_OF_MS = 1e6


class Served(NamedTuple):
    """What came of a page's requests to one server, in turn: milliseconds by its log and of its CPU time, and bytes."""

    took_ms: Sequence[float]
    cpu_ms: float
    page_bytes: int
    loaded_bytes: int


def measure(workspace: Workspace) -> list[Table]:
    """Measure a region made for it."""
    with workspace.ingested(workspace.people) as hub:
        return measured(hub, {"HUB_DATA": str(hub.paths.data)}, workspace.runs, min(REQUESTS, workspace.people))


def measured(
    hub: Hub, environment: Mapping[str, str], runs: int, requests: int = REQUESTS, today: datetime = PRESENT
) -> list[Table]:
    """Measure an installation as it is, each run with a server of its own."""
    wanted = found(hub, today, requests)
    with _site(environment, today) as site:
        refused = frozenset[Ask]().union(*(site.refused(page, wanted) for page in PAGES))
    rows: dict[str, list[Served]] = {}
    for _ in range(runs):
        with _site(environment, today) as site:
            for page in PAGES:
                # What a page before links to, by addresses that only this server may know.
                asks = [ask for ask in page.asks(wanted, site.browser(page.login)) if ask not in refused]
                if asks:
                    rows.setdefault(page.name, []).append(site.measured(page, asks, requests))
    return [_table(hub, wanted, rows, requests)]


class _Site:
    """A running server, whose log is a file."""

    def __init__(self, pid: int, log: Path, around: ExitStack) -> None:
        self._pid = pid
        self._log = log
        self._around = around
        self._browsers: dict[str | None, Browser] = {}
        self._tokens: dict[str | None, str] = {}
        self._assets: dict[str, int] = {}
        self.url = f"http://127.0.0.1:{next(line['port'] for line in self._lines() if line['event'] == 'serving')}"

    def browser(self, login: str | None) -> Browser:
        """Give a browser in which someone is logged in, or nobody."""
        if login not in self._browsers:
            self._browsers[login] = browser = self._around.enter_context(Browser(self.url))
            if login is not None:
                answer = browser.log_in(login)
                assert answer.status_code == 303, answer.text
        return self._browsers[login]

    def refused(self, page: Page, wanted: Found) -> frozenset[Ask]:
        """Give the forms that are not accepted: not every drawn person is known well enough to look them up."""
        asks = [ask for ask in page.asks(wanted, self.browser(page.login)) if ask.form is not None]
        return frozenset(ask for ask in asks if self._ask(page, ask).status_code == 422)

    def measured(self, page: Page, asks: Sequence[Ask], requests: int) -> Served:
        """Make a page's requests in turn."""
        self._token(page.login)
        before = _cpu_ns(self._pid)
        answers = [self._ask(page, asks[turn % len(asks)]) for turn in range(requests)]
        spent = (_cpu_ns(self._pid) - before) / _NANOSECONDS_OF_MS / requests
        assert {answer.status_code for answer in answers} == {200}, page.name
        took = self._took([answer.headers["X-Request-Id"] for answer in answers])
        size = max(len(answer.content) for answer in answers)
        with_it = sum(self._size(path) for path in dict.fromkeys(_ASSET.findall(answers[0].text)))
        return Served(took, spent, size, size + with_it)

    def _ask(self, page: Page, ask: Ask) -> httpx2.Response:
        browser = self.browser(page.login)
        if ask.form is None:
            return browser.get(ask.path)
        sent = {"jeton": self._token(page.login), **dict(ask.form)}
        return browser.post(ask.path, data=sent, headers={"Origin": self.url})

    def _token(self, login: str | None) -> str:
        if login not in self._tokens and login is not None:
            self._tokens[login] = self.browser(login).token()
        return self._tokens.get(login, "")

    def _took(self, ids: Sequence[str]) -> list[float]:
        """Give the milliseconds of requests; each is logged when the client has its answer already."""
        wait_until(lambda: ids[-1] in self._log.read_text(), deadline_s=_START_S, what="the line of a request")
        took = {line["request_id"]: line["ms"] for line in self._lines() if line["event"] == "request"}
        return [took[each] for each in ids]

    def _size(self, path: str) -> int:
        """Give the bytes that a browser loads of a style or script, which are compressed."""
        if path not in self._assets:
            with self.browser(None).stream("GET", path.replace("&amp;", "&")) as answer:
                self._assets[path] = sum(map(len, answer.iter_raw()))
        return self._assets[path]

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text().splitlines() if line.endswith("}")]


@contextmanager
def _site(environment: Mapping[str, str], today: datetime) -> Iterator[_Site]:
    """Serve the pages, with every role to log in as."""
    given = {**os.environ, **environment, **FREE}
    command = [sys.executable, "-m", "hub.cli.app", "serve", "--port", "0", "--local-issuer"]
    with ExitStack() as around:
        log = Path(around.enter_context(TemporaryDirectory())) / "serve.log"
        output = around.enter_context(log.open("w"))
        process = around.enter_context(
            subprocess.Popen(
                [*command, "--today", today.isoformat()],
                cwd=_ROOT,
                env=given,
                stdout=subprocess.DEVNULL,
                stderr=output,
            )
        )
        around.callback(process.terminate)
        wait_until(
            lambda: '"serving"' in log.read_text() or process.poll() is not None, deadline_s=_START_S, what="the pages"
        )
        assert process.poll() is None, log.read_text()
        yield _Site(process.pid, log, around)


def _cpu_ns(pid: int) -> int:
    """Give the CPU time of a process by the kernel's scheduler, where it tells; else 0."""
    spent = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        spent += int(thread.read_text().split()[0])
    return spent


def _table(hub: Hub, wanted: Found, rows: Mapping[str, Sequence[Served]], requests: int) -> Table:
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        people = connection.scalar(select(func.count()).select_from(tables.models["pathway"])) or 0
        events = ledger.count(connection)
    note = (
        f"{events:,} events of {people:,} people; the adviser has {wanted.own_total:,} people, the site of its lead "
        f"{wanted.site_total:,}, the longest pathway {wanted.longest.events:,} events. {requests} requests for each "
        "page by one reader, one after the other and over different people, by the server's own log; CPU: of all its "
        "threads, on average. First: the first ever of a new server. Loaded: the largest page, with its style and "
        "scripts as they are sent, compressed."
    )
    columns = ("", "p50, ms", "p95, ms", "most, ms", "first, ms", "CPU, ms", "HTML, kB", "loaded, kB")
    return Table("Web pages", columns, [_row(name, runs) for name, runs in rows.items()], note)


def _row(name: str, runs: Sequence[Served]) -> tuple[Cell, ...]:
    later = [run.took_ms[1:] or run.took_ms for run in runs]
    return (
        name,
        *(spread([percentile(took, percent) for took in later]) for percent in (50, 95, 100)),
        spread([run.took_ms[0] for run in runs]),
        spread([run.cpu_ms for run in runs]),
        number(max(run.page_bytes for run in runs) / 1e3),
        number(max(run.loaded_bytes for run in runs) / 1e3),
    )


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="for each page and run")
    parser.add_argument(
        "--today", type=datetime.fromisoformat, default=PRESENT, help="the moment that it takes for now"
    )
    chosen = parser.parse_args()
    described = machine()
    with Hub(Settings()) as opened:
        tables = measured(opened, {}, chosen.runs, chosen.requests, chosen.today)
    print(markdown(tables, described, f"The installation as it is, {chosen.runs} runs"))


if __name__ == "__main__":
    _main()

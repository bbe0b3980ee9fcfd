"""`python -m benchmarks [NAME...]`: measure, and print the tables as Markdown."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import (
    api,
    codec,
    end_to_end,
    evolve,
    ingest,
    latency,
    memory,
    newest_first,
    pages,
    profiling,
    publish_http,
    queries,
    rebuild,
    rebuild_on_servers,
    transport,
    visible,
)
from benchmarks.machine import machine
from benchmarks.report import Table, document, markdown
from benchmarks.servers import Servers, servers
from benchmarks.workspace import Workspace

BENCHMARKS: dict[str, Callable[[Workspace], list[Table]]] = {
    "codec": codec.measure,
    "evolve": evolve.measure,
    "ingest": ingest.measure,
    "rebuild": rebuild.measure,
    "memory": memory.measure,
    "queries": queries.measure,
    "newest_first": newest_first.measure,
    "latency": latency.measure,
    "publish_http": publish_http.measure,
    "pages": pages.measure,
}
ON_SERVERS: dict[str, Callable[[Servers], list[Table]]] = {
    "transport": transport.measure,
    "end_to_end": end_to_end.measure,
    "rebuild_on_servers": rebuild_on_servers.measure,
    "visible": visible.measure,
    "api": api.measure,
    "publish_http_on_servers": publish_http.measure_on_servers,
}
_NAMES = [*BENCHMARKS, *ON_SERVERS]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that were named, or all."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - {*BENCHMARKS, *ON_SERVERS}:
        parser.error(f"no benchmark is named {', '.join(sorted(unknown))}; there are {', '.join(_NAMES)}")
    described = machine()
    settings = f"{chosen.people:,} people, {chosen.runs} runs"
    tables: list[Table] = []
    with TemporaryDirectory(prefix="bench-", dir=chosen.folder) as folder:
        workspace = Workspace(Path(folder), chosen.people, chosen.runs, large=chosen.large)
        names = ["profile"] if chosen.profile else list(dict.fromkeys(chosen.names)) or _NAMES
        for name in names:
            if name in ON_SERVERS:
                continue
            print(f"{name} ...", file=sys.stderr, flush=True)
            tables += profiling.measure(workspace) if chosen.profile else BENCHMARKS[name](workspace)
        tables += _on_servers([name for name in names if name in ON_SERVERS], workspace)
    print(markdown(tables, described, settings))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(document(tables, described, settings), ensure_ascii=False, indent=2) + "\n")


def _on_servers(names: Sequence[str], workspace: Workspace) -> list[Table]:
    """Start the servers once for all that need them."""
    if not names:
        return []
    tables: list[Table] = []
    with servers(workspace) as started:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            tables += ON_SERVERS[name](started)
    return tables


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the hub.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_NAMES))
    parser.add_argument("--people", type=_count, default=4_000, help="size of the region, about 25 events a person")
    parser.add_argument("--runs", type=_count, default=3, help="how often each thing is measured")
    parser.add_argument("--large", action="store_true", help="memory and queries at ten times the size too; takes long")
    parser.add_argument("--profile", action="store_true", help="show where the time of ingest and rebuild goes instead")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to make the stores: on the disk to measure")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return number


if __name__ == "__main__":
    main()

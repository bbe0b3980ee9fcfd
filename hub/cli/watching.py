"""`hub status --watch`: what goes through the hub now, from looks that stay cheap on a store of any size."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from hub.errors import HubError

if TYPE_CHECKING:
    from rich.console import Group

    from hub.cli.output import Output
    from hub.consumers.survey import Backlog, StoreLook
    from hub.ledger.accounting import Accounting
    from hub.wiring import Hub

COUNTED_EVERY_S = 60.0
"""How often every row is counted; at least twenty times as long as that takes."""
_SHARE = 20


class Look(NamedTuple):
    """What was seen at one moment, by a monotonic clock."""

    at_s: float
    store: StoreLook
    backlog: list[Backlog]


class Watch:
    """Looks again and again, and tells what changed since the look before."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._last: Look | None = None
        self._accounting: Accounting | None = None
        self._count_at = 0.0

    def found(self) -> dict[str, Any]:
        """Give a document of this moment; of a failure that can pass, its code and text."""
        try:
            look = self._look()
        except HubError as error:
            if not error.retriable:
                raise
            return {"at": self._hub.now(), "error": {"code": error.code, "text": str(error)}}
        before, self._last = self._last, look
        return self._document(look, before or look)

    def _look(self) -> Look:
        from contextlib import closing

        from hub.consumers.survey import look_at_log, look_at_store
        from hub.domain.topics import INBOUND
        from hub.ledger.accounting import accounting
        from hub.ledger.database import reading

        began = time.monotonic()
        if began >= self._count_at:
            with reading(self._hub.store) as connection:
                self._accounting = accounting(connection)
            took = time.monotonic() - began
            self._count_at = began + max(COUNTED_EVERY_S, _SHARE * took)
        at_s = time.monotonic()
        store = look_at_store(self._hub.store)
        with closing(self._hub.admin()) as admin:
            return Look(at_s, store, look_at_log(admin, INBOUND, store.stored))

    def _document(self, look: Look, before: Look) -> dict[str, Any]:
        from hub.consumers.survey import lag_seconds

        store, now = look.store, self._hub.now
        seconds = look.at_s - before.at_s
        events = sum(each.lag_events for each in look.backlog)
        counted = self._accounting
        return {
            "at": now(),
            "seconds": round(seconds, 3),
            "accounting": counted and {**counted._asdict(), "adds_up": counted.adds_up},
            "read": store.read,
            "ledger_position": store.position,
            "read_per_second": _per_second(store.read - before.store.read, seconds),
            "accepted_per_second": _per_second(store.position - before.store.position, seconds),
            "lag": {
                "total_events": events,
                "seconds": lag_seconds(look.backlog, now),
                "topics": [_topic(name, look, before, self._hub) for name in _topics(look)],
            },
            "partitions": len(look.backlog),
            "partitions_moving": len(_read(look) - _read(before)),
            "quarantine": held_document(store, self._hub),
            "rebuild": rebuild_document(store, self._hub),
        }


def _per_second(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0


def _topics(look: Look) -> list[str]:
    return sorted({each.topic for each in look.backlog})


def _read(look: Look) -> Counter[tuple[str, int]]:
    return Counter({(each.topic, each.partition): each.records_read for each in look.store.stored})


def _topic(name: str, look: Look, before: Look, hub: Hub) -> dict[str, Any]:
    from hub.consumers.survey import lag_seconds

    backlog = [each for each in look.backlog if each.topic == name]
    seconds = look.at_s - before.at_s
    read = sum(each.records_read for each in look.store.stored if each.topic == name)
    read_before = sum(each.records_read for each in before.store.stored if each.topic == name)
    lag = sum(each.lag_events for each in backlog)
    lag_before = sum(each.lag_events for each in before.backlog if each.topic == name)
    return {
        "topic": name,
        "partitions": len(backlog),
        "lag_events": lag,
        "lag_seconds": lag_seconds(backlog, hub.now),
        "read_per_second": _per_second(read - read_before, seconds),
        "arriving_per_second": max(0.0, _per_second(read - read_before + lag - lag_before, seconds)),
        "incidents": {each.partition: each.incident for each in backlog if each.incident},
    }


def held_document(store: StoreLook, hub: Hub) -> dict[str, Any]:
    """Tell what is held in quarantine."""
    oldest_at = store.held.oldest_at
    return {
        "held": store.held.total,
        "by_reason": store.held.by_reason,
        "oldest_at": oldest_at,
        "oldest_seconds": None if oldest_at is None else round((hub.now() - oldest_at).total_seconds(), 3),
    }


def rebuild_document(store: StoreLook, hub: Hub) -> dict[str, Any] | None:
    """Tell how far a rebuild is, None without one."""
    if (building := store.building) is None:
        return None
    return {**building._asdict(), "seconds": round((hub.now() - building.begun_at).total_seconds(), 3)}


def watch(hub: Hub, output: Output, every_s: float) -> None:
    """Show it on a terminal, or write a block or a JSON line per interval elsewhere, until Ctrl-C."""
    watching = Watch(hub)
    try:
        if output.as_json:
            _write_lines(watching, every_s)
        elif sys.stdout.isatty():
            _show(watching, output, every_s)
        else:
            _write_blocks(watching, output, every_s)
    except KeyboardInterrupt:
        return


def _write_lines(watching: Watch, every_s: float) -> None:
    import msgspec

    while True:
        sys.stdout.write(msgspec.json.encode(watching.found()).decode() + "\n")
        sys.stdout.flush()
        time.sleep(every_s)


def _write_blocks(watching: Watch, output: Output, every_s: float) -> None:
    console = output.console()
    while True:
        console.print(_screen(watching.found()))
        console.print()
        sys.stdout.flush()
        time.sleep(every_s)


def _show(watching: Watch, output: Output, every_s: float) -> None:
    from rich.live import Live

    with Live(_screen(watching.found()), console=output.console(), auto_refresh=False) as live:
        while True:
            time.sleep(every_s)
            live.update(_screen(watching.found()), refresh=True)


def _screen(found: dict[str, Any]) -> Group:
    from hub.cli.watchscreen import screen

    return screen(found)

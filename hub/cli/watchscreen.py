"""The screen of `hub status --watch`: it fits 80 columns and 24 lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from hub.cli.amounts import duration, rate
from hub.cli.operating import incident_line, sums_line

if TYPE_CHECKING:
    from rich.console import RenderableType


def screen(found: dict[str, Any]) -> Group:
    """Lay out what was seen at one moment."""
    head = Text(f"{found['at']:%Y-%m-%d %H:%M:%S} UTC", style="dim")
    if "error" in found:
        error = found["error"]
        return Group(head, Text(f"error[{error['code']}]: {error['text']}", style="bold red"))
    topics = found["lag"]["topics"]
    parts: list[RenderableType] = [head, sums_line(found["accounting"]), Text(), _topics(found, topics)]
    parts += [incident_line(topic) for topic in topics if topic["incidents"]]
    return Group(*parts, Text(), _rest(found))


def _topics(found: dict[str, Any], topics: list[dict[str, Any]]) -> RenderableType:
    table = Table("topic", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("arriving", "read", "lag", "oldest unread"):
        table.add_column(name, justify="right", no_wrap=True)
    for topic in topics:
        arriving, read = rate(topic["arriving_per_second"]), rate(topic["read_per_second"])
        table.add_row(topic["topic"], arriving, read, f"{topic['lag_events']:,}", _age(topic["lag_seconds"]))
    table.add_section()
    lag = found["lag"]
    arriving = rate(sum(topic["arriving_per_second"] for topic in topics))
    table.add_row("in all", arriving, rate(found["read_per_second"]), f"{lag['total_events']:,}", _age(lag["seconds"]))
    return table


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "not known"
    return duration(seconds) if seconds else ""


def _rest(found: dict[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    if since := found["read"] - found["accounting"]["read"]:
        table.add_row("read", f"{since:,} more since all was counted")
    table.add_row("events", f"{found['ledger_position']:,}  {rate(found['accepted_per_second'])}".rstrip())
    table.add_row("reading", f"{found['partitions_moving']} of {found['partitions']} partitions since the last look")
    table.add_row("caught up", _caught_up(found))
    table.add_row("quarantine", quarantine_words(found["quarantine"]))
    if found["rebuild"]:
        table.add_row("rebuild", rebuild_words(found["rebuild"]))
    return table


def _caught_up(found: dict[str, Any]) -> str:
    left = found["lag"]["total_events"]
    if not left:
        return "yes"
    gained = found["read_per_second"] - sum(topic["arriving_per_second"] for topic in found["lag"]["topics"])
    if not found["read_per_second"]:
        return "no, and nothing is read"
    return f"in about {duration(left / gained)} at this rate" if gained > 0 else "no: as much arrives as is read"


def quarantine_words(held: dict[str, Any]) -> str:
    """Write what is held, by why, and how old the oldest is."""
    if not held["held"]:
        return "0"
    by_reason = ", ".join(f"{reason} {count:,}" for reason, count in held["by_reason"].items())
    return f"{held['held']:,} held, the oldest for {duration(held['oldest_seconds'])}: {by_reason}"


def rebuild_words(rebuild: dict[str, Any]) -> str:
    """Write how far a rebuild is."""
    share = (rebuild["heard"] + rebuild["done"]) / (2 * rebuild["total"]) if rebuild["total"] else 0.0
    return (
        f"{share:.0%} of generation {rebuild['number']}, begun {duration(rebuild['seconds'])} ago: of "
        f"{rebuild['total']:,} case records {rebuild['heard']:,} are heard, {rebuild['done']:,} laid out"
    )

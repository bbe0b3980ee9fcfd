"""Files on their way to a log that a test looks into."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from hub.domain.events.base import Event
from hub.log.port import Message, TopicPartition
from hub.producers.files import Summary, publish_file
from hub.producers.publisher import Receipt

KEY = b"a secret of this installation"
HEADER = "identifiant;date_inscription;date_maj;nom;code_safir"


class Killed(Exception):
    """Stands for the end of the process: nothing after it runs."""


class Log:
    """Keeps what is published, all of a call or none; `dies` says in which call the process ends, and when."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.messages: list[Message] = []
        self.calls: list[int] = []
        self.dies: dict[int, str] = {}

    def publish_batch(self, events: Sequence[Event]) -> list[Receipt]:
        """Keep all, in order."""
        when = self.dies.get(len(self.calls))
        self.calls.append(len(events))
        if when == "before":
            raise Killed
        self.events += events
        if when == "after":
            raise Killed
        return [Receipt(event.meta.event_id, "t", 0, place) for place, event in enumerate(events)]

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        """Keep all, in order."""
        self.messages += messages
        return [(TopicPartition(message.topic, 0), place) for place, message in enumerate(messages)]

    @property
    def ids(self) -> list[str]:
        """The ids of the events, in order."""
        return [event.meta.event_id for event in self.events]


def send(log: Log, source: Path | BytesIO, **options: Any) -> Summary:
    fake: Any = log
    return publish_file(source, fake, fake, id_key=KEY, **options)


def document(number: int, network: str = "france_travail") -> dict[str, Any]:
    is_ft = network == "france_travail"
    meta = {
        "event_id": nth(number),
        "network": network,
        "scope": "" if is_ft else "35600000000048",
        "local_id": f"{number:011d}",
        "sequence": 1,
        "occurred_at": "2021-01-04T09:00:00Z",
        "recorded_at": "2021-01-04T09:00:00Z",
        "actor_id": "A-1",
        "organisation": "ORG",
    }
    return {"type": "CaseClosed", "meta": meta, "motive": "other"}


def nth(number: int) -> str:
    return f"01890a5d-0000-7000-8000-{number:012d}"


def jsonl(*documents: object) -> bytes:
    lines = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in documents)
    return b"".join(line + b"\n" for line in lines)


def rows(count: int) -> bytes:
    cases = (f"{number:011d};2020-01-06;2021-03-01;Durand;01234" for number in range(count))
    return "\n".join((HEADER, *cases, "")).encode()


def report_of(source: Path) -> list[dict[str, Any]]:
    path = source.with_name(f"{source.name}.report.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

"""What a request shows of whom, and recording it: durable before anyone sees it, counted, stopped beyond a limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, get_args

from sqlalchemy import Connection

from hub.access.asking import Asked
from hub.access.volume import Left
from hub.domain.access import DENIED, Reader, Reason, Sight, TieGround, Verdict
from hub.projections.finding import Found
from hub.projections.records import CaseRow

Kind = Literal[
    "read",
    "list",
    "search",
    "look_up",
    "follow",
    "break_glass",
    "report",
    "access_log",
    "decide",
    "release",
    "purge",
    "quarantine",
]
"""What was asked for."""
Outcome = Literal["shown", "refused", "slowed", "stopped"]
Counted = Literal["own", "other"]
"""How a person counts toward the volume alarm: accompanied, or any other."""

OWN: frozenset[str] = frozenset({*get_args(TieGround), "site"})
"""The grounds on which a person is one's own."""


class Person(NamedTuple):
    """One person to the access log: the references of their case records, sorted; nobody has none.

    `asked` is what was asked for where it led to nobody: it is hashed under a key, and never kept.
    """

    refs: tuple[bytes, ...]
    asked: str = ""

    @classmethod
    def of(cls, found: Found) -> Person:
        """Give the person that a pathway is about."""
        return cls.with_cases(found.members)

    @classmethod
    def with_cases(cls, cases: Iterable[CaseRow]) -> Person:
        """Give the person whose case records these are."""
        return cls(tuple(sorted(case.subject_ref for case in cases)))

    @classmethod
    def nobody(cls, asked: str) -> Person:
        """Give what stands for a name or traits that led to nobody: asking for them counts as for somebody."""
        return cls((), asked)


class Shown(NamedTuple):
    """How much of a person was shown, on which ground, and how that counts; None where it does not."""

    sight: Sight
    ground: str | None
    counted: Counted | None


@dataclass
class Entry:
    """The entry that a request is going to have: filled while people are read, appended when it is answered."""

    kind: Kind = "read"
    is_refused: bool = False
    code: str | None = None
    """The code of the reason that was stated."""
    reason: str | None = None
    """The reason in the reader's words; it is sealed."""
    people: dict[Person, Shown] = field(default_factory=dict)

    def read(self, person: Person, verdict: Verdict) -> None:
        """One person's pathway, or a part of it, is shown."""
        self._show(person, verdict, "own" if verdict.ground in OWN else "other")

    def list(self, people: Iterable[tuple[Person, Verdict]]) -> None:
        """People are shown in a list of those whom the reader accompanies: recorded, and not counted."""
        self.kind = "list"
        for person, verdict in people:
            self._show(person, verdict, None)

    def search(self, people: Iterable[tuple[Person, Verdict]], asked: str) -> None:
        """People are found by their traits: own ones count as read, others and a search without result as other.

        `asked` is what was searched for, in one order, so that the same search counts once.
        """
        self.kind = "search"
        for person, verdict in people:
            self.read(person, verdict)
        if not self.people:
            self._show(Person.nobody(asked), DENIED, "other")

    def look_up(self, person: Person | None, asked: str) -> None:
        """An intake look-up is answered, about a person or with nobody: either counts as one other person."""
        self.kind = "look_up"
        shown = Verdict(Sight.WITHOUT_HEALTH, None) if person else DENIED
        self._show(person or Person.nobody(asked), shown, "other")

    def follow(self, people: Iterable[tuple[Person, Verdict]]) -> None:
        """Changes of people whom the reader may follow are sent: recorded, and not counted."""
        self.kind = "follow"
        for person, verdict in people:
            self._show(person, verdict, None)

    def refuse(self, person: Person) -> None:
        """Somebody, or nobody (`Person.nobody`), was asked for and not shown: whoever guesses is stopped."""
        self.is_refused = True
        self._show(person, DENIED, "other")

    def break_glass(self, person: Person, code: Reason, reason: str) -> None:
        """A reason is stated for reading a person; nothing of them is shown by that yet."""
        self.kind, self.code, self.reason = "break_glass", code, reason
        self._show(person, Verdict(Sight.NOTHING, "break_glass"), "other")

    def report(self, person: Person, verdict: Verdict) -> None:
        """A person's report is made: all that is held about them, and who looked."""
        self.kind = "report"
        self.read(person, verdict)

    def access_log(self, people: Iterable[Person]) -> None:
        """Entries of the access log about people are shown: recorded, and not counted; nothing of them is shown."""
        self.kind = "access_log"
        for person in people:
            self._show(person, DENIED, None)

    def at_command_line(self, people: Iterable[Person]) -> None:
        """People are shown to whoever works on the hub's machine: recorded, and not counted."""
        for person in people:
            self.people[person] = Shown(Sight.FULL, "command_line", None)

    def _show(self, person: Person, verdict: Verdict, counted: Counted | None) -> None:
        known = self.people.get(person)
        if known is None or (known.sight, known.counted is not None) < (verdict.sight, counted is not None):
            self.people[person] = Shown(verdict.sight, verdict.ground, counted)


class Recorder(Protocol):
    """Appends entries to the access log."""

    def record(self, asked: Asked, entry: Entry, now: datetime) -> int:
        """Append an entry, on disk when this returns; give its id.

        Raises:
            ReadingSlowed: the reader asked for too many people lately; nothing may be shown.
            ReadingStopped: the reader is stopped; nothing may be shown.
            StoreUnavailable: it could not be recorded; nothing may be shown.
        """
        ...

    def has_reason(self, connection: Connection, reader: Reader, person: Person, now: datetime) -> bool:
        """Tell whether a reader stated a reason for a person that still counts."""
        ...

    def reason_counts_until(self, now: datetime) -> datetime:
        """Give until when a reason stated now counts."""
        ...

    def left(self, connection: Connection, reader: Reader, now: datetime) -> Left | None:
        """Tell how many more people other than their own a reader is shown within the hour; None: nobody is counted."""
        ...

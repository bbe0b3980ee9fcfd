"""The people of a caseload as a list: chosen, sorted, cut into pages, and each in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from hub.access.listing import Listed
from hub.api.queries import caseload
from hub.api.queries.overview import Order, Outline, Wanted
from hub.domain.access import Reader
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.leading import Term
from hub.projections import labels
from hub.web.comparing import folded
from hub.web.home.tasks import href, name_of, when
from hub.web.naming.names import UNNAMED, Names
from hub.web.words import NBSP, capital, in_france, short_day, typed

SIZE = 50
Sort = Literal["nom", "echeance", "dernier-acte", "conseiller"]
SORTS: Mapping[Sort, str] = MappingProxyType(
    {
        "nom": "Nom",
        "echeance": "Prochaine échéance",
        "dernier-acte": "Dernier acte",
        "conseiller": "Conseiller du site",
    }
)
Followed = Literal["deux", "france-travail", "cap-emploi"]
FOLLOWED: Mapping[Followed, tuple[str, frozenset[str]]] = MappingProxyType(
    {
        "deux": ("Les deux réseaux", frozenset({FRANCE_TRAVAIL, CAP_EMPLOI})),
        "france-travail": ("France Travail seul", frozenset({FRANCE_TRAVAIL})),
        "cap-emploi": ("Cap emploi seul", frozenset({CAP_EMPLOI})),
    }
)
"""By which networks a person is followed: the words, and the networks that have a case record of them."""
_GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "referent": "Référent",
        "delegation": "Délégation",
        "expertise": "Appui",
        "diagnosis": "Diagnostic",
        "site": "Votre site",
    }
)


class Choice(NamedTuple):
    """Which people, and in which order; `name` is how a name begins."""

    sort: Sort = "nom"
    phase: str | None = None
    network: Followed | None = None
    is_late: bool = False
    name: str = ""

    @property
    def is_all(self) -> bool:
        """Tell whether nobody is left out."""
        return self._replace(sort="nom") == Choice()


class Slice(NamedTuple):
    """A page: its rows, how many come before, how many there are, and the keys of the pages around it."""

    shown: list[Outline]
    start: int
    total: int
    previous: list[int] | None
    following: list[int] | None


class Person(NamedTuple):
    """A person in words."""

    name: str
    href: str
    phase: str
    referent: str
    networks: str
    ground: str
    adviser: str
    opened: int
    due_on: date | None
    when: str
    is_late: bool
    last_act: date


def wanted(choice: Choice, today: date) -> Wanted:
    """Say which people to read; of those of a name too many are, and `chosen` compares."""
    start = _start(choice.name)[:1]
    return Wanted(
        choice.phase,
        FOLLOWED[choice.network][1] if choice.network else None,
        today if choice.is_late else None,
        frozenset({start, start.upper()}) if start else None,
        _READ_BY.get(choice.sort, "name"),
    )


def chosen(rows: Sequence[Outline], choice: Choice, advisers: Mapping[int, str]) -> list[Outline]:
    """Give those whose name begins as is wanted, in the order that is; `advisers` are those of the site, by name."""
    return sorted((row for row in rows if begins_with(row, choice.name)), key=_ORDERS[choice.sort](advisers))


def begins_with(row: Outline, start: str) -> bool:
    """Tell whether a person's family name, given name, or both in either order begin so; accents do not count."""
    wanted = _start(start)
    if not wanted:
        return True
    family, given = folded(row.family_name or ""), folded(row.given_name or "")
    return any(name.startswith(wanted) for name in (f"{family} {given}", f"{given} {family}"))


def _start(name: str) -> str:
    return " ".join(folded(name).split())


def _name(row: Outline) -> tuple[Any, ...]:
    family, given = folded(row.family_name or ""), folded(row.given_name or "")
    return not (family or given), family, given, row.pathway_no


_Key = Callable[[Outline], tuple[Any, ...]]
_ORDERS: Mapping[Sort, Callable[[Mapping[int, str]], _Key]] = MappingProxyType(
    {
        "nom": lambda _: _name,
        "echeance": lambda _: lambda row: (row.next_due_on or date.max, _name(row)),
        "dernier-acte": lambda _: lambda row: (-row.last_event_at.timestamp(), _name(row)),
        "conseiller": lambda advisers: (
            lambda row: (row.pathway_no not in advisers, folded(advisers.get(row.pathway_no, "")), _name(row))
        ),
    }
)
_READ_BY: Mapping[Sort, Order] = MappingProxyType({"echeance": "due", "dernier-acte": "last_event"})


def cut(rows: list[Outline], after: Sequence[Any] | None, size: int = SIZE) -> Slice:
    """Give the page after a key, which is a person and their place: if they have gone, the place counts."""
    start = 0
    if after is not None:
        number, place = after
        at = next((at for at, row in enumerate(rows, 1) if row.pathway_no == number), place - 1)
        start = min(at, len(rows))
    end = start + size
    previous = _key(rows, start - size) if start else None
    return Slice(rows[start:end], start, len(rows), previous, _key(rows, end) if end < len(rows) else None)


def _key(rows: Sequence[Outline], start: int) -> list[int]:
    """Give the key of the page that begins at a place: the row before it; the first page's is empty."""
    return [rows[start - 1].pathway_no, start] if start > 0 else []


def told(
    found: Listed, duties: Mapping[str, Any], adviser: str, reader: Reader, today: date, names: Names = UNNAMED
) -> Person:
    """Say of one person what the list shows."""
    row, due_on = found.row, duties["next_due_on"]
    return Person(
        name_of(found),
        href(row.person_id),
        capital(typed(labels.phase(row.phase))) if row.phase else "Inconnue",
        _referent(found, reader, names),
        ", ".join(labels.network(each).replace(" ", NBSP) for each in found.networks),
        _ground(found, reader, today),
        adviser,
        duties["open_items"],
        due_on,
        when(due_on, today) if due_on else "",
        duties["is_overdue"],
        in_france(row.last_event_at),
    )


def _referent(found: Listed, reader: Reader, names: Names) -> str:
    """Say who leads today, and who does from a later day on."""
    now, following = found.leading.referent, found.leading.following
    said = _who(now, reader, names) if now else "Aucun"
    if following is None:
        return said
    start = f"à{NBSP}partir du{NBSP}{short_day(following.from_date)}"
    return f"{said}{NBSP}; {start}{NBSP}: {_who(following, reader, names)}"


def _who(term: Term, reader: Reader, names: Names) -> str:
    if (term.network, term.adviser) == (reader.network, reader.adviser):
        return "Vous"
    return f"{names.adviser(term.network, term.adviser)}, {labels.network(term.network).replace(' ', NBSP)}"


def _ground(found: Listed, reader: Reader, today: date) -> str:
    words = _GROUNDS.get(found.verdict.ground or "", "")
    ends = [tie.until_date for tie in caseload.held(found, reader, today)]
    last = max((end for end in ends if end is not None), default=None)
    if last is None or None in ends or last > today:
        return words
    return f"{words}, jusqu’au{NBSP}{short_day(last)}"

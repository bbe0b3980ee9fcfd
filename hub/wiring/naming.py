"""What advisers and sites are called: the directory that a setting names, or one made up for a demonstration."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from types import MappingProxyType

from sqlalchemy import select, union

from hub.domain.ids import NETWORKS
from hub.ledger.database import reading
from hub.producers.simulation.names import FAMILY_NAMES, MEN, WOMEN
from hub.producers.simulation.reference import agencies, cap_emploi
from hub.projections import generations
from hub.settings import Settings
from hub.telemetry.logs import Log
from hub.web.naming.directory import directory_of
from hub.web.naming.names import Names
from hub.web.naming.tables import ADVISERS, SITES
from hub.wiring.hub import Hub

FOLDER = "names"
"""In the data directory of a demonstration."""
_INVENTED = "04 65 71"
"""Numbers that the regulator keeps for fiction begin so (Arcep, décision 2018-0881)."""


def names_of(settings: Settings, log: Log, readers: Mapping[str, str] = MappingProxyType({})) -> Callable[[], Names]:
    """Give what tells the names; `readers` are names by the ids of readers that are known without a directory.

    Raises:
        Usage: a file of the directory cannot be read, or is wrong.
    """
    if settings.names_dir is None:
        known = Names(readers=readers)
        return lambda: known
    return directory_of(settings.names_dir, clock=time.monotonic, log=log, readers=readers).current


def invented(seed: str) -> str:
    """Invent a name, the same at each start."""
    draw = Random(seed)  # noqa: S311 nothing secret comes from it
    return f"{draw.choice(WOMEN + MEN)} {draw.choice(FAMILY_NAMES)}"


def write_names(hub: Hub, folder: Path, known: Mapping[tuple[str, str], str], issuer: str) -> None:
    """Write a directory that names everyone whom a demonstration's events name.

    `known` are the names of some advisers, by network and code; the others are invented. In the access log each is
    a reader of `issuer`, by their code.
    """
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        ties, lines = tables.models["accompaniment"].c, tables.timeline.c
        who = union(
            select(ties.network, ties.adviser).where(ties.adviser.is_not(None)), select(lines.network, lines.actor_id)
        )
        advisers = sorted({(network, code) for network, code in connection.execute(who) if network in NETWORKS})
        sites = sorted(connection.scalars(select(lines.site).distinct().where(lines.site.is_not(None))))
    folder.mkdir(mode=0o700, exist_ok=True)
    people = (
        [*key, known.get(key) or invented("/".join(key)), _phone("/".join(key)), f"{issuer}|{key[1]}"]
        for key in advisers
    )
    _write(folder / ADVISERS, ("network", "adviser", "name", "phone", "reader_id"), people)
    names = {agency.safir: agency.name for agency in agencies()} | {each.site: each.name for each in cap_emploi()}
    _write(folder / SITES, ("site", "name"), ([site, names[site]] for site in sites if site in names))


def _phone(seed: str) -> str:
    number = Random(f"phone {seed}").randrange(10_000)  # noqa: S311 nothing secret comes from it
    return f"{_INVENTED} {number // 100:02} {number % 100:02}"


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream, lineterminator="\n")
        lines.writerow(columns)
        lines.writerows(rows)

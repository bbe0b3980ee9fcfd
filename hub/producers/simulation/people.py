"""Who the people are: identity, home, first network and case numbers, each a pure function of seed and index.

People register in order of their index, spread evenly over the years, so that the feed can be made as it flows. Some
are twins or namesakes of the person before, which is why one person's identity can be asked for from another's life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random
from typing import Any

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.producers.simulation import names
from hub.producers.simulation.moments import date_of, day_of, day_text, workday
from hub.producers.simulation.population import Population
from hub.producers.simulation.reference import REGION, Agency, Commune, cap_emploi

FEED_ENDS = day_of(date(2023, 7, 1))
"""The simulated present: nothing is sent from this day on."""

TWIN_EVERY, TWIN_AT, NAMESAKE_AT = 60, 1, 31
_SCRIPTS = 24
_FIRST_BIRTH, _BIRTH_SPAN_DAYS, _ADULT_DAYS = day_of(date(1958, 1, 1)), 45 * 365, 6_575
_LEGACY_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Identity:
    """Identity traits; `born_on` is a day, `birth_place` an Insee code."""

    family_name: str
    birth_name: str | None
    given_name: str
    born_on: int
    birth_place: str

    def traits(self) -> dict[str, Any]:
        """Give the traits in the contract's form."""
        traits: dict[str, Any] = {"family_name": self.family_name}
        if self.birth_name is not None:
            traits["birth_name"] = self.birth_name
        traits["given_name"] = self.given_name
        traits["birth_date"] = day_text(self.born_on)
        traits["birth_place"] = self.birth_place
        return traits


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """A case record's key and the organisation that keeps it; `departement` is where its advisers sit."""

    network: str
    scope: str
    local_id: str
    organisation: str
    departement: str

    @property
    def site(self) -> str | None:
        """The code of where a Cap emploi record's advisers sit; None of another."""
        return _SITES[self.departement] if self.network == CAP_EMPLOI else None

    def reference(self) -> dict[str, str]:
        """Name the record in the body of another's event."""
        return {"network": self.network, "scope": self.scope, "local_id": self.local_id}


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the region's systems meet them; `first` is the network whose door they come through.

    `script` is a number from 0 to 23 that changes from one person to the next: rare stories hang on it, so that any
    run of a few hundred people shows the whole catalogue.
    """

    index: int
    identity: Identity
    home: Commune
    agency: Agency
    registered_on: int
    first: str
    is_employee: bool
    is_legacy: bool
    case_salt: int

    @property
    def script(self) -> int:
        """The person's place in the cycle of rare stories."""
        return self.index % _SCRIPTS

    def france_travail(self) -> CaseNumber:
        """Give the France Travail record: 11 digits, or the older form with its region."""
        if self.is_legacy:
            number = (self.index * 7_654_321 + self.case_salt) % 10**7
            local_id, scope = f"{number:07d}{_LEGACY_LETTERS[self.index % len(_LEGACY_LETTERS)]}", REGION
        else:
            local_id, scope = f"{(self.index * 98_765_432_103 + self.case_salt) % 10**11:011d}", ""
        return CaseNumber(FRANCE_TRAVAIL, scope, local_id, "france-travail-ara", self.agency.departement)

    def cap_emploi(self, departement: str) -> CaseNumber:
        """Give the record at a département's Cap emploi organisation."""
        year = date_of(self.registered_on).year % 100
        return self._at_cap_emploi(departement, f"D{departement}-{year}-{self.index + 1:06d}", "cap-emploi")

    def sameth(self) -> CaseNumber:
        """Give the record that the former Sameth opened, part of Cap emploi since 2018."""
        departement = self.agency.departement
        return self._at_cap_emploi(departement, f"sameth.{departement}.{self.index + 1}", "sameth")

    def _at_cap_emploi(self, departement: str, local_id: str, source: str) -> CaseNumber:
        siret = _SIRETS[departement]
        return CaseNumber(CAP_EMPLOI, siret, local_id, f"{source}-{departement}", departement)

    def first_case(self) -> CaseNumber:
        """Give the record that the person's first network opens."""
        if self.first == FRANCE_TRAVAIL:
            return self.france_travail()
        return self.sameth() if self.is_employee else self.cap_emploi(self.agency.departement)


_SIRETS = {organisation.departement: organisation.siret for organisation in cap_emploi()}
_SITES = {organisation.departement: organisation.site for organisation in cap_emploi()}


def person(population: Population, index: int) -> Person:
    """Give the person of an index."""
    rng = Random(f"{population.seed}:{index}:who")
    opens, closes = population.opens(index), population.opens(index + 1)
    home = names.home_around(population.agencies, rng)
    is_france_travail = rng.random() < 2 / 3
    return Person(
        index=index,
        identity=_identity(population, index, rng),
        home=home,
        agency=names.agency_of(home),
        registered_on=workday(opens + int(rng.random() * (closes - opens))),
        first=FRANCE_TRAVAIL if is_france_travail else CAP_EMPLOI,
        is_employee=not is_france_travail and rng.random() < 0.35,
        is_legacy=rng.random() < 0.12,
        case_salt=_case_salt(population.seed),
    )


@cache
def _case_salt(seed: int) -> int:
    return Random(f"{seed}:cases").randrange(10**11)


def _identity(population: Population, index: int, rng: Random) -> Identity:
    is_woman = rng.random() < 0.5
    given_name = rng.choice(names.WOMEN if is_woman else names.MEN)
    if rng.random() < 0.12:
        second = rng.choice(names.WOMEN if is_woman else names.MEN)
        given_name = f"{given_name}-{second}" if second != given_name else given_name
    family_name = rng.choice(names.FAMILY_NAMES)
    married = rng.choice(names.FAMILY_NAMES) if is_woman and rng.random() < 0.45 else None
    born_on = _FIRST_BIRTH + int(
        rng.random() * min(_BIRTH_SPAN_DAYS, population.opens(index) - _ADULT_DAYS - _FIRST_BIRTH)
    )
    place = names.birthplace(rng)
    if index % TWIN_EVERY in {TWIN_AT, NAMESAKE_AT}:
        like = person(population, index - 1).identity
        if index % TWIN_EVERY == NAMESAKE_AT:
            return Identity(like.family_name, like.birth_name, like.given_name, born_on, like.birth_place)
        twin_name = given_name if given_name != like.given_name else f"{given_name}-Lou"
        return Identity(like.birth_name or like.family_name, None, twin_name, like.born_on, like.birth_place)
    return Identity(married or family_name, family_name if married else None, given_name, born_on, place)

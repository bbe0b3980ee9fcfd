"""What a life is written with: the person's case records, and the way to state a fact about one of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB
from hub.producers.simulation import employers, rollout, texts
from hub.producers.simulation.draft import Draft, event_id
from hub.producers.simulation.moments import DAY_S, office_hour
from hub.producers.simulation.people import CaseNumber, Person
from hub.producers.simulation.population import Population
from hub.producers.simulation.situation import situation

_LATE_SHARE = 0.06
_LATE_DAYS = 18
_SKEWED_SHARE = 0.0005
_SITE_BEFORE = 0.3


@dataclass(slots=True)
class Record:
    """A case record in use; `opened_on` and `closed_on` are the days of its leg, None while it has none."""

    number: CaseNumber
    adviser: str
    opened_on: int | None = None
    closed_on: int | None = None

    def is_open(self, day: int) -> bool:
        """Tell whether its leg is open on a day."""
        return self.opened_on is not None and self.opened_on <= day and (self.closed_on is None or day < self.closed_on)


class Life:
    """One person's life under way: draws come from its own stream, facts collect in `drafts`.

    `delegated` is the delegation under way, by its id and what proposed it; `prescribed` are the services so far.
    """

    def __init__(self, population: Population, person: Person, rng: Random) -> None:
        self.population = population
        self.person = person
        self.rng = rng
        self.drafts: list[Draft] = []
        self.situation = situation(rng)
        self.constraint = rng.choice(texts.CONSTRAINTS)
        self.first = self.record(person.first_case())
        self.second: Record | None = None
        self.delegated: tuple[dict[str, str], Draft] | None = None
        self.prescribed: set[str] = set()
        self._leads: list[tuple[int, Record]] = []
        self.joined_on = rollout.joined_on(person.agency)
        self._references = 0

    def record(self, number: CaseNumber) -> Record:
        """Take a case record into use, with an adviser of its site or organisation."""
        if number.network == FRANCE_TRAVAIL:
            adviser = f"ft-{self.person.agency.safir}-{1 + self.rng.randrange(self.population.advisers_of_agency):02d}"
        else:
            adviser = f"ce-{number.departement}-{1 + self.rng.randrange(self.population.advisers_of_departement):02d}"
        return Record(number, adviser)

    def other_network(self) -> CaseNumber:
        """Give the number of the record that the network not yet met would open."""
        if self.person.first == FRANCE_TRAVAIL:
            return self.person.cap_emploi(self.person.agency.departement)
        return self.person.france_travail()

    def cap_emploi(self, day: int) -> Record | None:
        """Give the person's Cap emploi record that is in use on a day."""
        for record in (self.lead(day), self.second, self.first):
            if record is not None and record.is_open(day) and record.number.network == CAP_EMPLOI:
                return record
        return None

    def led_from(self, day: int, record: Record) -> None:
        """Let a record's adviser lead from a day on."""
        self._leads.append((day, record))

    def lead(self, day: int) -> Record:
        """Give the record whose adviser leads on a day, the first where nobody does yet."""
        led = [(since, at) for at, (since, record) in enumerate(self._leads) if since <= day and record.is_open(day)]
        return self._leads[max(led)[1]][1] if led else self.first

    def chance(self, share: float) -> bool:
        """Draw yes with this share."""
        return self.rng.random() < share

    def days(self, least: int, most: int) -> int:
        """Draw a number of days, both ends included."""
        return least + int(self.rng.random() * (most - least + 1))

    def reference(self, kind: str) -> str:
        """Give a new id for a thing of the person's, as an upstream system would."""
        self._references += 1
        return f"{kind}-{self.person.index:x}-{self._references}"

    def employer(self, romes: tuple[str, ...] | None = None) -> employers.Employer:
        """Draw an employer near the person that asks for one of these occupations, by default for theirs."""
        return employers.employer(self.person.agency.departement, romes or self.situation.occupations, self.rng)

    def age(self, day: int) -> int:
        """Give the person's age on a day, in years."""
        return int((day - self.person.identity.born_on) / 365.25)

    def latest_day(self) -> int:
        """Give the day of the latest fact so far."""
        return max(draft.occurred for draft in self.drafts) // DAY_S

    def integrated(self, day: int) -> bool:
        """Tell whether both networks work together at the person's agency on that day."""
        return day >= self.joined_on

    def state(
        self, record: Record, event_type: str, day: int, fields: dict[str, Any], because: Draft | None = None
    ) -> Draft:
        """State a fact about a case record, on a working day at or just after the given one."""
        number = record.number
        draft = self._drafted(event_type, number.network, day, fields)
        draft.scope, draft.local_id = number.scope, number.local_id
        draft.actor, draft.organisation = record.adviser, number.organisation
        if number.network == FRANCE_TRAVAIL or self.integrated(day) or self.rng.random() < _SITE_BEFORE:
            draft.site = number.site or self.person.agency.safir
        if because is not None:
            draft.causation_id = because.event_id
        return draft

    def decide(self, record: Record, event_type: str, day: int, fields: dict[str, Any]) -> Draft:
        """State an adviser's decision, taken through the hub, or a fact about an employer: no case in its metadata."""
        draft = self._drafted(event_type, record.number.network, day, fields)
        draft.actor, draft.organisation, draft.site = (
            record.adviser,
            record.number.organisation,
            record.number.site or self.person.agency.safir,
        )
        return draft

    def state_as_hub(self, event_type: str, day: int, fields: dict[str, Any]) -> Draft:
        """State what only the hub may state."""
        return self._drafted(event_type, HUB, day, fields)

    def _drafted(self, event_type: str, network: str, day: int, fields: dict[str, Any]) -> Draft:
        rng = self.rng
        occurred = office_hour(day, rng)
        draw = rng.random()
        late = draw < _LATE_SHARE
        if late:
            lag = int((2 + draw / _LATE_SHARE * _LATE_DAYS) * DAY_S)
        elif draw > 1 - _SKEWED_SHARE:
            lag = -3 * DAY_S  # this source's clock is wrong
        else:
            lag = 60 + int(draw**4 * 28_800)
        recorded = occurred + lag
        new_id = event_id(recorded, rng)
        draft = Draft(event_type, network, "", "", "hub", "hub", None, occurred, recorded, new_id, fields, late=late)
        self.drafts.append(draft)
        return draft

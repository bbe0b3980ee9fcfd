"""Hypothesis strategies for valid events of the whole catalogue, with identifiers as their issuers give them.

@given(events())                          any event
@given(events("DelegationProposed"))      of one type
@given(events(among=CASE_TYPES, cases=st.sampled_from(PEOPLE)))   about these cases
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st
from stdnum import luhn

from hub.codec.agreement import model_shape
from hub.codec.shape import Array, Field, Kind, Record, Shape
from hub.domain.codes import LISTS
from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, NETWORKS, CaseKey

CASE_TYPES = tuple(name for name, model in EVENT_TYPES.items() if issubclass(model, CaseEvent))
"""The event types whose metadata name a case."""


def _siret(number: int) -> str:
    siren = f"{number:08d}"
    siren += luhn.calc_check_digit(siren)
    return siren + (nic := f"{number % 997:04d}") + luhn.calc_check_digit(siren + nic)


SIRETS = (*(_siret(73_282_932 + 7_919 * step) for step in range(40)), "35600000000048", "35600000009075")
"""Valid SIRETs; the last two are La Poste's, of which one passes its own rule alone."""

_SAFIRS = tuple(f"{number:05d}" for number in range(99, 99_000, 4_909))
_COMMUNES = ("69244", "69381", "2A004", "2B033", "38185", "97209", "42218", "01053")
_DEPARTEMENTS = ("01", "38", "69", "2A", "2B", "974")
_ROMES = ("M1607", "M1602", "K1801", "A1203", "N4105")
_NAMES = ("Durand", "N'Guyen", "d'Estaing", "Lefèvre-Œuvrard", "Şahin", "LE GOFF", "O")
_TEXTS = ("Poste assis.", "Éclairage — écran 24″", "ligne 1\nligne 2\tfin", "x" * 4000, "😀", '"guillemets" \\ \u2028')
_EPOCH = datetime(2018, 1, 1, tzinfo=UTC)

sirets = st.sampled_from(SIRETS)
references = st.one_of(
    st.sampled_from(("a", "ref-1", "ref-2", "DEL.2021/7:b_c", "Z" * 64)), st.integers(1, 999).map(lambda n: f"id-{n}")
)
event_ids = st.integers(0, 2**80 - 1).map(
    lambda n: f"01890a5d-{n >> 64:04x}-7{n >> 52 & 0xFFF:03x}-8{n >> 40 & 0xFFF:03x}-{n & 0xFFFFFFFFFFFF:012x}"
)
days = st.one_of(
    st.integers(0, 4_000).map(lambda n: date(2018, 1, 1) + timedelta(days=n)),
    st.sampled_from((date(1, 1, 1), date(1900, 3, 1), date(1969, 12, 31), date(9999, 12, 31))),
)
moments = st.one_of(
    st.integers(0, 8 * 365 * 86_400).map(lambda n: _EPOCH + timedelta(seconds=n)),
    st.integers(0, 10**15).map(lambda n: _EPOCH + timedelta(microseconds=n)),
    st.sampled_from((datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))),
)
networks = st.sampled_from(NETWORKS)
longs = st.one_of(st.integers(1, 100), st.sampled_from((1, 2**31 - 1)))

_BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "siret": sirets,
    "safir": st.sampled_from(_SAFIRS),
    "site": st.sampled_from(_SAFIRS),
    "rome": st.sampled_from(_ROMES),
    "requested_rome": st.sampled_from(_ROMES),
    "project_rome": st.sampled_from(_ROMES),
    "birth_place": st.sampled_from(_COMMUNES),
    "commune": st.sampled_from(_COMMUNES),
    "territory": st.sampled_from(_DEPARTEMENTS),
    "family_name": st.sampled_from(_NAMES),
    "birth_name": st.sampled_from(_NAMES),
    "given_name": st.sampled_from(("Zoé", "Jean-Baptiste", "Ève", "X")),
    "email": st.sampled_from(("zoe@exemple.fr", "a@b")),
    "phone": st.sampled_from(("+33 4 00 00 00 00", "0400000000")),
    "partner": st.sampled_from(("Mission locale", "SAMETH 69")),
    "title": st.sampled_from(("Préparer un CV", "Visiter l'entreprise")),
    "fact": st.sampled_from(("birth_date", "family_name", "commune")),
    "reason": st.sampled_from(_TEXTS),
    **dict.fromkeys(("network", "networks", "owner", "lead_network", "kept_network"), networks),
    **dict.fromkeys(
        ("description", "needs", "constraints", "contribution", "summary", "comment", "project"),
        st.sampled_from(_TEXTS),
    ),
}
_BY_KIND: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: references,
    Kind.UUID: event_ids,
    Kind.LONG: longs,
    Kind.MOMENT: moments,
    Kind.DAY: days,
    Kind.BOOLEAN: st.booleans(),
}
_LENGTHS = {"themes": (0, 4), "actions": (0, 3), "networks": (1, 2), "due_on": (1, 4), "figures": (1, 3)}


@cache
def case_keys(network: str | None = None) -> st.SearchStrategy[CaseKey]:
    """Give case keys of a network, or of both, in all the forms that their issuers use."""
    if network is None:
        return st.one_of(case_keys(FRANCE_TRAVAIL), case_keys(CAP_EMPLOI))
    if network == CAP_EMPLOI:
        local_ids = st.one_of(st.integers(1, 999).map(lambda n: f"CE-{n}"), st.sampled_from(("0", "a.b_c-D", "z" * 64)))
        return st.builds(CaseKey, st.just(CAP_EMPLOI), sirets, local_ids)
    return st.one_of(
        st.integers(0, 10**11 - 1).map(lambda n: CaseKey(FRANCE_TRAVAIL, "", f"{n:011d}")),
        st.integers(0, 10**7 - 1).map(lambda n: CaseKey(FRANCE_TRAVAIL, "84", f"{n:07d}{'0A9Z'[n % 4]}")),
    )


def events(
    event_type: str | None = None,
    *,
    among: Iterable[str] = tuple(EVENT_TYPES),
    cases: st.SearchStrategy[CaseKey] | None = None,
) -> st.SearchStrategy[Event]:
    """Give valid events: of one type, or of those named in `among`.

    `cases` are the case records that the events are about and refer to; every form of both networks if not given.
    """
    if event_type is not None:
        return _events(event_type, cases)
    return st.sampled_from(tuple(among)).flatmap(lambda name: _events(name, cases))


@cache
def _events(event_type: str, cases: st.SearchStrategy[CaseKey] | None) -> st.SearchStrategy[Event]:
    model = EVENT_TYPES[event_type]
    fields = {name: _field(name, field, cases) for name, field in model_shape(model).fields.items()}
    if "left" in fields:
        pairs = st.tuples(fields.pop("left"), fields.pop("right")).filter(lambda pair: pair[0] != pair[1])
        fields["pair"] = pairs
    return st.builds(_assemble, st.just(model), st.fixed_dictionaries(fields), _subjects(model, cases))


def _subjects(model: type[Event], cases: st.SearchStrategy[CaseKey] | None) -> st.SearchStrategy[CaseKey]:
    """Give what network, scope and local id of the metadata may be."""
    if not issubclass(model, CaseEvent):
        return st.sampled_from([CaseKey(emitter, "", "") for emitter in model.emitters])
    if cases is None:
        return st.one_of(*map(case_keys, model.emitters))
    return cases.filter(lambda case: case.network in model.emitters)


def _assemble(model: type[Event], fields: dict[str, Any], subject: CaseKey) -> Event:
    """Make an event of fields drawn apart from each other."""
    if "pair" in fields:
        fields["left"], fields["right"] = fields.pop("pair")
    fields["meta"] |= subject._asdict()
    return model.model_validate(fields)


def _field(name: str, field: Field, cases: st.SearchStrategy[CaseKey] | None) -> st.SearchStrategy[Any]:
    if isinstance(field.shape, Array):
        least, most = _LENGTHS[name]
        return st.lists(_value(name, field, field.shape.items, cases), min_size=least, max_size=most)
    value = _value(name, field, field.shape, cases)
    return st.one_of(st.none(), value) if field.optional else value


def _value(name: str, field: Field, shape: Shape, cases: st.SearchStrategy[CaseKey] | None) -> st.SearchStrategy[Any]:
    if isinstance(shape, Record):
        if shape.name.endswith(".CaseRef"):
            return (case_keys() if cases is None else cases).map(CaseKey._asdict)
        return st.fixed_dictionaries({inner: _field(inner, each, cases) for inner, each in shape.fields.items()})
    assert isinstance(shape, Kind)
    if field.code_list is not None:
        # A value that the list does not hold yet is valid too.
        return st.sampled_from((*LISTS[field.code_list], "not_yet_listed"))
    if shape is Kind.STRING:
        return _BY_NAME.get(name, references)
    return _BY_KIND[shape]

"""Broken records of the simulation: every kind, each refused for its own reason, none of them changing what is true."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter

import pytest

from hub.codec.avro import Codec
from hub.codec.jsonform import from_json
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.domain.events.base import Event
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.topics import OF_NETWORK, may_stand_on
from hub.errors import ContractError, InvalidEvent, Undecodable, UnknownSchema
from hub.producers.simulation import Line, broken, simulate

CODEC = Codec(FileRegistry(bundled_schemas()))


def raw_records(people: int = 60, seed: int = 2) -> list[Line]:
    return [line["raw"] for line in simulate(people, seed) if "raw" in line]


def of_kind(kind: str, people: int = 60) -> list[Line]:
    found = [record for record in raw_records(people) if record["why"] == kind]
    assert found
    return found


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_is_there_from_fifty_people_on(seed: int) -> None:
    assert {record["why"] for record in raw_records(50, seed)} == set(broken.KINDS)


def test_about_one_line_in_five_hundred_is_broken() -> None:
    kinds = Counter("raw" in line for line in simulate(1_500, 1))
    assert 1 / 650 < kinds[True] / kinds[False] < 1 / 400


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (broken.NOT_AVRO, Undecodable),
        (broken.UNKNOWN_SCHEMA, UnknownSchema),
        (broken.BAD_SIRET, InvalidEvent),
        (broken.NO_CASE, InvalidEvent),
        (broken.TRUNCATED, ContractError),
        (broken.TRAILING, Undecodable),
    ],
)
def test_the_codec_refuses_it_for_its_own_reason(kind: str, error: type[ContractError]) -> None:
    for record in of_kind(kind, people=1_000):
        with pytest.raises(error):
            CODEC.decode(b64decode(record["value"]))


def test_an_event_on_the_other_network_s_topic_is_valid_but_for_its_place() -> None:
    for record in of_kind(broken.OTHER_TOPIC):
        event = CODEC.decode(b64decode(record["value"]))
        assert not may_stand_on(record["topic"], event)
        assert record["topic"] in {OF_NETWORK[FRANCE_TRAVAIL], OF_NETWORK[CAP_EMPLOI]}


def test_a_known_id_comes_back_with_a_content_that_no_reading_shows() -> None:
    events: dict[str, Event] = {}
    conflicts: list[Event] = []
    for line in simulate(60, 2):
        if "raw" not in line:
            event = from_json(line)
            events[event.meta.event_id] = event
        elif line["raw"]["why"] == broken.CONFLICT:
            conflicts.append(CODEC.decode(b64decode(line["raw"]["value"])))
    assert conflicts
    for conflict in conflicts:
        true = events[conflict.meta.event_id]
        assert CODEC.content(conflict) != CODEC.content(true)
        without = conflict.meta.model_copy(update={"correlation_id": None})
        assert conflict.model_copy(update={"meta": without}) == true


def test_only_the_conflict_reuses_the_id_of_an_event() -> None:
    published = {line["meta"]["event_id"] for line in simulate(60, 2) if "raw" not in line}
    for record in of_kind(broken.OTHER_TOPIC):
        assert CODEC.decode(b64decode(record["value"])).meta.event_id not in published

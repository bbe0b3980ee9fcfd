"""P2, what breaks the contract: held with its reason and its original bytes, while the records around it go in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple

import pytest

from hub.codec.avro import Codec
from hub.codec.framing import frame, unframe
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.consumers.redrive import redrive
from hub.domain.events.base import Event
from hub.domain.events.candidacy import CandidacyProposed
from hub.domain.events.case import CaseUpdated
from hub.domain.events.delegation import DelegationProposed
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.topics import OF_NETWORK, topic_of
from hub.errors import ContractError, HubError, Usage
from hub.ledger.accounting import Accounting
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import DISCARDED, HELD, REDRIVEN, Quarantined, Summary
from hub.log.port import Message
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.commands import done
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, digest_of, digest_of_all, publish, sums_of
from tests.unit.pathway import builders

CODEC = Codec(FileRegistry(bundled_schemas()))
FT_TOPIC, CE_TOPIC = OF_NETWORK[FRANCE_TRAVAIL], OF_NETWORK[CAP_EMPLOI]
KEY = b"\x00\xffopaque"
HEADERS = (("ce_id", b"1"), ("ce_id", b"2"), ("traceparent", b"\x00\xff"))
NAME, EMAIL, NIR = "Zéphyrine", "zephyrine@exemple.fr", "2 84 05 69 244 012 55"
"""What no text of the hub may repeat."""


def an_update(at: str = "2021-03-01", **fields: Any) -> CaseUpdated:
    return builders.event(
        CaseUpdated, at, traits={"family_name": NAME, "given_name": NAME}, contact={"email": EMAIL}, **fields
    )


def changed(event: Event, **fields: Any) -> Event:
    """Change fields without validation, as a system that does not use the publisher may."""
    return event.model_copy(update=fields)


def a_candidacy(siret: str = builders.EMPLOYER) -> CandidacyProposed:
    return builders.event(CandidacyProposed, candidacy_id="C-1", siret=siret, rome="M1607", requested_rome="M1607")


def with_nir() -> bytes:
    event = an_update()
    assert event.traits is not None
    return CODEC.encode(changed(event, traits=event.traits.model_copy(update={"family_name": f"{NAME} {NIR}"})))


class Bad(NamedTuple):
    """A record that breaks the contract, and the reason it must be held for."""

    reason: str
    topic: str
    value: bytes | None


BAD: dict[str, Callable[[], Bad]] = {
    "no value": lambda: Bad("undecodable", FT_TOPIC, None),
    "an empty value": lambda: Bad("undecodable", FT_TOPIC, b""),
    "bytes that are no Avro": lambda: Bad("undecodable", FT_TOPIC, b'{"name": "' + NAME.encode() + b'"}'),
    "a body that is no Avro": lambda: Bad("undecodable", FT_TOPIC, CODEC.encode(an_update())[:5] + b"\xff" * 40),
    "a record cut off": lambda: Bad("undecodable", FT_TOPIC, CODEC.encode(an_update())[:-3]),
    "bytes left over": lambda: Bad("undecodable", FT_TOPIC, CODEC.encode(an_update()) + EMAIL.encode()),
    "an unknown schema": lambda: Bad("unknown_schema", FT_TOPIC, frame(999_999, unframe(CODEC.encode(an_update()))[1])),
    "a network on the other's topic": lambda: Bad("forbidden_network", CE_TOPIC, CODEC.encode(an_update())),
    "a network in the other's name": lambda: Bad(
        "forbidden_network", FT_TOPIC, CODEC.encode(builders.event(CaseUpdated, case=builders.CE))
    ),
    "20 MB": lambda: Bad("record_too_large", FT_TOPIC, CODEC.encode(an_update()) + NAME.encode() * 2_000_000),
    "an invalid SIRET": lambda: Bad(
        "invalid_event", FT_TOPIC, CODEC.encode(changed(a_candidacy(), siret="44022013500023"))
    ),
    "a social security number": lambda: Bad("invalid_event", FT_TOPIC, with_nir()),
}


@pytest.fixture
def hub(engine: str, tmp_path: Path) -> Iterator[Hub]:  # noqa: ARG001 the engine that it is made on
    with engines.create(tmp_path / "data") as opened:
        yield opened
    engines.forget(tmp_path / "data")


@pytest.fixture
def hub_on_files(tmp_path: Path) -> Iterator[Hub]:
    with engines.on_files(), engines.create(tmp_path / "data") as opened:
        yield opened


def append(hub: Hub, *bad: Bad) -> None:
    with closing(hub.producer()) as producer:
        producer.append([Message(each.topic, KEY, each.value, HEADERS) for each in bad])


def held(hub: Hub, state: str | None = HELD) -> list[Summary]:
    with reading(hub.store) as connection:
        return hub.quarantine.listing(connection, state)


def show(hub: Hub, entry_id: int) -> Quarantined:
    with reading(hub.store) as connection:
        return hub.quarantine.show(connection, entry_id)


def drive(hub: Hub, entry_id: int) -> str:
    return redrive(
        hub.store, hub.quarantine, hub.gate, hub.acceptance, entry_id, by="auditor", note="mended", now=hub.now
    )


def the_one(hub: Hub) -> int:
    (summary,) = held(hub)
    return summary.entry_id


@pytest.mark.parametrize("what", BAD)
def test_a_record_that_breaks_the_contract_is_held_and_those_around_it_go_in(hub: Hub, what: str) -> None:
    bad, before, after = BAD[what](), an_update(), an_update()
    publish(hub, [before])
    append(hub, bad)
    publish(hub, [after])
    consume(hub)
    (summary,) = held(hub)
    shown = show(hub, summary.entry_id)
    assert (summary.topic, summary.reason) == (bad.topic, bad.reason)
    assert (shown.key, shown.value, tuple(shown.headers)) == (KEY, bad.value, HEADERS)
    assert summary.detail
    for personal in (NAME, EMAIL, NIR, NIR.replace(" ", ""), builders.FT.local_id):
        assert personal not in summary.detail
    assert len(summary.detail) < 1_000
    assert ledger_of(hub) == [before, after]
    assert sums_of(hub) == Accounting(read=3, accepted=2, duplicate=0, quarantined=1, discarded=0)
    assert digest_of(hub) == digest_of_all([before, after])


def test_all_of_them_in_one_batch_leave_the_good_ones_alone(hub: Hub) -> None:
    good = [an_update() for _ in BAD]
    bad = [make() for make in BAD.values()]
    for one, other in zip(good, bad, strict=True):
        append(hub, Bad("", FT_TOPIC, CODEC.encode(one)), other)
    consume(hub)
    assert sorted(summary.reason for summary in held(hub)) == sorted(each.reason for each in bad)
    assert {show(hub, summary.entry_id).value for summary in held(hub)} == {each.value for each in bad}
    assert {event.meta.event_id for event in ledger_of(hub)} == {event.meta.event_id for event in good}
    sums = sums_of(hub)
    assert sums.adds_up
    assert sums.quarantined == len(bad)


@pytest.mark.parametrize("batches", [1, 2])
def test_the_same_id_with_other_content_is_held_and_the_first_stands(hub: Hub, batches: int) -> None:
    first = an_update()
    other = changed(first, contact=None)
    ingest = hub.ingest()
    arriving: list[list[Event]] = [[first, other, first]] if batches == 1 else [[first], [other, first]]
    for batch in arriving:
        append(hub, *(Bad("", FT_TOPIC, CODEC.encode(event)) for event in batch))
        ingest.until_caught_up(lambda _: None)
    ingest.close()
    (summary,) = held(hub)
    assert summary.reason == "content_conflict"
    assert first.meta.event_id in summary.detail
    assert NAME not in summary.detail
    assert show(hub, summary.entry_id).value == CODEC.encode(other)
    assert ledger_of(hub) == [first]
    assert (ingest.counts.conflicts, ingest.counts.quarantined, ingest.counts.duplicates) == (1, 1, 1)
    assert sums_of(hub) == Accounting(read=3, accepted=1, duplicate=1, quarantined=1, discarded=0)
    with pytest.raises(ContractError, match="first one stands") as refused:
        drive(hub, summary.entry_id)
    assert refused.value.code == "content_conflict"
    assert the_one(hub) == summary.entry_id


def without(event_type: str, folder: Path) -> Path:
    """Copy the schemas as they were before this event type was released."""
    shutil.copytree(bundled_schemas(), folder)
    entries = json.loads((folder / "registry.json").read_text())
    kept = [entry for entry in entries if entry["event_type"] != event_type]
    assert len(kept) == len(entries) - 1
    (folder / "registry.json").write_text(json.dumps(kept))
    return folder


def a_delegation() -> list[Event]:
    """Give a case and its delegation, which an older hub does not know."""
    return [
        builders.registered(),
        builders.event(DelegationProposed, delegation_id="D-1", ground="handicap", planned_end="2021-12-31"),
        an_update("2021-04-01"),
    ]


def held_for_an_unknown_schema(hub: Hub, events: Sequence[Event], tmp_path: Path) -> int:
    """Consume with a hub that does not know a schema yet; give the entry of the event that it holds back."""
    older = engines.settings(hub.paths.data, schemas=without("DelegationProposed", tmp_path / "schemas"))
    publish(hub, events)
    with Hub(older) as before_release:
        consume(before_release)
        entry_id = the_one(before_release)
        with pytest.raises(ContractError, match="still breaks the contract") as refused:
            drive(before_release, entry_id)
    assert refused.value.code == "unknown_schema"
    assert [(entry.entry_id, entry.reason) for entry in held(hub)] == [(entry_id, "unknown_schema")]
    return entry_id


def test_once_the_schema_is_released_a_redrive_takes_the_record_in_exactly_once(hub: Hub, tmp_path: Path) -> None:
    events = a_delegation()
    entry_id = held_for_an_unknown_schema(hub, events, tmp_path)
    assert drive(hub, entry_id) == "accepted"
    assert digest_of(hub) == digest_of_all(events)
    assert sums_of(hub) == Accounting(read=3, accepted=3, duplicate=0, quarantined=0, discarded=0)
    shown = show(hub, entry_id)
    assert [(each.state, each.decided_by, each.note) for each in shown.decisions] == [(REDRIVEN, "auditor", "mended")]
    with pytest.raises(Usage, match="is redriven"):
        drive(hub, entry_id)
    publish(hub, events)
    consume(hub)
    assert len(ledger_of(hub)) == 3
    assert sums_of(hub) == Accounting(read=6, accepted=3, duplicate=3, quarantined=0, discarded=0)
    assert digest_of(hub) == digest_of_all(events)


def test_a_redrive_of_what_came_again_meanwhile_is_a_duplicate(hub: Hub, tmp_path: Path) -> None:
    events = a_delegation()
    entry_id = held_for_an_unknown_schema(hub, events, tmp_path)
    publish(hub, events)
    consume(hub)
    assert drive(hub, entry_id) == "duplicate"
    assert len(ledger_of(hub)) == 3
    assert sums_of(hub) == Accounting(read=6, accepted=3, duplicate=3, quarantined=0, discarded=0)
    assert digest_of(hub) == digest_of_all(events)


def test_a_redrive_counts_beside_what_stands_at_its_place_in_a_later_log(hub_on_files: Hub, tmp_path: Path) -> None:
    events = a_delegation()
    entry_id = held_for_an_unknown_schema(hub_on_files, events, tmp_path)
    data = hub_on_files.paths.data
    for _ in range(2):
        for file in data.glob("log.db*"):
            file.unlink()
        done(data, "init")
        publish(hub_on_files, events)
        done(data, "offsets", "reset", FT_TOPIC, "--note", "the log was lost, the events published again")
        consume(hub_on_files)
    assert drive(hub_on_files, entry_id) == "duplicate"
    assert sums_of(hub_on_files) == Accounting(read=9, accepted=3, duplicate=6, quarantined=0, discarded=0)
    assert digest_of(hub_on_files) == digest_of_all(events)


def test_of_redrives_at_the_same_time_one_takes_the_record_in(hub: Hub, tmp_path: Path) -> None:
    events = a_delegation()
    entry_id = held_for_an_unknown_schema(hub, events, tmp_path)
    together = Barrier(4)

    def one() -> str:
        with Hub(engines.settings(hub.paths.data)) as another:
            together.wait(timeout=60)
            try:
                return drive(another, entry_id)
            except Usage:
                return "refused"

    with ThreadPoolExecutor(4) as pool:
        outcomes = [future.result() for future in [pool.submit(one) for _ in range(4)]]
    assert sorted(outcomes) == ["accepted", "refused", "refused", "refused"]
    assert len(ledger_of(hub)) == 3
    assert len(show(hub, entry_id).decisions) == 1
    assert sums_of(hub) == Accounting(read=3, accepted=3, duplicate=0, quarantined=0, discarded=0)
    assert digest_of(hub) == digest_of_all(events)


def test_a_record_on_the_wrong_topic_stays_refused_until_someone_discards_it(hub: Hub) -> None:
    event = an_update()
    append(hub, Bad("", CE_TOPIC, CODEC.encode(event)))
    consume(hub)
    entry_id = the_one(hub)
    with pytest.raises(ContractError, match="own topic") as refused:
        drive(hub, entry_id)
    assert refused.value.code == "forbidden_network"
    assert the_one(hub) == entry_id
    decide(hub, entry_id, "sent to the wrong topic; its network published it again")
    assert sums_of(hub) == Accounting(read=1, accepted=0, duplicate=0, quarantined=0, discarded=1)
    with pytest.raises(Usage, match="is discarded"):
        drive(hub, entry_id)
    publish(hub, [event])
    consume(hub)
    assert topic_of(event) == FT_TOPIC
    assert sums_of(hub) == Accounting(read=2, accepted=1, duplicate=0, quarantined=0, discarded=1)
    (decision,) = show(hub, entry_id).decisions
    assert (decision.state, decision.decided_by) == (DISCARDED, "auditor")
    assert decision.note.startswith("sent to the wrong topic")


def decide(hub: Hub, entry_id: int, note: str) -> None:
    with writing(hub.store) as connection:
        hub.quarantine.decide(connection, entry_id, DISCARDED, "auditor", note, hub.now)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_discard_without_a_note_is_refused_and_nothing_changes(hub: Hub, note: str) -> None:
    append(hub, Bad("", FT_TOPIC, b"no Avro"))
    consume(hub)
    with pytest.raises(Usage, match="note"):
        decide(hub, the_one(hub), note)
    assert sums_of(hub).quarantined == 1
    assert show(hub, the_one(hub)).decisions == []


def test_a_redrive_that_breaks_off_leaves_the_entry_held(hub_on_files: Hub, tmp_path: Path) -> None:
    events = a_delegation()
    entry_id = held_for_an_unknown_schema(hub_on_files, events, tmp_path)
    with (
        Hub(engines.settings(hub_on_files.paths.data, busy_timeout_ms=1)) as impatient,
        writing(hub_on_files.store),
        pytest.raises(HubError, match="locked"),
    ):
        drive(impatient, entry_id)
    assert the_one(hub_on_files) == entry_id
    assert drive(hub_on_files, entry_id) == "accepted"
    assert digest_of(hub_on_files) == digest_of_all(events)

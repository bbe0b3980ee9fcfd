"""The simulated feed: the same seed, the same bytes; every document valid; made as it flows; written whole."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path
from uuid import RFC_4122, UUID

import pytest

from hub.codec.jsonform import from_json, to_json
from hub.domain.events.base import CaseEvent
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.correction import EventVoided
from hub.domain.pathway.leg import case_text
from hub.errors import HubError, Usage
from hub.producers.simulation import Line, simulate, write
from hub.producers.simulation.feed import Sent, feed
from hub.producers.simulation.population import Population


def sent(people: int, seed: int = 1) -> list[Sent]:
    return list(feed(Population(people, seed), lambda _: None))


def documents(people: int, seed: int = 1) -> list[Line]:
    return [line for line in simulate(people, seed) if "raw" not in line]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(tmp_path: Path) -> None:
    for name, seed in (("first", 4), ("again", 4), ("other", 5)):
        write(tmp_path / name, 40, seed)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    assert (tmp_path / "first").read_bytes() != (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_the_whole_catalogue_appears_among_three_hundred_people(seed: int) -> None:
    assert {line["type"] for line in documents(300, seed)} == set(EVENT_TYPES)


def test_every_document_is_exactly_the_codec_s_form_of_a_valid_event() -> None:
    for document in documents(120):
        assert to_json(from_json(document)) == document


def test_event_ids_are_version_seven_uuids_of_their_recording_and_never_shared() -> None:
    recorded: dict[str, Line] = {}
    for document in documents(150):
        event_id = document["meta"]["event_id"]
        assert recorded.setdefault(event_id, document) == document
        identifier = UUID(event_id)
        assert identifier.version == 7
        assert identifier.variant == RFC_4122
        moment = from_json(document).meta.recorded_at.timestamp()
        assert 0 <= (identifier.int >> 80) / 1_000 - moment < 1


def test_a_run_of_any_size_has_about_twenty_five_events_a_person() -> None:
    summaries = [Counter(entry.draft is not None for entry in sent(people)) for people in (400, 1_200)]
    per_person = (summaries[1][True] - summaries[0][True]) / 800
    assert 23 < per_person < 29


def test_lines_come_in_the_order_of_their_arrival() -> None:
    arrivals = [entry.draft.arrives for entry in sent(200) if entry.draft is not None]
    assert arrivals == sorted(arrivals)


def test_lines_flow_while_people_are_made() -> None:
    made = 0

    def note(people: int) -> None:
        nonlocal made
        made = people

    total = sum(1 for _ in simulate(300, 1))
    for _ in islice(feed(Population(300, 1), note), total // 2):
        pass
    assert 100 < made < 220


def test_a_huge_region_gives_its_first_lines_at_once() -> None:
    assert len(list(islice(simulate(1_000_000, 1), 200))) == 200


def test_no_people_are_refused() -> None:
    with pytest.raises(Usage, match="1 or more"):
        simulate(0, 1)


def test_a_record_s_events_are_numbered_from_one_in_order_of_recording_with_rare_slips() -> None:
    numbers: dict[str, list[tuple[int, int]]] = {}
    for entry in sent(300):
        draft = entry.draft
        if draft is not None and draft.local_id and not draft.repeat:
            case = f"{draft.network}/{draft.scope}/{draft.local_id}"
            numbers.setdefault(case, []).append((draft.recorded, draft.sequence))
    steps: Counter[int] = Counter()
    for of_case in numbers.values():
        ordered = [number for _, number in sorted(of_case)]
        steps.update(after - before for before, after in zip([0, *ordered], ordered, strict=False))
    assert steps[1] > 0.97 * steps.total()
    assert steps[2]
    assert steps[0]
    assert all(step >= 0 for step in steps)


def test_the_feed_is_as_untidy_as_the_networks_are() -> None:
    entries = [entry.draft for entry in sent(600) if entry.draft is not None]
    distinct = [draft for draft in entries if not draft.repeat]
    repeats = [draft for draft in entries if draft.repeat]
    assert 0.01 < len(repeats) / len(distinct) < 0.03
    assert 0.002 < sum(draft.type == "EventVoided" for draft in distinct) / len(distinct) < 0.008
    assert 0.03 < sum(draft.late for draft in distinct) / len(distinct) < 0.1
    assert any(draft.recorded < draft.occurred for draft in distinct)
    overtaken = sum(after.recorded < before.recorded for before, after in pairwise(distinct))
    assert overtaken > 0.005 * len(distinct)


def test_a_repeat_is_the_same_line_again_later() -> None:
    seen: dict[str, Line] = {}
    for entry in sent(120):
        if entry.draft is not None:
            if entry.draft.repeat:
                assert seen[entry.draft.event_id] == entry.line
            seen[entry.draft.event_id] = entry.line


def test_a_void_names_an_event_of_its_own_record_and_some_come_before_it() -> None:
    place: dict[str, tuple[int, str]] = {}
    voids: list[tuple[int, EventVoided]] = []
    for position, document in enumerate(documents(1_000)):
        event = from_json(document)
        if isinstance(event, CaseEvent):
            place.setdefault(event.meta.event_id, (position, case_text(event.case)))
        if isinstance(event, EventVoided):
            voids.append((position, event))
    known = [
        (position, void, *place[void.voided_event_id]) for position, void in voids if void.voided_event_id in place
    ]
    assert len(known) > 0.9 * len(voids)
    assert all(case_text(void.case) == case for _, void, _, case in known)
    assert 0 < sum(position < target for position, _, target, _ in known) < len(known) / 3


def test_a_file_holds_a_line_for_each_event_and_the_summary_counts_them(tmp_path: Path) -> None:
    progress: list[int] = []
    summary = write(tmp_path / "feed.jsonl", 60, 3, progress.append)
    lines = [json.loads(line) for line in (tmp_path / "feed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == list(simulate(60, 3))
    assert progress == list(range(1, 61))
    assert summary.lines == len(lines)
    assert summary.lines == summary.events.total() + summary.duplicates + summary.broken.total()
    assert summary.cases == summary.events["CaseRegistered"] >= summary.people == 60
    assert summary.voided == summary.events["EventVoided"]
    assert summary.re_referrals
    assert summary.late
    assert [path.name for path in tmp_path.iterdir()] == ["feed.jsonl"]


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="cannot be written"):
        write(tmp_path / "missing" / "feed.jsonl", 5, 1)


def test_an_interrupted_run_leaves_the_file_before_it(tmp_path: Path) -> None:
    file = tmp_path / "feed.jsonl"
    file.write_text("before")

    def stop(people: int) -> None:
        if people == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(file, 10, 1, stop)
    assert file.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["feed.jsonl"]

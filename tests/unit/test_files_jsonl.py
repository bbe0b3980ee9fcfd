"""Lines of JSON: events, raw records, and what is refused for which reason."""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codec.jsonform import to_json
from hub.domain.events.base import Event
from hub.log.port import Message
from hub.producers.files.jsonl import JsonLines
from hub.producers.files.lines import MAX_LINE_BYTES, Reading, read_lines
from tests.strategies import events

RAW: dict[str, Any] = {"topic": "t.v1", "key": b64encode(b"k").decode(), "value": "AAEC", "why": "no Avro"}


def read(content: bytes | str, *, allow_raw: bool = False) -> Reading:
    return JsonLines(allow_raw=allow_raw).read(content.encode() if isinstance(content, str) else content)


def reason(reading: Reading) -> str:
    assert not reading.events
    assert reading.message is None
    (defect,) = reading.defects
    return f"{defect.field}: {defect.reason}" if defect.field else defect.reason


@given(events())
def test_every_event_of_the_catalogue_is_read_back_from_its_line(event: Event) -> None:
    assert read(json.dumps(to_json(event))) == Reading(events=(event,))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"type": "Placed"', "not JSON (at character 18)"),
        (b"{} {}", "not JSON (at character 4)"),
        (b"[]", "not a JSON object"),
        (b'"raw"', "not a JSON object"),
        (b"{}", "type: missing"),
        (b'{"type": "Dupont"}', "not of the catalogue"),
        (b'{"type": "Placed", "meta": NaN}', "NaN or Infinity is not JSON"),
        (b'{"type": "Placed", "meta": -Infinity}', "NaN or Infinity is not JSON"),
        (b'{"type": "Placed", "meta": 1e999}', "larger than any reader can hold"),
        (b'{"type": "Placed", "meta": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"type": "Placed", "meta": 1.' + b"0" * 5000 + b"1}", "more digits than any reader can hold"),
        (b'{"type": "Placed", "meta": 4503599627370497.25}', "more digits than any reader can hold"),
        (b'{"type": "Placed", "meta": 1e-400}', "more digits than any reader can hold"),
        (b'{"type": "Placed", "meta": 1e-99999999999999999999}', "more digits than any reader can hold"),
        (b'{"type": "Placed", "Dupont": 1, "Dupont": 2}', "same key twice"),
        (b'{"type": "Placed", "meta": {"scope": "", "scope": ""}}', "same key twice"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deep"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"type": "Placed", "meta": {"\\ud800": "\\ud800"}}', "Placed is invalid"),
        (b'{"type": "Placed", "meta": {}}', "meta.event_id: missing"),
        (b'{"\x00": 1}', "not JSON"),
    ],
)
def test_a_hostile_line_is_refused_with_its_reason(content: bytes, expected: str) -> None:
    found = reason(read(content))
    assert expected in found
    assert "Dupont" not in found


@given(events("ActionPlanAgreed"), st.integers(1, 2**63 - 1))
def test_an_integer_may_be_written_with_a_fraction_of_zero_or_an_exponent(event: Event, sequence: int) -> None:
    document = to_json(event)
    line, mark = json.dumps(document | {"meta": {**event.meta.model_dump(mode="json"), "sequence": "?"}}), '"?"'
    (plain,) = read(line.replace(mark, str(sequence))).events
    for written in (f"{sequence}.0", f"{sequence}.000e0", f"{sequence}0e-1", f"0.{sequence}e{len(str(sequence))}"):
        assert read(line.replace(mark, written)) == Reading(events=(plain,))


def test_a_raw_record_is_refused_unless_asked_for() -> None:
    assert "published only when asked for: `--raw`" in reason(read(json.dumps({"raw": RAW})))


def test_a_raw_record_that_was_asked_for_is_taken_as_it_is() -> None:
    assert read(json.dumps({"raw": RAW}), allow_raw=True).message == Message("t.v1", b"k", b"\x00\x01\x02")
    empty = RAW | {"key": None, "value": None}
    assert read(json.dumps({"raw": empty}), allow_raw=True).message == Message("t.v1", None, None)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"raw": None}, "raw: expected nothing but"),
        ({"raw": RAW, "type": "Placed"}, "raw: expected nothing but"),
        ({"raw": RAW | {"partition": 1}}, "raw: expected nothing but"),
        ({"raw": RAW | {"topic": 1}}, "raw.topic: missing"),
        ({"raw": RAW | {"topic": "\ud800"}}, "raw.topic: missing"),
        ({"raw": RAW | {"key": 1}}, "raw.key: not base64"),
        ({"raw": RAW | {"value": "é"}}, "raw.value: not base64"),
        ({"raw": RAW | {"value": "A*=="}}, "raw.value: not base64"),
        ({"raw": {"topic": "t.v1"}}, "raw.value: missing"),
    ],
)
def test_a_malformed_raw_record_is_refused_with_its_field(document: dict[str, Any], expected: str) -> None:
    assert expected in reason(read(json.dumps(document), allow_raw=True))


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_the_reader_fail(content: bytes) -> None:
    reading = read(content, allow_raw=True)
    assert reading.defects or reading.events or reading.message


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_no_json_at_all_makes_the_reader_fail(document: object) -> None:
    assert read(json.dumps({"raw": document}), allow_raw=True).defects or isinstance(document, dict)
    assert read(json.dumps(document)).defects


def test_lines_know_their_number_and_place_whatever_ends_them() -> None:
    content = b"\xef\xbb\xbfa\r\n\r\n \n\xef\xbb\xbfb"
    lines = list(read_lines(BytesIO(content)))
    assert [line.content for line in lines] == [b"a", b"", b" ", b"\xef\xbb\xbfb"]
    assert [line.is_blank for line in lines] == [False, True, True, False]
    assert [(line.number, line.begin, line.end) for line in lines] == [(1, 0, 6), (2, 6, 8), (3, 8, 10), (4, 10, 14)]
    assert [line.is_ended for line in lines] == [True, True, True, False]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("excess", [-1, 0, 1, 2, 3, 200_000])
def test_a_line_too_long_is_passed_over_without_its_content(excess: int, end: bytes) -> None:
    stream = BytesIO(b"x" * (MAX_LINE_BYTES + excess) + end + (b"next" if end else b""))
    first, *rest = read_lines(stream)
    assert (first.content is None) == (excess > 0)
    assert first.end == MAX_LINE_BYTES + excess + len(end)
    assert [line.content for line in rest] == ([b"next"] if end else [])


@given(st.lists(st.binary(max_size=20)), st.data())
def test_reading_from_any_line_on_gives_the_same_lines(pieces: list[bytes], data: st.DataObject) -> None:
    content = b"\n".join(pieces)
    lines = list(read_lines(BytesIO(content)))
    resumed = data.draw(st.integers(0, len(lines)))
    offset = lines[resumed - 1].end if resumed else 0
    stream = BytesIO(content)
    stream.seek(offset)
    assert list(read_lines(stream, resumed, offset)) == lines[resumed:]

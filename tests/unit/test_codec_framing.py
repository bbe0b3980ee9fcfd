"""The frame around a body."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codec.framing import MAX_RECORD_BYTES, frame, unframe
from hub.errors import RecordTooLarge, Undecodable


@given(st.integers(0, 2**32 - 1), st.binary(max_size=64))
def test_what_is_framed_is_unframed(schema_id: int, body: bytes) -> None:
    assert unframe(frame(schema_id, body)) == (schema_id, body)


def test_a_frame_is_a_zero_byte_and_a_big_endian_id() -> None:
    assert frame(258, b"x") == b"\x00\x00\x00\x01\x02x"


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x00\x00\x00\x00"])
def test_a_record_shorter_than_its_header_is_undecodable(value: bytes) -> None:
    with pytest.raises(Undecodable, match=f"{len(value)} bytes"):
        unframe(value)


def test_a_record_that_does_not_start_with_a_zero_byte_is_undecodable() -> None:
    with pytest.raises(Undecodable, match="zero byte"):
        unframe(b'{"type": "CaseClosed"}')


def test_a_record_above_the_limit_is_too_large_and_one_at_it_is_not() -> None:
    assert unframe(bytes(MAX_RECORD_BYTES)) == (0, bytes(MAX_RECORD_BYTES - 5))
    with pytest.raises(RecordTooLarge, match="at most 1048576"):
        unframe(bytes(MAX_RECORD_BYTES + 1))

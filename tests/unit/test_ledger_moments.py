"""Moments as whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.moments import microseconds, moment_of


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - made aware below
def test_a_moment_reads_back_from_its_stamp_to_the_microsecond(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    assert moment_of(microseconds(moment)) == moment

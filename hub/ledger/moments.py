"""Moments as the stores hold them: whole microseconds since 1970 in UTC, which compare alike in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Give an aware moment as microseconds since 1970 UTC, exactly: a float of seconds would round."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(stamp: int) -> datetime:
    """Give the moment of a stamp, in UTC."""
    return _EPOCH + stamp * _MICROSECOND

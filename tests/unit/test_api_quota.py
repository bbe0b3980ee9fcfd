"""The pace of requests of each reader."""

from __future__ import annotations

from hub.api import quota
from hub.api.quota import Left, Quota, fields


class Clock:
    """A monotonic clock that moves when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_minute_has_so_many_requests_and_the_next_as_many() -> None:
    clock = Clock()
    counted = Quota(2, clock)

    assert [counted.take("a").requests for _ in range(4)] == [1, 0, -1, -2]
    clock.seconds += 59
    assert counted.take("a") == Left(-3, 1)
    clock.seconds += 1
    assert counted.take("a") == Left(1, 60)


def test_readers_do_not_use_up_each_others() -> None:
    counted = Quota(1, Clock())

    assert (counted.take("a"), counted.take("b")) == (Left(0, 60), Left(0, 60))


def test_readers_of_minutes_past_are_forgotten_and_those_of_this_one_are_not() -> None:
    clock = Clock()
    counted = Quota(5, clock)
    for number in range(quota._READERS):
        counted.take(f"past {number}")
    clock.seconds += quota.WINDOW_S
    counted.take("present")
    counted.take("present")

    assert len(counted._windows) == 1
    assert counted.take("present").requests == 2


def test_fields_never_say_less_than_nothing() -> None:
    assert fields(10, Left(-3, 7)) == {"RateLimit-Policy": '"reader";q=10;w=60', "RateLimit": '"reader";r=0;t=7'}

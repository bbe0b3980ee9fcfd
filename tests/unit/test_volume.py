"""The count of people: who is slowed, who is stopped, and that waiting helps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.access.volume import DAY, HOUR, Judged, Volume
from hub.domain.access import Limits, Pace

LIMITS = Limits(6, 20, 3, 10, 8, 30)
SECOND = 1_000_000
START = 1_700_000_000 * SECOND


def a_volume(*, is_system: bool = False) -> Volume:
    return Volume(LIMITS, is_system=is_system, known={}, last_hour={}, last_day={}, last_shown={})


def ask(volume: Volume, number: int, at_s: float = 0, counted: str = "other") -> Judged:
    return volume.ask({number.to_bytes(16, "big"): counted}, START + int(at_s * SECOND))


def test_a_person_counts_once_however_often_they_are_asked_for() -> None:
    volume = a_volume()
    assert {ask(volume, 1, second).pace for second in range(100)} == {Pace.FREE}


def test_beyond_the_limit_of_an_hour_a_new_person_is_shown_every_so_often() -> None:
    volume = a_volume()
    assert [ask(volume, number).pace for number in range(3)] == [Pace.FREE] * 3
    assert ask(volume, 3, 1) == Judged(Pace.SLOWED, 20 * 60 - 1)
    assert ask(volume, 3, 20 * 60 - 1).pace is Pace.SLOWED
    assert ask(volume, 3, 20 * 60).pace is Pace.FREE
    assert ask(volume, 4, 20 * 60).retry_after_s == 20 * 60


def test_who_is_slowed_still_sees_whom_they_saw_already() -> None:
    volume = a_volume()
    for number in range(5):
        ask(volume, number)
    assert ask(volume, 0).pace is Pace.FREE
    assert ask(volume, 4).pace is Pace.SLOWED


def test_a_program_that_does_not_wait_is_stopped_by_what_it_asks_for() -> None:
    volume = a_volume()
    paces = [ask(volume, number, number / 100).pace for number in range(11)]
    assert paces == [Pace.FREE] * 3 + [Pace.SLOWED] * 7 + [Pace.STOPPED]
    assert ask(volume, 11, 1)._replace(retry_after_s=0) == Judged(Pace.STOPPED, 0, "other", 12, 10)


def test_ones_own_people_and_others_count_apart() -> None:
    volume = a_volume()
    for number in range(3):
        ask(volume, number)
    assert ask(volume, 10).pace is Pace.SLOWED
    assert [ask(volume, number, 0, "own").pace for number in range(20, 26)] == [Pace.FREE] * 6
    assert ask(volume, 26, 0, "own").pace is Pace.SLOWED


def test_a_system_has_one_limit_for_all() -> None:
    volume = a_volume(is_system=True)
    paces = [ask(volume, number, 0, "own" if number % 2 else "other").pace for number in range(31)]
    assert paces == [Pace.FREE] * 8 + [Pace.SLOWED] * 22 + [Pace.STOPPED]


def test_a_person_who_becomes_ones_own_counts_as_that_from_then_on() -> None:
    volume = a_volume()
    for number in range(10):
        ask(volume, number)
    assert ask(volume, 0, 1, "own").pace is Pace.FREE
    assert ask(volume, 10, 2).pace is Pace.SLOWED


def people(*numbers: int) -> dict[bytes, str]:
    return {number.to_bytes(16, "big"): "other" for number in numbers}


def test_several_people_at_once_wait_for_as_many_turns() -> None:
    volume = a_volume()
    assert volume.ask(people(1, 2), START).pace is Pace.FREE
    assert volume.ask(people(3, 4), START) == Judged(Pace.SLOWED, 40 * 60)
    assert volume.ask(people(3, 4), START + 2 * HOUR // 3).pace is Pace.FREE


def test_more_people_at_once_than_an_hour_allows_are_never_shown() -> None:
    volume = a_volume()
    assert volume.ask(people(1, 2, 3, 4), START).pace is Pace.SLOWED
    assert volume.ask(people(1, 2, 3, 4), START + 5 * HOUR).pace is Pace.SLOWED
    assert volume.ask(people(1, 2, 3), START + 5 * HOUR).pace is Pace.FREE


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["own", "other"]), st.integers(0, 3_600)), max_size=120))
def test_within_a_day_never_more_people_are_shown_than_the_limit(requests: list[tuple[int, str, int]]) -> None:
    volume, at, shown = a_volume(), 0, {"own": set[int](), "other": set[int]()}
    for number, counted, wait_s in requests:
        at += wait_s % 60
        person = number if counted == "own" else number + 1_000
        judged = ask(volume, person, at, counted)
        if judged.pace is Pace.STOPPED:
            break
        if judged.pace is Pace.FREE:
            shown[counted].add(person)
    assert len(shown["own"]) <= LIMITS.own_stop_per_day
    assert len(shown["other"]) <= LIMITS.other_stop_per_day


@given(st.integers(1, 200))
def test_who_waits_as_told_is_shown_the_next_person(number: int) -> None:
    volume, at = a_volume(), 0.0
    for person in range(number % 9):
        judged = ask(volume, person, at)
        if judged.pace is Pace.SLOWED:
            at += judged.retry_after_s
            assert ask(volume, person, at).pace is Pace.FREE


def test_a_days_and_an_hours_length_are_in_microseconds() -> None:
    assert (HOUR, DAY) == (3_600 * SECOND, 86_400 * SECOND)

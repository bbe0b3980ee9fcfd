"""How many records are fetched at once: many small ones, few large ones."""

from __future__ import annotations

from typing import Any

import kafka
from hypothesis import given
from hypothesis import strategies as st

from hub.log.kafka.handing import LARGEST_SLICE, SMALLEST_SLICE, Held
from hub.log.kafka.names import Names
from hub.log.kafka.reader import Place
from hub.log.port import MAX_BYTES

HERE = kafka.TopicPartition("x.topic", 0)


def record(size: int) -> Any:
    return (*("x.topic", 0, 0, 0, 0, 0, b"", b"", [], None), -1, size, -1)


def held() -> Held:
    made = Held(Names("x."))
    made.start(HERE, Place(0, -1), "id")
    return made


def fetch(into: Held, size: int) -> int:
    """Add as many records of a size as may be fetched, and give how many."""
    count = into.next_slice()
    into.add({HERE: [record(size)] * count}, lambda _: Place(0, -1))
    return count


def test_slices_of_small_records_grow() -> None:
    into = held()
    assert fetch(into, 100) == MAX_BYTES // 2**20
    assert [fetch(into, 100) for _ in range(10)][-1] == LARGEST_SLICE


def test_nothing_is_fetched_that_would_wait_above_the_bound() -> None:
    into = held()
    while fetch(into, 2**20):
        pass
    assert into.waiting() <= MAX_BYTES // 2**20 + SMALLEST_SLICE


@given(st.lists(st.integers(1, 2**20), min_size=1, max_size=60))
def test_at_most_one_slice_more_than_the_bound_waits(sizes: list[int]) -> None:
    into = held()
    waiting = 0
    for size in sizes:
        assert into.next_slice() <= LARGEST_SLICE
        if waiting >= MAX_BYTES:
            assert into.next_slice() == 0
        waiting += fetch(into, size) * size

"""Keys go where Kafka's own clients would send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.log.partitioner import murmur2, partition_for

JAVA_CLIENT = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", JAVA_CLIENT)
def test_the_hash_is_the_one_of_kafkas_java_client(key: bytes) -> None:
    """The vectors are those of Kafka's own UtilsTest."""
    assert murmur2(key) == JAVA_CLIENT[key] & 0xFFFFFFFF


@given(st.binary(max_size=40), st.integers(1, 64))
def test_any_key_has_a_partition_among_those_that_exist(key: bytes, partitions: int) -> None:
    assert 0 <= partition_for(key, partitions) < partitions


def test_keys_spread_over_all_partitions() -> None:
    assert {partition_for(b"case-%d" % case, 6) for case in range(200)} == set(range(6))

"""Which partition a key goes to: Kafka's default, so that every adapter and every client of a topic agree."""

from __future__ import annotations

from functools import lru_cache
from struct import iter_unpack

_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Hash bytes to 32 unsigned bits as Kafka's Java client does.

    Source: org.apache.kafka.common.utils.Utils.murmur2.
    """
    length = len(data)
    whole = length & ~3
    hashed = _SEED ^ length
    for (word,) in iter_unpack("<I", data[:whole]):
        mixed = word * _MULTIPLIER & _MASK
        mixed = (mixed ^ mixed >> 24) * _MULTIPLIER & _MASK
        hashed = (hashed * _MULTIPLIER & _MASK) ^ mixed
    if whole < length:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    hashed = (hashed ^ hashed >> 13) * _MULTIPLIER & _MASK
    return hashed ^ hashed >> 15


@lru_cache(maxsize=65_536)
def partition_for(key: bytes, partitions: int) -> int:
    """Give the partition of a key, from 0."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions

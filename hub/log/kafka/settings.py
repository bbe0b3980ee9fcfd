"""What the hub's topics are set to, and why."""

from __future__ import annotations

from hub.codec.framing import MAX_RECORD_BYTES

_DAY_MS = 86_400_000
_ROOM_BYTES = 64 * 1024
"""For the key, the headers and the frame of a batch around a record of the largest size."""
MAX_MESSAGE_BYTES = MAX_RECORD_BYTES + _ROOM_BYTES


def topic_settings(replication: int, retention_days: int, *, is_compacted: bool) -> dict[str, str]:
    """Give a topic's settings.

    One replica fewer than there are must be in sync, so that one broker may be down without a write being refused or
    at risk. Batches stay compressed as their publisher did. The broker stamps records itself: retention goes by these
    stamps, and a publisher's wrong clock would make records expire at once, or never.

    A compacted topic holds people's data until a later record of their key, or a tombstone, takes its place: a day
    after that at most it is cleaned, also where little is written. Tombstones stay as long as a reader may be away.
    """
    settings = {
        "cleanup.policy": "compact" if is_compacted else "delete",
        "compression.type": "producer",
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(max(1, replication - 1)),
        "unclean.leader.election.enable": "false",
    }
    kept_ms = str(retention_days * _DAY_MS)
    if is_compacted:
        cleaned = {"max.compaction.lag.ms": str(_DAY_MS), "min.cleanable.dirty.ratio": "0.1"}
        return settings | cleaned | {"delete.retention.ms": kept_ms}
    # By age alone: a limit by size would let records expire unread in a backlog.
    return settings | {"retention.ms": kept_ms, "retention.bytes": "-1"}

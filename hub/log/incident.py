"""Incidents: a stored offset that points at what the log no longer holds, and how to go on."""

from __future__ import annotations

from hub.log.port import Stored, TopicPartition


def lost(stored: Stored, topic_id: str, beginning: int, end: int) -> str | None:
    """Say what became of the records that a stored offset points at, or None while the log still holds them.

    `beginning` and `end` are what the partition of the topic holds now; an offset at the end waits for the next record.
    """
    offset = stored.next_offset
    if stored.topic_id != topic_id:
        return "the topic was deleted and created again since it was last read"
    if offset < beginning:
        return f"offset {offset} comes next but the log begins at {beginning}: records expired unread"
    if offset > end:
        return f"offset {offset} comes next but the log ends at {end}: records were lost"
    return None


def remedy(partition: TopicPartition) -> str:
    """Say what to do about it; a reset before the publishing would do too, but invites to forget it."""
    return (
        "restore the log from its backup, or publish what was lost again from its source and then reset the stored "
        f"offset with `hub offsets reset {partition.topic} --partition {partition.partition} --note WHY`"
    )

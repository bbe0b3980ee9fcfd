"""When records were appended: Kafka finds offsets by time and not times by offset, so the record itself is read."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import kafka
from kafka import errors

from hub.log.kafka.connection import KafkaConnection
from hub.log.kafka.opening import open_library

_CONFIG = {
    "group_id": None,
    "auto_offset_reset": "none",
    "enable_auto_commit": False,
    "allow_auto_create_topics": False,
    "isolation_level": "read_committed",
    # The broker gives one batch, which is the least that it can.
    "max_partition_fetch_bytes": 1,
    "metrics_enabled": False,
}
_LOG_APPEND_TIME = 1
WAIT_MS = 2_000.0
_SLICE_MS = 100.0


class AppendedAt:
    """Reads a record when asked; between two questions nothing is fetched. It belongs to one thread."""

    def __init__(self, connection: KafkaConnection) -> None:
        """Connect at the first question only: while the hub keeps up, nobody asks."""
        self._connection = connection
        self._library: Any = None

    def ms(self, here: Any, offset: int) -> int | None:
        """Give the broker's stamp of the first record from an offset on, since 1970 in UTC.

        None where it cannot be told within two seconds: no record is there, it cannot be read, the user may not read
        it, or it bears its publisher's stamp, as where the topic's `message.timestamp.type` is not `LogAppendTime`.

        Raises:
            LogUnavailable: Kafka does not answer.
        """
        if self._library is None:
            config = self._connection.library_config() | _CONFIG | {"request_timeout_ms": self._connection.timeout_ms}
            self._library = open_library(kafka.KafkaConsumer, self._connection, config).library
        try:
            record = self._first(here, offset)
            self._library.pause(here)
        except Exception:  # noqa: BLE001 codecs raise what they like, and after any error the library never polls again
            self.close()
            return None
        return None if record is None or record.timestamp_type != _LOG_APPEND_TIME else int(record.timestamp)

    def close(self) -> None:
        """Disconnect."""
        if self._library is not None:
            with suppress(errors.KafkaError, RuntimeError):
                self._library.close(autocommit=False, timeout_ms=0)
            self._library = None

    def _first(self, here: Any, offset: int) -> Any:
        self._library.assign([here])
        self._library.resume(here)
        self._library.seek(here, offset)
        deadline = time.monotonic() + WAIT_MS / 1000
        while time.monotonic() < deadline:
            for records in self._library.poll(timeout_ms=_SLICE_MS, max_records=1).values():
                return records[0]
        return None

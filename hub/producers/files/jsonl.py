"""JSON lines: an event's JSON form per line, or a raw record to append as it is.

A raw record is `{"raw": {"topic": ..., "key": base64 or null, "value": base64 or null, "why": ...}}`. It skips the
publisher's validation: the simulation writes such lines to exercise the quarantine. What is framed bears the ids of the
release, those of `hub schemas list`.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Any

from hub.codec import strictjson
from hub.codec.jsonform import from_json
from hub.errors import InvalidEvent, Undecodable
from hub.log.port import Message
from hub.producers.files.lines import Reading, refusal

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_RAW_REFUSED = (
    "a raw record, which skips all validation; these are published only when asked for: "
    "`--raw`, with `--from-start` where the file was published before"
)
_RAW_FIELDS = frozenset({"topic", "key", "value", "why"})


class JsonLines:
    """Reads one line at a time; raw records only if `allow_raw`."""

    notes: Sequence[str] = ()

    def __init__(self, *, allow_raw: bool) -> None:
        self._allow_raw = allow_raw

    def read(self, content: bytes) -> Reading:
        """Give the event or the raw record of a line, or why it is refused."""
        try:
            document = strictjson.decode(content)
        except Undecodable as error:
            return refusal(str(error))
        if isinstance(document, dict) and "raw" in document:
            return self._raw(document)
        try:
            return Reading(events=(from_json(document),))
        except InvalidEvent as error:
            return refusal(str(error))

    def _raw(self, document: dict[str, Any]) -> Reading:
        if not self._allow_raw:
            return refusal(_RAW_REFUSED, "raw")
        raw = document["raw"]
        if len(document) > 1 or not isinstance(raw, dict) or not raw.keys() <= _RAW_FIELDS:
            return refusal("expected nothing but topic, key, value and why", "raw")
        topic = raw.get("topic")
        if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
            return refusal("missing or malformed; expected a topic's name", "raw.topic")
        if "value" not in raw:
            return refusal("missing; expected base64, or null", "raw.value")
        parts: dict[str, bytes | None] = {}
        for name in ("key", "value"):
            try:
                parts[name] = _bytes(raw.get(name))
            except (TypeError, ValueError, Base64Error):
                return refusal("not base64; expected base64, or null", f"raw.{name}")
        return Reading(message=Message(topic, parts["key"], parts["value"]))


def _bytes(text: object) -> bytes | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise TypeError
    return b64decode(text, validate=True)

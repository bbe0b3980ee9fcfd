"""Files as producers: JSON lines and the legacy flat file, each line published or refused with its reason."""

from __future__ import annotations

from hub.producers.files.publish import publish_file
from hub.producers.files.report import Entry, Summary

__all__ = ["Entry", "Summary", "publish_file"]

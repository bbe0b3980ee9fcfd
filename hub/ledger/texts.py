"""Texts from outside, made fit for every store."""

from __future__ import annotations

import re

# PostgreSQL keeps no NUL in a text, and no UTF-8 has half a pair of surrogates, as a wrongly decoded argument may.
_UNFIT = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Give a text with U+FFFD for each sign that a store could not keep."""
    return _UNFIT.sub("\ufffd", text)

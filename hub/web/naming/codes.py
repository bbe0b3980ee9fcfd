"""Codes within a sentence, which a narrow page would break at their hyphens: short ones are kept on one line."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

_LONGEST: Final = 24
"""Characters that fit on a line of a page 320 px wide; a longer code breaks as any text does."""
_CODE: Final = re.compile(r"\(?(?<![\w.:/-])[\w.:/]+(?:-[\w.:/]+)+[),]*")


def unbroken(text: str) -> Markup:
    """Give a text as markup in which no short code breaks: `Adèle Bailly (ft-69901-08)`."""
    found, end = Markup(), 0
    for match in _CODE.finditer(text):
        code = match[0]
        if len(code) <= _LONGEST and any(map(str.isdigit, code)):
            found += escape(text[end : match.start()]) + Markup('<span class="h-one-line">{}</span>').format(code)
            end = match.end()
    return found + escape(text[end:])

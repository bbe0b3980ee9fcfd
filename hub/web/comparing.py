"""How texts compare that people wrote: to sort them, and to find them by how they begin."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Give a text as it is compared: without accents and capitals."""
    if text.isascii():
        return text.casefold()  # as nearly all names are, at a tenth of the time
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))

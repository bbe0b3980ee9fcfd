"""CSV that a French spreadsheet opens by a double click: UTF-8 with its mark, semicolons, commas in numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

from hub.web.words import NBSP

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""The byte order mark, without which Excel takes the file for another encoding."""
_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet would compute (OWASP, CSV Injection; the last four are the wide forms of the first)."""

Value = str | int | float | None


def written(headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Write rows under their headers: a text never computes, a number has its comma, None is an empty cell."""
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in (headers, *rows):
        lines.writerow([_cell(value) for value in row])
    return MARK + text.getvalue()


def answer(name: str, text: str) -> Response:
    """Send it as a file; `name` has letters, digits, hyphens and points alone."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store", "Vary": "Cookie"}
    return Response(text.encode(), headers=headers, media_type="text/csv; charset=utf-8")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        plain = value.replace(NBSP, " ")
        return f"'{plain}" if plain.lstrip(" ").startswith(_BEGIN_FORMULAS) else plain
    return str(value).replace(".", ",")

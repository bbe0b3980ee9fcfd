"""Light or dark: what a reader chose, kept in a cookie of their browser."""

from __future__ import annotations

from fastapi import Request

COOKIE = "theme"
CHOICES = ("clair", "sombre")
"""What may be chosen beside following the browser; values of `data-theme` in hub.css."""


def chosen(request: Request) -> str | None:
    """Give the choice of a browser, None if it follows the system's."""
    value = request.cookies.get(COOKIE)
    return value if value in CHOICES else None

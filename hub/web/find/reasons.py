"""Stating a reason: what the form asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

from hub.access.grants import LONGEST_TEXT
from hub.domain.access import REASONS, Reader, Reason, roles_of
from hub.web import words
from hub.web.form import Fields

FIELDS = ("motif", "texte")
LEAST_TEXT = 10
"""Characters; as where people are searched for a reason."""
OPTIONS = [(code, words.capital(words.typed(text))) for code, text in REASONS.items()]


class Stated(NamedTuple):
    """A reason as it was stated."""

    code: Reason
    text: str


def read(given: Mapping[str, str]) -> tuple[Fields, Stated | None]:
    """Read the form; None where something is wrong with it."""
    fields = Fields(given, FIELDS)
    code = fields.choice("motif", REASONS, "Choisissez un motif.")
    if not fields.values["texte"]:
        fields.refuse("texte", "Expliquez en quelques mots pourquoi vous ouvrez ce parcours.")
    text = fields.text("texte", LONGEST_TEXT, least=LEAST_TEXT)
    return fields, None if code is None or text is None else Stated(cast("Reason", code), text)


def office_of(reader: Reader) -> str:
    """Give the office for which a reader states reasons: it changes what a reason opens, and so the words."""
    return next((role for role in ("dpo", "auditor") if role in roles_of(reader)), "adviser")

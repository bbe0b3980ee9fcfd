"""The forms of the quarantine: what an operator says when they redrive or discard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hub.api.queries.quarantine import LAST_ID
from hub.errors import Usage
from hub.web.form import Fields
from hub.web.operating.choosing import Choice, reason_named

LONGEST_NOTE = 1_000
NOTE = "repris depuis la page de la quarantaine"
"""What stands on record where nothing was said."""


class Several(NamedTuple):
    """Which records to redrive: of a reason and perhaps a source, after one id and up to another."""

    choice: Choice
    after: int
    up_to: int


def redriven(given: Mapping[str, str]) -> tuple[Fields, str | None]:
    """Read the form of one record: a note, which may be left out; None where it is wrong."""
    fields = Fields(given, ("note",))
    note = fields.text("note", LONGEST_NOTE)
    return fields, None if fields.wrong else note or NOTE


def discarded(given: Mapping[str, str]) -> tuple[Fields, str | None]:
    """Read the form of a record that is not wanted: why; None where it is missing or wrong."""
    fields = Fields(given, ("motif",))
    if not fields.values["motif"]:
        fields.refuse("motif", "Dites pourquoi cet enregistrement est écarté.")
    return fields, fields.text("motif", LONGEST_NOTE)


def several(given: Mapping[str, str]) -> tuple[Fields, Several, str | None]:
    """Read the form of several records.

    Raises:
        Usage: it is none that the page has.
    """
    fields = Fields(given, ("motif", "source", "apres", "jusqua", "note"))
    choice = Choice(reason_named(fields.values["motif"]), fields.values["source"])
    after, up_to = (_number(fields.values[name]) for name in ("apres", "jusqua"))
    if not choice.reason or choice.source not in {"", "france-travail", "cap-emploi", "hub"}:
        raise Usage("the form names no reason or no source that there is")
    note = fields.text("note", LONGEST_NOTE)
    return fields, Several(choice, after, up_to), None if fields.wrong else note or NOTE


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(LAST_ID)) or int(text) > LAST_ID:
        raise Usage("the form names no entry that there can be")
    return int(text)

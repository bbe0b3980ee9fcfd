"""Verifying the whole ledger from a page: part by part, and against what an auditor noted before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from hub.audit.integrity import Anchor
from hub.web import words
from hub.web.audit.overview import Result
from hub.web.form import Fields
from hub.web.words import figure

PART = 20_000
"""Entries that one request verifies: 0.2 to 0.5 s on files."""
FIELDS = ("entrees", "empreinte")
MOST_ENTRIES = 2**53
_DIGEST = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[1-9]\d{0,15}")
_SHORTER = "Des entrées manquent à la fin : elles ont été retirées, ou une sauvegarde plus ancienne a été restaurée."
_TITLE = "Comparaison avec ce que vous avez noté"


class Progress(NamedTuple):
    """How far the ledger is verified, and how much was found wrong on the way."""

    reached: int
    total: int
    wrong: int

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to verify."""
        return self.reached >= self.total

    @property
    def said(self) -> str:
        """Say it."""
        return f"{words.count(self.reached, 'entrée vérifiée', 'entrées vérifiées')} sur {figure(self.total)}."

    @property
    def outcome(self) -> str:
        """Say what came of it all."""
        if self.wrong:
            return f"{words.count(self.wrong, 'anomalie trouvée', 'anomalies trouvées')} depuis le début."
        return "Aucune anomalie depuis le début."


def so_far(given: Mapping[str, str]) -> tuple[int, int]:
    """Read up to which position the ledger was verified, and how much was wrong; the first form says nothing of it."""
    fields = Fields(given, ("depuis", "constats"))
    verified, wrong = (fields.number(name, MOST_ENTRIES) or 0 for name in ("depuis", "constats"))
    return verified, wrong


def read(given: Mapping[str, str]) -> tuple[Fields, Anchor | None]:
    """Read what was noted; None where something is wrong with it."""
    fields = Fields(given, FIELDS)
    entries = "".join(fields.values["entrees"].split())
    digest = "".join(fields.values["empreinte"].split()).lower()
    if not _NUMBER.fullmatch(entries):
        fields.refuse("entrees", "Donnez le nombre d’entrées que vous avez noté, en chiffres.")
    if not _DIGEST.fullmatch(digest):
        fields.refuse("empreinte", "Donnez l’empreinte en entier : 32 caractères, chiffres et lettres a à f.")
    return fields, None if fields.wrong else Anchor(int(entries), digest)


def compared(noted: Anchor, digest: str | None, total: int) -> Result:
    """Say whether the ledger still has the entry that was noted; `digest` is what stands at its place now."""
    if noted.entries > total:
        here = words.count(total, "entrée", "entrées")
        said = f"Le registre n’a que {here}, vous en aviez noté {figure(noted.entries)}."
        return Result(_TITLE, said, (_SHORTER,))
    if digest != noted.digest:
        said = f"À la place {figure(noted.entries)} se trouve une autre entrée que celle que vous aviez notée."
        return Result(_TITLE, said, ("La suite n’est plus celle que vous aviez notée.",))
    since = words.count(total - noted.entries, "entrée", "entrées")
    return Result(
        _TITLE, f"L’entrée {figure(noted.entries)} est celle que vous aviez notée. Depuis : {since} de plus.", ()
    )


def shortened(reached: int, total: int) -> Result:
    """Say that the ledger lost entries that were verified a moment ago."""
    before, here = (words.count(each, "entrée", "entrées") for each in (reached, total))
    said = f"Vous aviez vérifié {before}, le registre n’a plus que {here}."
    return Result("Registre des événements", said, (_SHORTER,))


def grouped(digest: str) -> str:
    """Write a digest in groups of four, to be noted and read aloud."""
    return " ".join(re.findall(".{4}", digest))

"""The legacy flat file of France Travail: one row per case, as it stood when it was written.

A row is one line: separated by `;`, `,` or tab as the header is, in UTF-8 or else Windows-1252. `docs/files.md`
describes the columns. Zeros that a spreadsheet stripped are refused, never put back: 1234 may be 01234 or 12340.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence

from hub.domain import ids
from hub.errors import InvalidEvent, Usage
from hub.producers.files.legacy_cells import STRIPPED, Row, commune, email, name, phone, reference, region
from hub.producers.files.legacy_events import CaseRow, events_of
from hub.producers.files.lines import Defect, Reading, refusal

REQUIRED = ("identifiant", "date_inscription", "date_maj")
CARRIED = (
    *REQUIRED,
    "region",
    "code_safir",
    "struct_suivi",
    "suivi_debut",
    "suivi_fin_prev",
    "categorie_inscription",
    "nom",
    "nom_naissance",
    "prenom",
    "date_naissance",
    "commune_naissance",
    "commune_residence",
    "courriel",
    "telephone",
    "public",
    "conseiller",
    "titre_boe",
    "titre_debut",
    "titre_fin",
    "numero_cap_emploi",
    "siret_cap_emploi",
)
NOT_CARRIED = ("modalite_accompagnement",)
"""Known, but no event says it: the catalogue has a modality only as the conclusion of a crossed diagnosis."""

_KNOWN = frozenset({*CARRIED, *NOT_CARRIED})
_CATEGORY = {f"categorie_{number}": str(number) for number in range(1, 6)}
_PUBLIC = {
    "de": "job_seeker",
    "demandeur_d_emploi": "job_seeker",
    "demandeur_emploi": "job_seeker",
    "salarie": "employee",
    "salariee": "employee",
}
_TITLE = {
    "allocation_aux_adultes_handicapes": "aah",
    "autre": "oeth_other",
    "cmi": "carte_mobilite_inclusion",
    "pension_d_invalidite": "pension_invalidite",
    "reconnaissance_de_la_qualite_de_travailleur_handicape": "rqth",
    "rente_at_mp": "at_mp",
}


class LegacyCsv:
    """Reads one row at a time under the header of its file.

    Args:
        header: the first line that is not blank.
        id_key: the secret from which event ids are made; ids made from the contents alone would let anybody who can
            guess a person's row recognise the person.

    Raises:
        Usage: no header, or one without the columns that every case needs.
    """

    def __init__(self, header: bytes, id_key: bytes) -> None:
        text = _decode(header) or ""
        self._delimiter, self._columns = max(
            ((delimiter, _names(text, delimiter)) for delimiter in ";,\t"),
            key=lambda sniffed: len(_KNOWN.intersection(sniffed[1])),
        )
        self._id_key = id_key
        _refuse_header(self._columns)
        self.notes = tuple(_notes(self._columns))

    def read(self, content: bytes) -> Reading:
        """Give the events of a row, or why it is refused, column by column."""
        text = _decode(content)
        if text is None:
            return refusal("neither UTF-8 nor Windows-1252")
        try:
            (cells,) = csv.reader([text], delimiter=self._delimiter, strict=True)
        except (csv.Error, ValueError):
            return refusal("quoting is not closed on this line, or a cell is too long; a row is one line")
        if len(cells) != len(self._columns):
            return refusal(f"has {len(cells)} cells; the header has {len(self._columns)} columns")
        row = Row(self._columns, cells)
        case = _checked(row)
        if row.defects or case is None:
            return Reading(defects=tuple(row.defects))
        try:
            events = events_of(case, self._id_key)
        except InvalidEvent as error:
            return refusal(str(error))
        if not events:
            return Reading(defects=(Defect(None, "holds nothing that an event could say"), *row.remarks))
        return Reading(events=events, remarks=tuple(row.remarks))


def _decode(content: bytes) -> str | None:
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _names(header: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip().lower() for cells in csv.reader([header], delimiter=delimiter) for cell in cells]
    except csv.Error:
        return []


def _refuse_header(columns: Sequence[str]) -> None:
    if missing := [column for column in REQUIRED if column not in columns]:
        raise Usage(f"the header has no column {', '.join(missing)}; expected the columns of docs/files.md on line one")
    if twice := sorted({column for column in columns if column in _KNOWN and columns.count(column) > 1}):
        raise Usage(f"the header has the column {', '.join(twice)} more than once; keep one")


def _notes(columns: Sequence[str]) -> Iterable[str]:
    for column in NOT_CARRIED:
        if column in columns:
            yield f"column {column} is not carried: no event of the catalogue says it"
    # A file whose header is missing has a person's row there: what cannot be a column's name is not repeated.
    unknown = [column for column in columns if column not in _KNOWN]
    named = [column for column in unknown if re.fullmatch(r"[a-z][a-z_]{0,39}", column)]
    if unknown:
        others = f" and {len(unknown) - len(named)} more" if len(named) < len(unknown) else ""
        yield f"unknown columns are left out: {', '.join(named[:20])}{others}"


def _checked(row: Row) -> CaseRow | None:
    """Check every cell, so that the report names every defect of a row at once."""
    for column in ("identifiant", "date_maj"):
        row.needed(column)
    scope, local_id = _identifier(row)
    written_at = row.moment("date_maj")
    case = CaseRow(
        scope=scope,
        local_id=local_id,
        written_at=written_at,
        site=row.checked("code_safir", ids.safir),
        registered_at=row.past_moment("date_inscription", written_at),
        public=row.code("public", _PUBLIC) or "job_seeker",
        category=row.code("categorie_inscription", _CATEGORY),
        traits={
            "family_name": row.checked("nom", name),
            "birth_name": row.checked("nom_naissance", name),
            "given_name": row.checked("prenom", name),
            "birth_date": row.day("date_naissance"),
            "birth_place": row.checked("commune_naissance", commune),
        },
        contact={
            "email": row.checked("courriel", email),
            "phone": row.checked("telephone", phone),
            "commune": row.checked("commune_residence", commune),
        },
        other_case=_other_case(row),
        adviser=row.checked("conseiller", reference),
        structure=row.text("struct_suivi"),
        followed_from=row.day("suivi_debut"),
        followed_at=row.past_moment("suivi_debut", written_at),
        planned_end=row.day("suivi_fin_prev"),
        title=row.code("titre_boe", _TITLE),
        title_from=row.day("titre_debut"),
        title_to=row.day("titre_fin"),
        title_at=row.past_moment("titre_debut", written_at),
    )
    row.defects[:] = dict.fromkeys(row.defects)
    case.add_remarks(row)
    return case


def _identifier(row: Row) -> tuple[str, str]:
    cell, scope = row.text("identifiant"), row.checked("region", region) or ""
    if cell is None:
        return "", ""
    digits = re.fullmatch(r"[0-9]+", cell) is not None
    if digits and len(cell) == 11:
        return "", cell
    older = re.fullmatch(r"[0-9]{7}[0-9A-Z]", cell)
    if older and row.text("region") is None:
        hint = f", or 11 digits of which {STRIPPED}" if digits else ""
        row.refuse(
            "identifiant", f"of the older form without its region{hint}; expected 11 digits, or a region beside it"
        )
    elif digits and not older:
        zeros = f"; {STRIPPED}" if len(cell) < 11 else ""
        row.refuse("identifiant", f"has {len(cell)} digits; expected 11{zeros}")
    elif not older:
        row.refuse(
            "identifiant", "malformed; expected 11 digits, or 7 digits and a digit or capital letter with its region"
        )
    return scope, cell


def _other_case(row: Row) -> dict[str, str] | None:
    number, siret = row.text("numero_cap_emploi"), row.checked("siret_cap_emploi", ids.siret)
    if number is None or row.text("siret_cap_emploi") is None:
        if number is not None or siret is not None:
            row.remark("numero_cap_emploi", "no reference: the other network's case needs its number and its SIRET")
        return None
    if siret is None:
        return None
    try:
        ids.check_case(ids.CAP_EMPLOI, siret, number)
    except ValueError as error:
        row.refuse("numero_cap_emploi", str(error))
    return {"network": ids.CAP_EMPLOI, "scope": siret, "local_id": number}

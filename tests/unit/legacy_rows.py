"""Rows of the legacy flat file."""

from __future__ import annotations

from hub.producers.files.legacy_csv import LegacyCsv
from hub.producers.files.lines import Defect, Reading

KEY = "a secret of this installation"
ROW = {
    "identifiant": "00123456789",
    "date_inscription": "2020-01-06",
    "date_maj": "2021-03-01 09:30:00",
    "code_safir": "01234",
    "struct_suivi": "CAP EMPLOI",
    "suivi_debut": "15/02/2021",
    "suivi_fin_prev": "2022-02-14",
    "categorie_inscription": "1",
    "nom": "Lefèvre",
    "nom_naissance": "NULL",
    "prenom": "Zoé",
    "date_naissance": "1980-05-17",
    "commune_naissance": "69381",
    "commune_residence": "01053",
    "courriel": "zoe@exemple.fr",
    "telephone": "0400000000",
    "public": "Demandeur d'emploi",
    "conseiller": "A-17",
    "titre_boe": "RQTH",
    "titre_debut": "2020-06-01",
    "titre_fin": "31/12/9999",
    "numero_cap_emploi": "CE-5",
    "siret_cap_emploi": "35600000000048",
}


def read(header: str = "", key: str = KEY, **cells: str) -> Reading:
    row = ROW | cells
    columns = header or ";".join(row)
    return LegacyCsv(columns.encode(), key.encode()).read(
        ";".join(row[column] for column in columns.split(";")).encode()
    )


def defects(reading: Reading) -> list[Defect]:
    assert not reading.events
    return list(reading.defects)

"""Pages say what a code of an occupation, a commune or an employer stands for, wherever they show one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.events.compensation import CompensationNeedIdentified
from hub.domain.events.placement import Placed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.retention import TransitionStarted
from hub.projections import nomenclature
from tests.integration.hubs import folder
from tests.integration.people import AUDITOR, REFERENT
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, registered
from tests.web.pathway_pages import Pages, main_of, pathway_pages, text_of

GROUPED = " ".join((EMPLOYER[:3], EMPLOYER[3:6], EMPLOYER[6:9], EMPLOYER[9:]))
BARE = re.compile(r"(?<![(\w])(?:[A-N]\d{4}|38334|31451|99352|2A004)\b|(?<!\d)\d{14}(?!\d)")
"""A code that stands without a name before it."""
MARKUP = "<script>alert('x')</script>"


def life() -> list[Event]:
    born: dict[str, Any] = {"given_name": "Zoé", "family_name": "Lefèvre", "birth_date": "1985-03-12"}
    return [
        registered(FT, "2021-01-04", contact={"commune": "38334"}, birth_place="2A004", **born),
        registered(CE, "2021-01-05", other=FT, contact={"commune": "31451"}, birth_place="99352", **born),
        event(ReferentAssigned, "2021-01-06", FT, adviser="A-1", role="referent", from_date="2021-01-06"),
        event(
            CompensationNeedIdentified,
            "2021-01-07",
            CE,
            need_id="N-1",
            phase="access",
            description="Poste assis.",
            rome="M1602",
            siret=EMPLOYER,
        ),
        event(
            CandidacyProposed,
            "2021-01-08",
            FT,
            candidacy_id="C-1",
            siret=EMPLOYER,
            rome="M1602",
            requested_rome="K2204",
        ),
        event(CandidacyAnswered, "2021-01-12", FT, candidacy_id="C-1", result="hired"),
        event(
            Placed,
            "2021-01-15",
            FT,
            placement_id="P-1",
            siret=EMPLOYER,
            contract="cdi",
            starts_on="2021-01-20",
            rome="A1206",
        ),
        event(TransitionStarted, "2021-02-01", CE, project_rome="N4103"),
    ]


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with folder() as path, pathway_pages(path, life()) as found:
        yield found


def said(pages: Pages, below: str) -> str:
    return " ".join(text_of(main_of(pages.read(REFERENT, below))).split())


@pytest.mark.parametrize(
    ("below", "texts"),
    [
        (
            "?liste=tout",
            [
                "métier Opérations administratives (M1602), demandé : Nettoyage de locaux (K2204), SIRET " + GROUPED,
                "« Revel (38334) » selon France Travail, « Revel (31451) » selon Cap emploi",
                "Ajaccio (2A004)",
                "Algérie (99352)",
                "Conduite de transport en commun sur route (N4103)",
                "Concepteur / Conceptrice paysagiste (A1206)",
            ],
        ),
        ("?au=2021-01-10", ["Opérations administratives (M1602)", "Revel (31451)"]),
        ("/fiche", ["Revel (38334)", "Le métier : Opérations administratives", GROUPED]),
    ],
)
def test_a_page_says_names(pages: Pages, below: str, texts: list[str]) -> None:
    page = said(pages, below)

    assert [text for text in texts if text not in page] == []
    assert BARE.findall(page) == []


def test_the_replay_says_names_before_and_after(pages: Pages) -> None:
    found = "".join(
        " ".join(text_of(main_of(pages.read(AUDITOR, f"/rejeu?pas={step}"))).split()) for step in range(1, 9)
    )

    assert "Revel (38334)" in found
    assert "Opérations administratives (M1602)" in found
    assert BARE.findall(found) == []


def test_the_page_of_each_event_says_names(pages: Pages) -> None:
    found = "".join(said(pages, f"/evenements/{each.meta.event_id}") for each in pages.life)

    assert "Commune de résidence Revel (38334)" in found or "commune de résidence Revel (38334)" in found
    assert "Conduite de transport en commun sur route (N4103)" in found
    assert BARE.findall(found) == []


def test_a_name_with_markup_is_shown_and_runs_nothing(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile: Mapping[str, str] = {"38334": MARKUP, "31451": MARKUP}
    monkeypatch.setattr(nomenclature, "_places", lambda: hostile)

    html = main_of(pages.read(REFERENT))

    assert "<script>alert" not in html
    assert "alert(’x’)" in text_of(html)

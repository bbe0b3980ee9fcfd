"""What the tests of search, intake, links and reasons share: filling in forms, and reading what a page says."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx2

from hub.domain.access import Reader
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from tests.web.homes import text
from tests.web.sites import FORM_TOKEN, Site

MINE = Reader("mine", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-17", organisation="ft-69")
OTHER = Reader("other", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="C-4")
LEAD = Reader("lead", frozenset({"site_lead"}), network=FRANCE_TRAVAIL, sites=frozenset({"69123"}))
AUDITOR = Reader("auditor", frozenset({"auditor"}))
DPO = Reader("dpo", frozenset({"dpo"}))
MANAGER = Reader("manager", frozenset({"manager"}), departments=frozenset({"69"}))
OPERATOR = Reader("operator", frozenset({"operator"}))
UNKNOWN = "01890a5d-0000-7000-8000-00000000ffff"
HOSTILE = "<script>alert(1)</script>"
RIGHT_TO_LEFT, EMOJI = "عبد الله", "Zoé 🦋"
_CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\b(?:France|cap)_|\bNone\b|\bTrue\b|\bundefined\b")


def fill_in(site: Site, reader: Reader, path: str, **fields: str) -> httpx2.Response:
    """Send a form with its secret."""
    return site.client(reader).post(path, data={"jeton": FORM_TOKEN, **fields})


def shown(answer: httpx2.Response, status: int = 200) -> str:
    """Give what a page says, which is in French; its title names nobody and its address holds nothing."""
    assert answer.status_code == status, answer.text
    said = text(re.sub(r"<head>.*?</head>", "", answer.text, flags=re.DOTALL))
    assert not _CODE.search(said), said
    return said


def main_of(answer: httpx2.Response) -> str:
    """Give the main part of a page, as elements."""
    found = re.search(r"<main.*?</main>", answer.text, re.DOTALL)
    assert found
    return found[0]


def errors_of(answer: httpx2.Response) -> dict[str, str]:
    """Give what is wrong with a form, by field, as the summary at its top says; each field says the same."""
    summary = re.search(r'id="erreurs".*?</div>\s*</div>', answer.text, re.DOTALL)
    assert summary, answer.text
    found = {field: unescape(said) for field, said in re.findall(r'href="#champ-([a-z]+)">(.*?)</a>', summary[0])}
    for field in found:
        assert re.search(rf'id="champ-{field}-erreur"', answer.text)
        assert re.search(rf'id="champ-{field}"', answer.text)
    return {field: said.replace("\N{NO-BREAK SPACE}", " ") for field, said in found.items()}


def hidden(answer: httpx2.Response) -> dict[str, str]:
    """Give the fields of a form that its reader does not see."""
    return dict(re.findall(r'name="(formulaire|etat)" value="([^"]*)"', answer.text))


def hrefs(answer: httpx2.Response, begin: str, before: str | None = None) -> list[str]:
    """Give the addresses in the main part that begin so, each once; only those that stand before a text."""
    html = main_of(answer)
    if before is not None:
        html = html.partition(before)[0]
    return list(dict.fromkeys(re.findall(rf'href="({begin}[^"]*)"', html)))


def last(noted: Any) -> tuple[Any, Any]:
    """Give who asked last that showed or refused people, and the entry."""
    found: tuple[Any, Any] = next(each for each in reversed(noted.entries) if each[1].people)
    return found

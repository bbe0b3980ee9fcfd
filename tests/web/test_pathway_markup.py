"""The markup of the pathway's pages: French words, no scripts or styles in it, light, ids and headings in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from hub.domain import codes
from hub.domain.access import Reader
from hub.domain.events.catalogue import EVENT_TYPES
from hub.projections import labels, wording
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import names
from tests.integration.hubs import folder
from tests.integration.people import AUDITOR, LEAD, REFERENT, a_life
from tests.web.pathway_pages import Pages, in_known_codes, pathway_pages, text_of


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with folder() as path, pathway_pages(path) as found:
        yield found


@pytest.fixture(scope="module")
def known() -> Iterator[Pages]:
    """Pages of a person whose codes are all of their lists."""
    with folder() as path, pathway_pages(path, [in_known_codes(each) for each in a_life()]) as found:
        yield found


CODES = frozenset(
    {
        *(code for listed in codes.LISTS.values() for code in listed),
        *labels.RULES,
        *labels.PHASES,
        *labels.FACTS,
        *(code for listed in labels.STATUSES.values() for code in listed),
        *EVENT_TYPES,
        *wording.MODELS,
        *(column for model in PERSON_MODELS for column in (*names(model.key), *names(model.columns))),
        *("france_travail", "cap_emploi", "latest_claim", "settled", "same_domain", "exact", "full", "health"),
    }
)
_FRENCH = frozenset(
    re.findall(
        r"\w+",
        " ".join(
            (
                *(said for listed in codes.LISTS.values() for said in listed.values()),
                *labels.RULES.values(),
                *labels.EVENTS.values(),
                *wording.MODELS.values(),
                "site mode phase public version versions service services action actions organisation place contact",
            )
        ).lower(),
    )
)
"""Words that are codes and French too."""


def english_in(html: str) -> set[str]:
    """Give the codes that a page shows."""
    shown = set(re.findall(r"\w+", text_of(html).replace("zz partner", "")))
    return {code for code in CODES if code in shown and code.lower() not in _FRENCH and not code.isdigit()}


@pytest.mark.parametrize("reader", [REFERENT, LEAD, AUDITOR])
@pytest.mark.parametrize("below", ["", "?liste=tout", "?au=2021-01-13"])
def test_no_english_code_is_on_screen(known: Pages, reader: Reader, below: str) -> None:
    assert english_in(known.read(reader, below)) == set()


def test_no_english_code_is_on_screen_in_an_event(known: Pages) -> None:
    for each in known.life:
        found = english_in(known.read(REFERENT, f"/evenements/{each.meta.event_id}"))
        assert found == set(), type(each).__name__


def test_the_page_names_nobody_in_what_a_browser_keeps(pages: Pages) -> None:
    for below in ("", "?au=2021-01-13", f"/evenements/{pages.event('Placed')}"):
        html = pages.read(REFERENT, below)
        title = html.partition("<title>")[2].partition("</title>")[0]
        assert "Ana" not in title
        assert "ola" not in title.lower()
        assert not re.search(r'href="[^"]*(12345678901|CE-1|Zola)', html)


def test_the_pages_hold_no_inline_script_or_style(pages: Pages) -> None:
    for below in ("?liste=tout", f"/evenements/{pages.event('Placed')}"):
        html = pages.read(REFERENT, below)
        assert " style=" not in html
        assert not re.search(r"\son[a-z]+=", html)
        assert not re.search(r"<script(?![^>]*src=)", html)


def test_a_page_is_light_without_its_frieze(pages: Pages) -> None:
    html = pages.read(REFERENT)
    frieze = html[html.index('id="frieze"') : html.index('id="details"')]

    assert len(html.encode()) - len(frieze.encode()) < 26_000


def test_ids_are_unique_and_headings_in_order(pages: Pages) -> None:
    for below in ("", "?liste=tout", "?au=2021-01-13", f"/evenements/{pages.event('Placed')}"):
        html = pages.read(REFERENT, below)
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)
        levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        targets = set(re.findall(r'href="#([^"]+)"', html))
        assert targets <= {*ids}, targets - {*ids}

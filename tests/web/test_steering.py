"""The delegation figures as a page and as CSV: what a manager may see, what is hidden, and what it compares to."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.ids import FRANCE_TRAVAIL
from hub.ledger import accessqueries
from hub.ledger.database import reading
from hub.web.charts.scale import scale_to
from hub.web.steering import french_csv, words
from hub.web.steering.filters import NAME, Filters
from hub.web.steering.quarters import Quarter, ending_with
from tests.integration.hubs import SteppingClock, folder, take
from tests.integration.test_api_figures import BOURG, LYON, TASSIN, VILLEURBANNE, a_lead, a_manager, delegated
from tests.web.sites import Site, a_site

NOW = datetime(2021, 7, 2, 9, tzinfo=UTC)
PATH = "/pilotage/delegations"
OTHERS = [
    Reader("a", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-1"),
    Reader("o", frozenset({"operator"})),
    Reader("d", frozenset({"dpo", "auditor", "publisher"})),
]


def history() -> list[Event]:
    """Give delegations of two quarters.

    The second quarter of 2021. Lyon: 7 accepted after 1 to 7 days, 6 declined after 20. Villeurbanne: 8 accepted after
    a day, 5 declined after 3. Tassin: 9 overdue, 5 that are not yet. Bourg: 3 open, a small count. The first quarter:
    Lyon 9 accepted after 4 days and 5 declined after 6, Villeurbanne 6 and 5.
    """
    made: list[Event] = []
    number = 0

    def many(count: int, site: str, at: datetime, *steps: tuple[str, int]) -> None:
        nonlocal number
        for _ in range(count):
            number += 1
            made.extend(delegated(number, site, *((step, (at + timedelta(days=d)).isoformat()) for step, d in steps)))

    second, first = datetime(2021, 5, 3, 8, tzinfo=UTC), datetime(2021, 2, 1, 8, tzinfo=UTC)
    for days in range(1, 8):
        many(1, LYON, second, ("proposed", 0), ("accepted", days))
    many(6, LYON, second, ("proposed", 0), ("declined", 20))
    many(8, VILLEURBANNE, second, ("proposed", 0), ("accepted", 1))
    many(5, VILLEURBANNE, second, ("proposed", 0), ("declined", 3))
    many(9, TASSIN, datetime(2021, 6, 16, 23, 59, tzinfo=UTC), ("proposed", 0))
    many(5, TASSIN, datetime(2021, 6, 17, tzinfo=UTC), ("proposed", 0))
    many(3, BOURG, datetime(2021, 6, 30, tzinfo=UTC), ("proposed", 0))
    for site, accepted in ((LYON, 9), (VILLEURBANNE, 6)):
        many(accepted, site, first, ("proposed", 0), ("accepted", 4))
        many(5, site, first, ("proposed", 0), ("declined", 6))
    return made


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with folder() as path, a_site(path, clock=SteppingClock(NOW)) as running:
        take(running.hub, history())
        yield running


def page(at: Site, reader: Reader, **query: Any) -> str:
    answer = at.client(reader).get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def tables(html: str) -> list[list[list[str]]]:
    """Give the cells of the body of each table."""
    bodies = re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    rows = [re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL) for body in bodies]
    return [[[text(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in each] for each in rows]


def lines(at: Site, reader: Reader, **query: Any) -> list[list[str]]:
    return tables(page(at, reader, **query))[1]


def headlines(html: str) -> list[str]:
    return [text(each) for each in re.findall(r'<p class="h-figure">.*?</p><p.*?</p>', html)]


def drawn(html: str, chart: str) -> list[str]:
    """Give the words that stand beside the bars of a chart."""
    (image,) = re.findall(rf'id="{chart}">.*?</figure>', html, re.DOTALL)
    return re.findall(r'<b class="h-chart-value">([^<]*)</b>', image)


def table_of(site: Site, reader: Reader, **query: Any) -> list[dict[str, str]]:
    answer = site.client(reader).get(f"{PATH}.csv", params=query)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_the_first_figures_say_what_they_compare_to(site: Site) -> None:
    assert headlines(page(site, a_manager("69"))) == [
        "44 délégations ouvertes aujourd’hui Sans réponse : 14, dont en retard : 9",
        "26 réponses au 2e trimestre 2021 1 de plus qu’au 1er trimestre 2021",
        "3 jours délai médian de réponse 1 jour de moins qu’au 1er trimestre 2021",
        "77 % des réponses données en 15 jours au plus 23 points de moins qu’au 1er trimestre 2021",
    ]


def test_a_departement_is_shown_with_its_sites(site: Site) -> None:
    html = page(site, a_manager("69"))

    assert "Département Rhône, tous ses sites, 2e trimestre 2021. Situation au 2 juillet 2021." in text(html)
    assert [row[:4] for row in tables(html)[1]] == [
        [f"Site {LYON}", "16", "masqué", "masqué"],
        # Of the 14 that wait, 9 are overdue: hidden, or their département's total would tell that the others have none.
        [f"Site {TASSIN}", "14", "masqué", "masqué"],
        [f"Site {VILLEURBANNE}", "14", "masqué", "masqué"],
    ]


def test_who_manages_several_departements_sees_them_first_and_chooses_one(site: Site) -> None:
    html = page(site, a_manager("69", "01"))

    assert [row[0] for row in tables(html)[1]] == ["01 – Ain", "69 – Rhône"]
    assert '<a href="/pilotage/delegations?trimestre=2021-T2&amp;departement=69">69 – Rhône</a>' in html
    assert [row[0] for row in lines(site, a_manager("69", "01"), departement="01")] == [f"Site {BOURG}"]


def test_a_chart_says_exactly_what_the_table_below_it_says(site: Site) -> None:
    html = page(site, a_manager("69"), tri="-ouvertes")
    evolution, sites = tables(html)

    assert drawn(html, "evolution") == [
        " · ".join(row[2:4]) if set(row[2:4]) != {"masqué"} else "masqué" for row in evolution
    ]
    assert drawn(html, "delai") == [row[4].split("\N{NO-BREAK SPACE}")[0].removesuffix(" jours") for row in evolution]
    assert drawn(html, "lignes-image") == [" · ".join(row[1:4]) for row in sites]


def test_the_widths_of_bars_are_those_of_their_counts(site: Site) -> None:
    html = page(site, a_manager("69"))
    (image,) = re.findall(r'id="lignes-image">.*?</figure>', html, re.DOTALL)

    widths = [float(each) for each in re.findall(r'<rect class="h-part" x="0.0%" y="\d+%" width="([\d.]+)%"', image)]
    assert widths == [round(100 * each / scale_to(16).top, 3) for each in (16, 14, 14)]


def test_the_share_in_time_is_hidden_beside_a_hidden_count_of_answers(site: Site) -> None:
    in_rhone = {row[0]: (row[5], row[6], row[10]) for row in lines(site, a_manager("69"))}

    assert in_rhone[f"Site {VILLEURBANNE}"] == ("8", "masqué", "masqué")
    assert in_rhone[f"Site {TASSIN}"] == ("masqué", "masqué", "masqué")


def test_zero_and_small_counts_are_hidden_alike(site: Site) -> None:
    (bourg,) = lines(site, a_manager("01"))

    assert set(bourg[1:]) == {"masqué"}
    assert "un nombre inférieur à 5, zéro compris" in text(page(site, a_manager("01")))


def test_one_site_shows_the_same_to_whoever_may_see_it(site: Site) -> None:
    of_manager = next(row for row in lines(site, a_manager("69")) if row[0] == f"Site {LYON}")

    assert lines(site, a_lead(LYON)) == [of_manager]
    assert lines(site, a_manager("69"), site=LYON) == [of_manager]
    assert lines(site, a_manager("*"), site=LYON) == [of_manager]


def test_the_page_and_the_api_show_the_same_counts(site: Site) -> None:
    answer = site.api.client(a_manager("69")).get("/api/v1/figures/delegations").json()
    of_api = {row["site"]: row for row in answer["sites"]}

    for row in lines(site, a_manager("69")):
        known = of_api[row[0].removeprefix("Site ")]
        shown = [known[each] for each in ("open", "unanswered", "overdue")] + [known["accepted"], known["declined"]]
        assert [*row[1:4], *row[5:7]] == ["masqué" if each is None else str(each) for each in shown]


def test_who_leads_a_site_is_offered_no_other(site: Site) -> None:
    html = page(site, a_lead(LYON))

    assert VILLEURBANNE not in html
    assert "<select" in html
    assert 'name="departement"' not in html


@pytest.mark.parametrize("reader", OTHERS)
@pytest.mark.parametrize("path", [PATH, f"{PATH}.csv"])
def test_figures_are_for_managers_and_leads_alone(site: Site, reader: Reader, path: str) -> None:
    assert site.client(reader).get(path).status_code == 403


@pytest.mark.parametrize(
    ("reader", "query"),
    [(a_manager(), {}), (a_manager("38"), {"departement": "69"}), (a_lead(LYON), {"site": TASSIN})],
)
def test_figures_outside_of_the_scope_are_refused(site: Site, reader: Reader, query: dict[str, str]) -> None:
    for path in (PATH, f"{PATH}.csv"):
        assert site.client(reader).get(path, params=query).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"trimestre": "2021-T5"}, 422),
        ({"trimestre": "2021-T2' OR 1=1"}, 422),
        ({"trimestre": "2022-T1"}, 404),
        ({"trimestre": "1901-T1"}, 404),
        ({"departement": "%"}, 422),
        ({"site": "69123;--"}, 422),
        ({"tri": "open"}, 422),
        ({"tri": "--ouvertes"}, 422),
        ({"page": "0"}, 422),
        ({"page": "x"}, 422),
    ],
)
def test_an_address_that_asks_for_nothing_that_is_there_is_refused(
    site: Site, query: dict[str, str], status: int
) -> None:
    answer = site.client(a_manager("*")).get(PATH, params=query)

    assert (answer.status_code, "1=1" in answer.text) == (status, False)


def test_a_page_beyond_the_last_is_the_last(site: Site) -> None:
    assert lines(site, a_manager("69"), page=9) == lines(site, a_manager("69"))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [LYON, TASSIN, VILLEURBANNE]),
        ("-nom", [VILLEURBANNE, TASSIN, LYON]),
        ("-ouvertes", [LYON, TASSIN, VILLEURBANNE]),
        ("ouvertes", [TASSIN, VILLEURBANNE, LYON]),
        # What is hidden comes last either way: its place must not tell its size.
        ("-acceptees", [VILLEURBANNE, LYON, TASSIN]),
        ("acceptees", [VILLEURBANNE, LYON, TASSIN]),
        ("delai", [VILLEURBANNE, LYON, TASSIN]),
    ],
)
def test_lines_are_sorted_by_the_address(site: Site, sort: str, order: list[str]) -> None:
    html = page(site, a_manager("69"), tri=sort)

    assert [row[0] for row in tables(html)[1]] == [f"Site {each}" for each in order]
    said = [("descending" if sort.startswith("-") else "ascending")]
    assert re.findall(r'aria-sort="(\w+)"', html) == said


@given(
    st.builds(
        Filters,
        st.builds(Quarter, st.integers(1950, 2100), st.integers(1, 4)),
        st.one_of(st.none(), st.sampled_from(["69", "971"])),
        st.one_of(st.none(), st.from_regex(r"[0-9]{5}", fullmatch=True)),
        st.sampled_from(["", NAME, "ouvertes", "delai"]),
        st.booleans(),
    )
)
def test_filters_stand_in_the_address_and_come_back_from_it(filters: Filters) -> None:
    query = dict(each.split("=") for each in filters.query.split("&"))

    assert Quarter.of_code(query["trimestre"]) == filters.quarter
    assert (query.get("departement"), query.get("site")) == (filters.department, filters.site)
    assert query.get("tri", "").lstrip("-") == filters.sort
    assert query.get("tri", "").startswith("-") == (filters.is_descending and bool(filters.sort))


def test_chosen_filters_stay_chosen_and_are_carried_by_every_address(site: Site) -> None:
    html = page(site, a_manager("*"), trimestre="2021-T1", departement="69", tri="-ouvertes")

    assert '<option value="2021-T1" selected>' in html
    assert '<option value="69" selected>' in html
    hrefs = [unescape(each) for each in re.findall(r'href="(/pilotage/delegations[^"]*)"', html)]
    carried = [each for each in hrefs if "?" in each]
    assert carried
    assert all("trimestre=2021-T1" in each and "departement=69" in each for each in carried)
    assert any(each.startswith("/pilotage/delegations.csv?") for each in hrefs)


def test_the_quarter_in_progress_is_said_to_be(site: Site) -> None:
    html = page(site, a_manager("69"), trimestre="2021-T3")

    assert text(re.findall(r'<option value="2021-T3" selected>.*?</option>', html)[0]) == "3e trimestre 2021 (en cours)"


def test_csv_opens_in_a_french_spreadsheet(site: Site) -> None:
    answer = site.client(a_manager("69")).get(f"{PATH}.csv")

    assert answer.content.startswith(b"\xef\xbb\xbfNiveau;D\xc3\xa9partement;Site;")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="delegations-2021-T2-au-2021-07-02.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.count(b"\r\n") == len(answer.content.splitlines())


def test_csv_has_every_line_of_the_same_filters(site: Site) -> None:
    found = table_of(site, a_manager("69", "01"), departement="69", tri="-delai")

    assert [line["Niveau"] for line in found] == ["Département", "Site", "Site", "Site", "Ensemble"]
    lyon = next(line for line in found if line["Site"] == f"Site {LYON}")
    assert (lyon["Département"], lyon["Ouvertes aujourd’hui"]) == ("69 – Rhône", "16")
    assert lyon["Sans réponse aujourd’hui"] == "masqué"
    assert lyon["Délai médian (T2 2021), jours"] == "7,0"
    assert [line["Site"] for line in found[1:4]] == [f"Site {LYON}", f"Site {VILLEURBANNE}", f"Site {TASSIN}"]


def test_who_also_leads_a_site_of_their_departement_sees_its_whole_figures(site: Site) -> None:
    both = a_manager("69", sites=(LYON,))
    assert headlines(page(site, both)) == headlines(page(site, a_manager("69")))
    assert table_of(site, both) == table_of(site, a_manager("69"))
    departement, *_, whole = table_of(site, both)
    assert [*departement.values()][4:] == [*whole.values()][4:]


def test_a_median_that_there_is_none_of_is_not_called_hidden(site: Site) -> None:
    several = a_manager("69", "01")
    assert table_of(site, several)[-1]["Délai médian (T2 2021), jours"] == ""
    evolution = tables(page(site, several))[0]
    assert {len(row) for row in evolution} == {len(tables(page(site, a_manager("69")))[0][0]) - 1}


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_text_of_a_csv_is_a_formula(first: str, second: str) -> None:
    written = french_csv.written(["Nom", "Valeur"], [[first, second]])

    (_, row) = csv.reader(io.StringIO(written.removeprefix(french_csv.MARK), newline=""), delimiter=";")
    for cell, value in zip(row, (first, second), strict=True):
        plain = value.replace("\N{NO-BREAK SPACE}", " ")
        assert cell in {plain, f"'{plain}"}
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_numbers_of_a_csv_have_their_comma_and_may_be_negative() -> None:
    assert french_csv.written(["a"], [[8.5], [-3], [None], ["-3"]]).splitlines()[1:] == ["8,5", "-3", '""', "'-3"]


def test_nothing_is_recorded_since_nobody_is_shown(site: Site) -> None:
    page(site, a_manager("69"))

    with reading(site.hub.store) as connection:
        assert accessqueries.entries(connection, reader_id="m") == []


def test_a_scope_without_any_delegation_says_so(site: Site) -> None:
    assert "Aucune délégation n’est connue pour les sites que vous suivez." in text(page(site, a_manager("38")))
    assert [line["Niveau"] for line in table_of(site, a_manager("38"))] == ["Ensemble"]


def test_every_figure_is_explained(site: Site) -> None:
    html = page(site, a_manager("69"))

    heads = {text(each) for each in re.findall(r'<th scope="col" class="h-number"[^>]*>(.*?)</th>', html)}
    explained = {text(each) for each in re.findall(r"<dt>(.*?)</dt>", html)}
    assert {head.rstrip(" ↓↑") for head in heads} <= explained


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (5, 5, "Comme au T"),
        (6.5, 8.0, "1,5\N{NO-BREAK SPACE}jour de moins qu’au T"),
        (10, 8, "2\N{NO-BREAK SPACE}jours de plus qu’au T"),
        (None, 8, "Comparaison masquée avec le T"),
        (8, None, "Comparaison masquée avec le T"),
    ],
)
def test_what_changed_is_said_in_words(now: float | None, before: float | None, said: str) -> None:
    assert words.compared(now, before, unit="jour", units="jours", than="T") == said


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.integers(-40, 40))
def test_quarters_follow_each_other_without_a_gap(day: date, moved: int) -> None:
    quarter = Quarter.of_day(day)

    assert quarter.moved(moved).moved(-moved) == quarter
    assert Quarter.of_code(quarter.code) == quarter
    assert ending_with(quarter, 3) == [quarter.moved(-2), quarter.moved(-1), quarter]
    assert quarter.since.date() <= day < quarter.moved(1).since.date() + timedelta(days=1)

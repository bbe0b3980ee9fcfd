"""What codes stand for: the files that say it, what they may not hold, and what is said of a code without a name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.errors import Usage
from hub.web.naming import tables
from hub.web.naming.names import UNNAMED, Adviser, Names
from hub.web.naming.tables import parsed
from hub.web.words import NBSP

ADVISERS = """\
network,adviser,name,phone,reader_id
france_travail,A-1,Adèle Bailly,04 65 71 00 01,https://login.example|8f2c
cap_emploi,A-1,"Becker, Laurent",,
"""
SITES = "site,name\n69244,Agence de Lyon Vaise\n"
NAMES = parsed(ADVISERS, SITES, "names")
FT_LINE = "france_travail,A-1,Adèle Bailly"


def test_each_network_has_its_own_codes() -> None:
    assert NAMES.known(FRANCE_TRAVAIL, "A-1") == Adviser("Adèle Bailly", "04 65 71 00 01".replace(" ", NBSP))
    assert NAMES.known(CAP_EMPLOI, "A-1") == Adviser("Becker, Laurent", None)
    assert NAMES.sites == {"69244": "Agence de Lyon Vaise"}
    assert NAMES.reader("https://login.example|8f2c") == "Adèle Bailly (https://login.example|8f2c)"


def test_a_name_is_said_with_its_code_and_a_code_without_a_name_as_it_is() -> None:
    assert NAMES.adviser(FRANCE_TRAVAIL, "A-1") == "Adèle Bailly"
    assert NAMES.said(FRANCE_TRAVAIL, "A-1") == NAMES.adviser_and_code(FRANCE_TRAVAIL, "A-1") == "Adèle Bailly (A-1)"
    assert NAMES.at("69244") == NAMES.site("69244") == "Agence de Lyon Vaise (69244)"
    assert (UNNAMED.adviser(FRANCE_TRAVAIL, "A-1"), UNNAMED.said(FRANCE_TRAVAIL, "A-1")) == ("A-1", "conseiller A-1")
    assert (UNNAMED.site("69244"), UNNAMED.at("69244"), UNNAMED.reader("x|y")) == ("69244", "site 69244", "x|y")
    assert NAMES.adviser(None, "A-1") == "A-1"


def test_a_code_of_no_said_network_is_named_where_only_one_network_has_it() -> None:
    assert NAMES.of_any_network("A-1") == "A-1"
    assert Names({(CAP_EMPLOI, "C-1"): Adviser("Marc Paris")}).of_any_network("C-1") == "Marc Paris (C-1)"


def test_columns_of_rows_are_said_by_the_network_that_they_are_of() -> None:
    assert NAMES.held("adviser", "A-1", {"network": CAP_EMPLOI}) == "Becker, Laurent (A-1)"
    assert NAMES.held("referent_adviser", "A-1", {"referent_network": FRANCE_TRAVAIL}) == "Adèle Bailly (A-1)"
    assert NAMES.held("cap_emploi_adviser", "A-1", {}) == "Becker, Laurent (A-1)"
    assert NAMES.held("referent_site", "69244", {}) == "Agence de Lyon Vaise (69244)"
    assert NAMES.held("siret", "69244", {}) is None


def test_labels_of_the_timeline_name_advisers() -> None:
    assigned = "Référent désigné : référent, conseiller A-1, à partir du 01/03/2021"
    opened = "Diagnostic croisé ouvert : conseillers A-1 (France Travail) et A-1 (Cap emploi)"
    assert NAMES.in_label(assigned, "ReferentAssigned", FRANCE_TRAVAIL) == (
        "Référent désigné : référent, Adèle Bailly (A-1), à partir du 01/03/2021"
    )
    assert NAMES.in_label(opened, "CrossedDiagnosisOpened", CAP_EMPLOI) == (
        "Diagnostic croisé ouvert : conseillers Adèle Bailly (A-1, France Travail) et Becker, Laurent (A-1, Cap emploi)"
    )
    for label, kind in ((assigned, "ReferentAssigned"), (opened, "CrossedDiagnosisOpened")):
        assert UNNAMED.in_label(label, kind, FRANCE_TRAVAIL) == label
    assert NAMES.in_label(assigned, "CaseUpdated", FRANCE_TRAVAIL) == assigned


def test_what_a_spreadsheet_saves_is_read() -> None:
    written = "network;adviser;name\r\nfrance_travail;A-1;Adèle Bailly\r\n;;\r\n"
    assert parsed(written, SITES, "names").adviser(FRANCE_TRAVAIL, "A-1") == "Adèle Bailly"


def test_first_lines_alone_name_nobody() -> None:
    assert parsed("network,adviser,name\n", "site,name\n", "names") == UNNAMED


def test_a_name_written_from_right_to_left_turns_nothing_beside_it() -> None:
    found = parsed("network,adviser,name\ncap_emploi,C-1,שרה לוי\n", SITES, "names").adviser(CAP_EMPLOI, "C-1")
    assert found == "\N{FIRST STRONG ISOLATE}שרה לוי\N{POP DIRECTIONAL ISOLATE}"


WRONG = {
    "no first line": ("france_travail,A-1,Zoe-Secret\n", "line 1 lacks the columns' names"),
    "nothing": ("", "line 1 lacks the columns' names"),
    "an unknown column": ("network,adviser,name,mail\n", "line 1 has a column twice, or one that is none of network"),
    "a column twice": ("network,adviser,name,name\n", "line 1 has a column twice"),
    "an unknown network": (f"network,adviser,name\n{FT_LINE}\npole,A-2,Zoe-Secret\n", "line 3, network is none of"),
    "a code with spaces": ("network,adviser,name\ncap_emploi,A 2,Zoe-Secret\n", "line 2, adviser is no adviser's id"),
    "an adviser twice": (f"network,adviser,name\n{FT_LINE}\n{FT_LINE}\n", "line 3 names an adviser whom"),
    "too many values": (f"network,adviser,name\n{FT_LINE},Zoe-Secret\n", "line 2 has 4 values for 3 columns"),
    "no name": ("network,adviser,name\ncap_emploi,A-1, \n", "line 2, name is empty"),
    "a long name": (f"network,adviser,name\ncap_emploi,A-1,{'é' * 81}\n", "line 2, name is longer than 80"),
    "no letter": ("network,adviser,name\ncap_emploi,A-1,06 12 34\n", "line 2, name is no name"),
    "a direction mark": ("network,adviser,name\ncap_emploi,A-1,Zoe\u202eSecret\n", "line 2, name is no name"),
    "a control": ("network,adviser,name\ncap_emploi,A-1,Zoe\x1bSecret\n", "line 2, name is no name"),
    "a line end": ('network,adviser,name\ncap_emploi,A-1,"Zoe\nSecret"\n', "name is no name"),
    "a word for a phone": (f"network,adviser,name,phone\n{FT_LINE},Zoe-Secret\n", "line 2, phone is no phone number"),
    "a script for a phone": (f"network,adviser,name,phone\n{FT_LINE},<b>1</b>\n", "line 2, phone is no phone"),
    "an open quote": ('network,adviser,name\ncap_emploi,A-1,"Zoe-Secret\n', "line 2: "),
    "one reader, two names": (
        f"network,adviser,name,reader_id\n{FT_LINE},x|y\ncap_emploi,C-1,Zoe-Secret,x|y\n",
        "line 3 has the reader_id of an earlier line",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_line_is_named_with_what_to_do_and_never_with_what_stands_there(wrong: str) -> None:
    written, told = WRONG[wrong]
    with pytest.raises(Usage) as failure:
        parsed(written, SITES, "/names")
    assert "/names/advisers.csv, line " in str(failure.value)
    assert told in str(failure.value)
    assert "; " in str(failure.value)
    assert "Secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("site,name\n1234,Agence\n", "line 2, site is no SAFIR code"),
        ("site,name\n69244,A\n69244,B\n", "line 3 names a site that"),
        ("name\nA\n", "line 1 lacks"),
    ],
)
def test_a_wrong_line_about_a_site_is_named(written: str, told: str) -> None:
    with pytest.raises(Usage, match=r"/names/sites\.csv, line") as failure:
        parsed(ADVISERS, written, "/names")
    assert told in str(failure.value)


def test_a_file_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_LINES", 3)
    lines = "".join(f"cap_emploi,C-{number},Nom\n" for number in range(3))
    assert len(parsed(f"network,adviser,name\n{lines}", SITES, "names").advisers) == 3
    with pytest.raises(Usage, match="more than 3 lines"):
        parsed(f"network,adviser,name\n{lines}cap_emploi,C-9,Nom\n", SITES, "names")


@given(st.text(max_size=100))
def test_whatever_a_file_holds_is_read_as_safe_names_or_refused(text: str) -> None:
    try:
        found = parsed(f"network,adviser,name\ncap_emploi,C-1,{text}\n", SITES, "names")
    except Usage:
        return
    for adviser in found.advisers.values():
        inside = adviser.name.strip("\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}")
        assert 1 <= len(inside) <= 2 * tables.LONGEST_NAME
        assert not [each for each in inside if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}]

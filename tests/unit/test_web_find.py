"""What the pages of search, links and reasons compute: days as they are typed, sealed addresses, what is left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from hub.access.volume import Left
from hub.api.queries.pairs import Decided
from hub.api.queries.suggestions import After
from hub.domain.access import Reader
from hub.domain.identity import suggest
from hub.domain.identity.evidence import Evidence
from hub.domain.ids import FRANCE_TRAVAIL, CaseKey
from hub.domain.pathway.fact import Fact
from hub.projections.nomenclature import places_called
from hub.web.find.allowance import allowance
from hub.web.find.pairs import said, strength
from hub.web.find.references import address, after_of, page_of, refs_of
from hub.web.find.waiting import MOST_TRIES, Waiting
from hub.web.form import Fields

KEY = bytes(range(32))
ME = Reader("me", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-17")
YOU = ME._replace(reader_id="you", adviser="A-18")
REFS = st.tuples(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))


@given(REFS)
def test_an_address_gives_its_records_back_to_its_reader_alone(refs: tuple[bytes, bytes]) -> None:
    found = address(KEY, ME, refs)
    text = found.rpartition("/")[2]

    assert refs_of(KEY, ME, text) == tuple(sorted(refs))
    assert found == address(KEY, ME, (refs[1], refs[0]))
    assert refs_of(KEY, YOU, text) is None
    assert after_of(KEY, ME, text) is None
    assert all(ref.hex() not in found for ref in refs)


@given(st.text(max_size=120))
def test_no_other_text_is_an_address(text: str) -> None:
    assert refs_of(KEY, ME, text) is None


def test_a_changed_address_is_none() -> None:
    text = address(KEY, ME, (b"a" * 16, b"b" * 16)).rpartition("/")[2]

    for index in range(len(text) - 1):
        changed = text[:index] + ("A" if text[index] != "A" else "B") + text[index + 1 :]
        assert refs_of(KEY, ME, changed) is None


@given(st.none() | st.integers(0, 2**63 - 1), st.integers(0, 10_000))
def test_a_page_begins_where_it_was_written_to(pathway_no: int | None, pairs: int) -> None:
    after = After(pathway_no, pairs)
    assert after_of(KEY, ME, page_of(KEY, ME, after)) == after


def test_what_is_left_is_told_louder_the_less_it_is() -> None:
    told = [allowance(left) for left in (Left(10, 10), Left(3, 10), Left(0, 10), Left(0, 10, is_stopped=True))]

    assert [each.kind for each in told] == [None, "warning", "warning", "error"]
    assert told[1].text == "Il vous en reste 3 sur 10 pour cette heure."


def test_the_first_thing_wrong_with_a_field_is_what_is_said() -> None:
    fields = Fields({"nom": " x "}, ("nom",))
    fields.refuse("nom", "first")
    fields.refuse("nom", "second")

    assert (fields.values, fields.errors) == ({"nom": "x"}, [("nom", "first")])


@pytest.mark.parametrize(
    ("text", "code"),
    [("Suisse (99)", "99140"), ("Suisse (57)", "57662"), ("Béon (01)", "01039"), ("La Réunion (47)", "47222")],
)
def test_a_place_that_is_told_from_its_namesakes_is_taken(text: str, code: str) -> None:
    fields = Fields({"lieu": text}, ("lieu",))

    assert (fields.place("lieu"), fields.errors) == (code, [])


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("Suisse", ["Suisse (57662)", "Suisse (99140, pays)"]),
        ("Soudan", ["Soudan (44199)", "Soudan (79316)", "Soudan (99343, pays)"]),
        ("Béon", ["Béon (89037)", "Béon (01039, ancienne commune)"]),
        ("La Réunion", ["département", "La Réunion (47222)"]),
        ("Martinique", ["département"]),
    ],
)
def test_a_name_of_several_places_is_asked_about_with_every_choice(text: str, choices: list[str]) -> None:
    fields = Fields({"lieu": text}, ("lieu",))

    assert fields.place("lieu") is None
    assert [choice for choice in choices if choice not in fields.wrong["lieu"].replace("\N{NO-BREAK SPACE}", " ")] == []


def test_the_name_that_most_places_have_is_asked_about_with_all_of_them() -> None:
    fields = Fields({"lieu": "Sainte-Colombe"}, ("lieu",))

    assert fields.place("lieu") is None
    assert all(code in fields.wrong["lieu"] for code in places_called("Sainte-Colombe"))


def test_who_decided_is_you_or_an_adviser_of_a_network() -> None:
    taken = Decided("e", "link", datetime(2021, 3, 1, tzinfo=UTC), FRANCE_TRAVAIL, "A-17", "identity_document")

    assert (said(taken, ME).who, said(taken, YOU).who) == ("vous", "A-17 (France Travail)")
    assert said(taken, ME).code == "pièce d’identité"
    assert said(taken._replace(adviser=None), ME._replace(adviser=None)).who == "une personne (France Travail)"


def test_a_page_waits_longer_each_time_and_not_for_ever() -> None:
    waits = [Waiting("e", tries, "published").delay_s for tries in range(MOST_TRIES + 1)]

    assert waits == [1, 2, 4, 8, 16, 32, None]
    assert Waiting("e", 0, "taken_in").delay_s is Waiting("e", 0, "unconfirmed").delay_s is None


def test_a_score_has_words() -> None:
    assert len({strength(score) for score in (80, 88, 95)}) == 3


def evidence(**traits: str) -> Evidence:
    return Evidence(CaseKey("", "", ""), {trait: Fact(text, "e") for trait, text in traits.items()})


@pytest.mark.parametrize(
    ("trait", "one", "other", "agreement"),
    [
        ("family_name", "LEFEVRE", "Lefèvre", "same"),
        ("family_name", "Lefevre", "Lefebvre", "near"),
        ("family_name", "Lefevre", "Durand", "different"),
        ("given_name", "Zoé", "", "absent"),
        ("birth_date", "1985-03-12", "1985-03-12", "same"),
        ("birth_date", "1985-03-12", "1985-12-03", "near"),
        ("birth_date", "1985-03-12", "1985-03-13", "near"),
        ("birth_date", "1985-03-12", "1990-06-01", "different"),
        ("birth_place", "69381", "69389", "same"),
        ("birth_place", "69244", "69123", "near"),
        ("birth_place", "69244", "01053", "different"),
    ],
)
def test_each_trait_is_compared_with_itself(trait: str, one: str, other: str, agreement: str) -> None:
    left, right = (evidence(**({trait: text} if text else {})) for text in (one, other))

    assert suggest.agreements(left, right)[trait] == suggest.agreements(right, left)[trait] == agreement


def test_what_the_page_wrote_itself_comes_back_as_it_was() -> None:
    form = Fields({"mark": "0a1b", "after": " 12 ", "way": "acces"}, ("mark", "after", "before", "way", "other"))

    assert form.own("mark", "[0-9a-f]{4}") == "0a1b"
    assert (form.number("after", 12), form.number("before", 12)) == (12, None)
    assert (form.one("way", ("rejeu", "acces")), form.one("other", ("rejeu",))) == ("acces", "")


@pytest.mark.parametrize("text", ["13", "-1", "1.0", "1e1", "١", "abc", "9" * 40])
def test_a_number_that_the_page_cannot_have_written_makes_the_form_none_of_its(text: str) -> None:
    with pytest.raises(RequestValidationError):
        Fields({"after": text}, ("after",)).number("after", 12)


def test_a_mark_or_a_code_that_the_page_cannot_have_written_makes_the_form_none_of_its() -> None:
    form = Fields({"mark": "0a1b\n0", "way": "ailleurs"}, ("mark", "way"))

    with pytest.raises(RequestValidationError):
        form.own("mark", "[0-9a-f]{4}")
    with pytest.raises(RequestValidationError):
        form.one("way", ("rejeu", "acces"))
    with pytest.raises(RequestValidationError):
        Fields({"more": ""}, ("mark",))

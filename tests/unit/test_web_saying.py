"""What failures say: in French, with what to do, whatever the failure is."""

from __future__ import annotations

from typing import get_args

import pytest

from hub.api.problems import KINDS
from hub.domain.access import Reader
from hub.errors import LoginDefect
from hub.web.saying import NAMED, Link, Said, said_of
from hub.web.session import Session

PERSON = "/parcours/01890a5d-0000-7000-8000-000000000001"
NEVER_OF_PAGES = {
    *("invalid_event", "undecodable", "unknown_schema", "forbidden_network", "position_ahead"),
    # Answered before a page is asked, to what is no browser.
    *("length_required", "headers_too_large", "malformed_request"),
    # `login_failed` is said by why it failed.
    "login_failed",
}


def said(code: str, path: str = "/recherche", method: str = "GET", *roles: str, wait_s: int | None = None) -> Said:
    session = Session(Reader("r", frozenset(roles)), "Zoé", "t", None) if roles else None  # type: ignore[arg-type]
    return said_of(code, method=method, path=path, wait_s=wait_s, session=session, login="/connexion?retour=/x")


def test_every_failure_that_a_page_can_meet_has_words() -> None:
    assert set(KINDS) - NEVER_OF_PAGES <= NAMED
    assert set(get_args(LoginDefect)) <= NAMED


@pytest.mark.parametrize("code", [*KINDS, *get_args(LoginDefect), "unheard_of"])
def test_no_code_is_shown_and_typography_is_french(code: str) -> None:
    found = said(code)
    text = f"{found.title} {found.text}"
    assert "_" not in text
    assert "'" not in text
    assert not any(f" {mark}" in text for mark in ";:?!»")
    assert found.text.endswith(".")


def test_who_may_state_a_reason_is_led_there() -> None:
    reason = Link("Indiquer un motif pour consulter ce parcours", f"{PERSON}/motif")
    assert said("denied", PERSON, "GET", "adviser").links[0] == reason
    assert said("denied", f"{PERSON}/pourquoi", "POST", "auditor").links[0] == reason
    assert reason not in said("denied", PERSON, "GET", "manager").links
    assert reason not in said("denied", PERSON).links
    assert reason not in said("denied", "/recherche", "GET", "adviser").links


def test_a_page_that_is_not_ones_own_is_told_apart_from_a_person_who_is_not() -> None:
    assert "Vous n’accompagnez pas" in said("denied", PERSON, "GET", "adviser").text
    assert "Vous n’accompagnez aucune de ces deux" in said("denied", "/rapprochements/x", "POST", "adviser").text
    assert "Votre rôle" in said("denied", "/exploitation", "GET", "adviser").text


def test_an_address_that_leads_nowhere_leads_on_to_the_search_of_whoever_may_search() -> None:
    search = Link("Rechercher une personne", "/recherche")
    assert said("not_found", "/parcours/x", "GET", "adviser").links == (search, Link("Aller à la page d’accueil", "/"))
    assert search not in said("not_found", "/parcours/x", "GET", "operator").links
    assert search not in said("not_found", "/parcours/x").links


def test_a_page_with_a_wrong_end_of_its_address_is_offered_without_it() -> None:
    assert said("invalid_request", "/accueil", "GET", "adviser").links[0].path == "/accueil"
    assert said("invalid_request", "/accueil", "POST", "adviser").links[0].path == "/"


def test_whoever_is_not_logged_in_is_led_to_the_login() -> None:
    for code in ("token_invalid", "expired", "cancelled", "refused", "weak", "issuer_unavailable"):
        assert said(code).links == (Link("Se connecter", "/connexion?retour=/x"),)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1\xa0seconde."),
        (59, "59\xa0secondes."),
        (60, "1\xa0minute."),
        (61, "2\xa0minutes."),
        (3_600, "60\xa0minutes."),
    ],
)
def test_the_time_to_wait_is_said(seconds: int, words: str) -> None:
    assert said("reading_slowed", wait_s=seconds).text.endswith(f"Réessayez dans {words}")

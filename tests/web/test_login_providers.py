"""How providers differ: how the client proves itself, levels, userinfo, access tokens, and a proxy before the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from pydantic import SecretStr

from tests.integration.tokens import RSA, STRANGER, SUBJECT, as_json, signed, written
from tests.web.logins import CLIENT, OPAQUE, Browser, Scene, a_scene, led_to
from tests.web.refusals import refused

PERSON = {"siret": "73282932000074", "uid": "u-4"}
HEADER = {"alg": "RS256", "kid": "rsa-1", "typ": "JWT"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with a_scene(tmp_path_factory.mktemp("scene")) as found:
        yield found


@pytest.fixture
def scene(running: Scene) -> Scene:
    running.provider.answers.clear()
    return running


@pytest.fixture
def browser(scene: Scene) -> Iterator[Browser]:
    with scene.browser() as opened:
        yield opened


@pytest.mark.parametrize("auth", ["auto", "post", "basic"])
def test_the_client_proves_itself_as_the_settings_say(tmp_path: Path, auth: str) -> None:
    said = {"token_endpoint_auth_methods_supported": ["client_secret_post"]} if auth == "auto" else {}
    with a_scene(tmp_path, said, web_client_secret=SecretStr("s+cret%"), web_client_auth=auth) as scene:
        heard: list[Any] = []
        answer = scene.provider.answer

        def hear(path: str, headers: Any, form: dict[str, list[str]]) -> Any:
            heard.append((path, headers.get("Authorization"), form))
            return answer(path, headers, form)

        scene.provider.answer = hear  # type: ignore[method-assign]
        with scene.browser() as browser:
            assert led_to(scene.log_in(browser)) == f"{scene.url}/"
        (_, header, form) = next(each for each in heard if each[0] == "/token")
        if auth == "basic":
            # RFC 6749, section 2.3.1: both are form-encoded first.
            assert header == "Basic dGhlK3BhZ2VzJTNBK3RoZW06cyUyQmNyZXQlMjU="
            assert "client_secret" not in form
        else:
            assert header is None
            assert (form["client_id"], form["client_secret"]) == ([CLIENT], ["s+cret%"])


@pytest.mark.parametrize("takes_claims", [True, False])
def test_a_level_is_asked_for_and_required(tmp_path: Path, takes_claims: bool) -> None:
    said = {"claims_parameter_supported": takes_claims}
    with a_scene(tmp_path, said, levels="eidas3,eidas2") as scene, scene.browser() as browser:
        asked = browser.asked()
        if takes_claims:
            assert json.loads(asked["claims"]) == {
                "id_token": {"acr": {"essential": True, "values": ["eidas2", "eidas3"]}}
            }
        else:
            assert asked["acr_values"] == "eidas2 eidas3"
        for acr in ("eidas1", None):
            refused(scene.log_in(browser, acr=acr), browser, "Une connexion plus sûre est nécessaire")
        assert led_to(scene.log_in(browser, acr="eidas3")) == f"{scene.url}/"


def test_userinfo_does_not_make_a_login_stronger(tmp_path: Path) -> None:
    with a_scene(tmp_path, levels="eidas2") as scene, scene.browser() as browser:
        scene.provider.people[OPAQUE] = {"sub": SUBJECT, "acr": "eidas2", "roles": ["dpo"]}
        refused(scene.log_in(browser, acr=None, name=None), browser, "Une connexion plus sûre est nécessaire")


def proconnect(folder: Path) -> Any:
    entries = [{**PERSON, "roles": ["adviser"], "network": "cap_emploi", "adviser": "C-4"}]
    directory = written(folder, entries)
    settings = {"web_scope": "openid given_name usual_name siret uid", "web_prompt": "login", "directory": directory}
    return a_scene(folder, {"claims_parameter_supported": True}, levels="eidas2", **settings)


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_login_by_proconnect(tmp_path: Path, is_signed: bool) -> None:
    with proconnect(tmp_path) as scene, scene.browser() as browser:
        asked = browser.asked()
        assert (asked["prompt"], asked["scope"]) == ("login", "openid given_name usual_name siret uid")
        scene.says(scene.id_token(asked["nonce"], name=None, roles=None, network=None, adviser=None))
        person = {"sub": SUBJECT, "given_name": "Zoé", "usual_name": "LEFÈVRE", **PERSON}
        _tell(scene, {**person, "aud": CLIENT, "iss": scene.provider.url} if is_signed else person, is_signed=is_signed)
        assert led_to(scene.returns(browser, asked)) == f"{scene.url}/"
        assert browser.is_logged_in()
        assert "Zoé LEFÈVRE" in browser.get("/accessibilite").text
        way_out = browser.form("/deconnexion", "/accessibilite").text.partition('content="0;url=')[2].partition('"')[0]
        sent = parse_qs(urlsplit(way_out.replace("&amp;", "&")).query)
        assert way_out.startswith(f"{scene.provider.url}/end?")
        assert sent["id_token_hint"][0].startswith("ey")
        assert sent["post_logout_redirect_uri"] == [f"{scene.url}/deconnexion/retour"]
        assert len(sent["state"][0]) >= 32


def _tell(scene: Scene, person: dict[str, Any], *, is_signed: bool, key: Any = RSA) -> None:
    body = signed(key, HEADER, person).encode()
    answer = (200, {"Content-Type": "application/jwt"}, body) if is_signed else as_json(person)
    scene.provider.answers["/userinfo"] = lambda _form: answer


@pytest.mark.parametrize("wrong", ["sub", "key", "aud", "iss"])
def test_a_userinfo_that_is_not_this_login_opens_nothing(tmp_path: Path, wrong: str) -> None:
    with proconnect(tmp_path) as scene, scene.browser() as browser:
        asked = browser.asked()
        scene.says(scene.id_token(asked["nonce"], roles=None))
        person = {"sub": SUBJECT, "aud": CLIENT, "iss": scene.provider.url, **PERSON}
        changed = {} if wrong == "key" else {wrong: "another"}
        _tell(scene, {**person, **changed}, is_signed=True, key=STRANGER if wrong == "key" else RSA)
        refused(scene.returns(browser, asked), browser)


def test_whoever_leaves_the_directory_is_out_at_once(tmp_path: Path) -> None:
    entry = {"sub": SUBJECT, "roles": ["adviser"], "network": "cap_emploi", "adviser": "C-4"}
    directory = written(tmp_path, [entry])
    with a_scene(tmp_path, directory=directory) as scene, scene.browser() as browser:
        scene.log_in(browser)
        assert browser.is_logged_in()
        written(tmp_path, [])
        scene.provider.passes(2)
        assert not browser.is_logged_in()
        page = browser.get("/", headers={"HX-Request": "true"})
        assert page.headers["HX-Redirect"] == "/connexion"
        refused_ = scene.log_in(browser)
        assert (refused_.status_code, "aucun rôle" in refused_.text) == (403, True)
        written(tmp_path, [{**entry, "roles": ["operator"]}])
        scene.provider.passes(2)
        assert browser.get("/").headers["Location"] == "/exploitation"


def test_an_access_token_for_the_hub_says_more_than_the_id_token(scene: Scene, browser: Browser) -> None:
    asked = browser.asked()
    access = scene.provider.token(roles=["operator"])
    scene.says(scene.id_token(asked["nonce"], roles=["agent_public"]), access)
    assert led_to(scene.returns(browser, asked)) == f"{scene.url}/"
    assert browser.get("/").headers["Location"] == "/exploitation"


@pytest.mark.parametrize("changed", [{"sub": "another"}, {"aud": "someone"}, {"exp": 1}])
def test_an_access_token_of_someone_or_for_someone_else_says_nothing(
    scene: Scene, browser: Browser, changed: dict[str, Any]
) -> None:
    asked = browser.asked()
    scene.says(scene.id_token(asked["nonce"]), scene.provider.token(roles=["operator"], **changed))
    scene.returns(browser, asked)
    assert browser.get("/").headers["Location"] == "/accueil"


def test_an_id_token_in_the_place_of_the_access_token_gives_no_roles(scene: Scene, browser: Browser) -> None:
    asked = browser.asked()
    id_token = scene.id_token(asked["nonce"], roles=None)
    scene.says(id_token, scene.id_token(asked["nonce"], roles=["operator"], aud="parcours-hub"))
    refused(scene.returns(browser, asked), browser, "Votre compte n’ouvre pas encore Parcours Hub")


def test_behind_a_proxy_that_speaks_https_cookies_stay_on_it(tmp_path: Path) -> None:
    name = "parcours.example.fr"
    with a_scene(tmp_path, web_url=f"https://{name}") as scene, scene.browser() as browser:
        behind = {"Host": name, "X-Forwarded-Proto": "https"}
        browser.headers.update(behind)
        sent = browser.get("/connexion/aller")
        asked = dict(parse_qsl(urlsplit(sent.headers["Location"]).query))
        assert asked["redirect_uri"] == f"https://{name}/connexion/retour"
        (attempt,) = sent.headers.get_list("set-cookie")
        scene.says(scene.id_token(asked["nonce"]))
        # Over plain HTTP a browser would not send it: here stands the proxy.
        back = scene.returns(browser, asked, cookie=attempt.partition(";")[0])
        assert led_to(back).endswith("/")
        told = [each for each in back.headers.get_list("set-cookie") if each.startswith("__Host-session=")]
        assert len(told) == 1
        for cookie in (attempt, told[0]):
            assert cookie.startswith("__Host-")
            parts = {part.strip() for part in cookie.split(";")}
            assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= parts
            assert not any(part.startswith("Domain") for part in parts)
        assert "max-age=31536000" in back.headers["Strict-Transport-Security"]
        cookie = told[0].partition(";")[0]
        home = browser.get("/", headers={"Cookie": cookie})
        assert home.headers["Location"] == "/accueil"
        # A proxy that does not say how the reader came changes nothing.
        plain = browser.get("/", headers={"Cookie": cookie, "X-Forwarded-Proto": "http"})
        assert plain.headers["Location"] == "/accueil"
        assert plain.headers.get_list("Strict-Transport-Security") == ["max-age=31536000; includeSubDomains"]
        # The cookie's plain name, which a neighbour under the same domain could plant, counts for nothing.
        planted = cookie.removeprefix("__Host-")
        assert browser.get("/", headers={"Cookie": planted}).headers["Location"] == "/connexion"

"""Failures over HTTP: problem documents that are stable, and repeat nothing of the request, the store or the defect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.api.openapi import operations_of
from hub.api.problems import KINDS
from hub.domain.access import ROLES, Reader
from hub.errors import Contended, HubError, LogUnavailable, ReadingSlowed, StoreCorrupt, StoreUnavailable
from tests.integration.apis import Api, an_api
from tests.unit.test_openapi import DOCUMENT

ANYONE = Reader("anyone", frozenset(ROLES), "france_travail", "ft-1", sites=frozenset({"69123"}))
MARK = "Dupont"
SECRET = "Dupont lives at 12 rue des Lilas"
WRITING = [(path, method) for path, method, found in operations_of(DOCUMENT) if "requestBody" in found]
PERSON = "01890a5d-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with an_api(tmp_path_factory.mktemp("api"), api_requests_per_minute=1_000_000) as api:
        yield api


def filled(path: str, value: str = PERSON) -> str:
    for name in ("person_id", "event_id"):
        path = path.replace(f"{{{name}}}", value)
    return path


def code_of(answer: httpx2.Response) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    assert document.keys() <= {"type", "title", "status", "detail", "errors"}
    code = str(document["type"]).removeprefix("urn:parcours-hub:problem:")
    assert (document["title"], document["status"]) == (KINDS[code].title, answer.status_code)
    assert document["detail"]
    return code


def failing(api: Api, error: Exception) -> httpx2.Response:
    """Let an operation fail in some way."""

    def fail() -> None:
        raise error

    path = f"/fail/{type(error).__name__}"
    api.app.add_api_route(path, fail, include_in_schema=False)
    return api.client(ANYONE).get(path)


def test_there_is_no_such_resource(api: Api) -> None:
    for path in (
        f"/{MARK}",
        f"/api/v1/{MARK}",
        f"/api/v1/caseload/{MARK}",
        "/api/v1/caseload/",
        "//",
        "/..%2f..%2fetc",
    ):
        answer = api.client(ANYONE).get(path)
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
        assert MARK not in answer.text


def test_without_a_token_the_challenge_names_no_error(api: Api) -> None:
    missing = api.client().get("/api/v1/caseload")
    wrong = api.client(token=MARK).get("/api/v1/caseload")
    basic = api.client().get("/api/v1/caseload", headers={"Authorization": "Basic RHVwb250"})

    assert {code_of(missing), code_of(wrong), code_of(basic)} == {"token_invalid"}
    assert missing.headers["WWW-Authenticate"] == 'Bearer realm="parcours-hub"'
    assert wrong.headers["WWW-Authenticate"] == 'Bearer realm="parcours-hub", error="invalid_token"'
    assert MARK not in wrong.text


def test_a_body_of_another_media_type_is_refused_as_that(api: Api) -> None:
    answer = api.client(ANYONE).post("/api/v1/cases/search", content=b"a=b", headers={"Content-Type": "text/plain"})

    assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type")
    assert answer.headers["Accept"] == "application/json"


def test_a_defect_tells_its_request_and_nothing_else(api: Api) -> None:
    answer = failing(api, ValueError(SECRET))
    told = [line for line in api.log if line.get("request_id") == answer.headers["X-Request-Id"]]

    assert (answer.status_code, code_of(answer)) == (500, "internal_error")
    assert SECRET not in answer.text
    assert [line["event"] for line in told] == ["request_failed", "request"]
    assert told[0]["error_kind"] == "builtins.ValueError"
    assert told[0]["stack"][-1].endswith(" fail")
    assert SECRET not in json.dumps(api.log)


def test_a_failure_without_a_kind_of_its_own_is_told_without_its_text(api: Api) -> None:
    answer = failing(api, StoreCorrupt("the store /data/hub.db is damaged"))

    assert (answer.status_code, code_of(answer)) == (500, "internal_error")
    assert "hub.db" not in answer.text
    assert any(line.get("code") == "store_corrupt" and "hub.db" in line["message"] for line in api.log)


@pytest.mark.parametrize("kind", [StoreUnavailable, Contended, LogUnavailable])
def test_what_passes_says_when_to_come_back_and_names_no_server(api: Api, kind: type[HubError]) -> None:
    answer = failing(api, kind("the store postgresql://db.internal:5432/hub does not answer"))

    assert answer.status_code in {429, 503}
    assert code_of(answer) == kind.code
    assert answer.headers["Retry-After"] == "5"
    assert "db.internal" not in answer.text


def test_a_reader_who_is_slowed_is_told_for_how_long(api: Api) -> None:
    answer = failing(api, ReadingSlowed("too many people", 17))

    assert (answer.status_code, code_of(answer), answer.headers["Retry-After"]) == (429, "reading_slowed", "17")


def test_defects_of_a_body_are_pointed_at(api: Api) -> None:
    answer = api.client(ANYONE).post("/api/v1/cases/search", json={"birth_date": f"{MARK}-01", MARK: 1})
    found = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}

    assert code_of(answer) == "invalid_request"
    assert "/birth_date" in found
    assert MARK not in answer.text


@pytest.mark.parametrize(
    "value", [MARK, "../admin", "4711", "00000000-0000-0000-0000-00000000000g", "%00", "'%20or%201=1"]
)
def test_a_path_that_is_no_persons_is_refused_without_repeating_it(api: Api, value: str) -> None:
    for path, method, _ in operations_of(DOCUMENT):
        if "{" in path:
            answer = api.client(ANYONE).request(method.upper(), filled(path, value))
            assert answer.status_code in {404, 405, 422}
            assert code_of(answer) in {"not_found", "invalid_request", "method_not_allowed"}
            assert value not in answer.text


def leaves() -> st.SearchStrategy[Any]:
    text = st.builds(lambda before, after: f"{before}{MARK}{after}", st.text(max_size=3), st.text(max_size=3))
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    return st.none() | st.booleans() | numbers | text | st.dates().map(str)


def names() -> st.SearchStrategy[str]:
    """Give members that the contract knows, and others."""
    schemas = DOCUMENT["components"]["schemas"].values()
    known = sorted({name for schema in schemas for name in schema.get("properties", {})})
    return st.sampled_from(known) | st.just(MARK)


def bodies() -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names(), inner, max_size=6),
        max_leaves=12,
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(body=bodies(), where=st.sampled_from(WRITING))
def test_no_failure_repeats_what_was_sent(api: Api, body: Any, where: tuple[str, str]) -> None:
    path, method = where
    answer = api.client(ANYONE).request(method.upper(), filled(path), json=body)

    assert answer.status_code < 500
    assert str(answer.status_code) in DOCUMENT["paths"][path][method]["responses"]
    if answer.status_code >= 400:
        code_of(answer)
        assert MARK not in answer.text

"""The Python client when things fail: what it sends again, how long it waits, its tokens, and streams that break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hub.client import ApiProblem, ApiUnavailable, CaseRef, Client, ClientCredentials, Reject
from hub.client.following import read
from hub.errors import IssuerUnavailable, TokenInvalid, Usage
from tests.integration.scripted import CUT, Answer, Waits, free_port, scripted

TOKEN, SECRET = "the-token-itself", "the-secret-itself"
ME: dict[str, Any] = {
    "reader_id": "r",
    "roles": [],
    "network": None,
    "adviser": None,
    "organisation": None,
    "sites": [],
    "departments": [],
    "is_system": False,
    "may": [],
    "requests_per_minute": 60,
}
TAKEN = {"event_id": "e", "place": {"topic": "t", "partition": 0, "offset": 1}}
RESULT = {"status": "accepted", "event_id": "e", "topic": "t", "partition": 0, "offset": 1}
NOT_SAME = Reject(CaseRef("france_travail", "1"), CaseRef("cap_emploi", "CE-1", "73282932000074"))


def refused(kind: str, status: int, **headers: str) -> Answer:
    document = {"type": f"urn:parcours-hub:problem:{kind}", "title": "T", "status": status, "detail": "not now"}
    return Answer(status, document, {name.replace("_", "-"): value for name, value in headers.items()})


def granted(number: int, expires_in: int | None = 600) -> Answer:
    document = {"access_token": f"token-{number}", "token_type": "Bearer"}
    return Answer(200, document if expires_in is None else {**document, "expires_in": expires_in})


@contextmanager
def asking(url: str, token: Any = TOKEN, **options: Any) -> Iterator[tuple[Client, Waits]]:
    waits = Waits()
    with Client(url, token, sleep=waits, elapsed_s=waits.elapsed_s, timeout_s=5.0, **options) as client:
        yield client, waits


def test_it_comes_back_when_it_is_told_to() -> None:
    answers = (refused("too_many_requests", 429, Retry_After="7"), refused("store_unavailable", 503), Answer(200, ME))
    with scripted(*answers) as server, asking(server.url) as (client, waits):
        assert client.me().reader_id == "r"
    assert len(server.heard) == 3
    assert waits[0] == 7
    assert 0.5 <= waits[1] <= 1


def test_a_wait_that_is_too_long_is_the_callers() -> None:
    with (
        scripted(refused("reading_slowed", 429, Retry_After="3600")) as server,
        asking(server.url) as (client, waits),
        pytest.raises(ApiProblem) as raised,
    ):
        client.pathway("p")
    assert (raised.value.kind, raised.value.retry_after_s, raised.value.is_passing) == ("reading_slowed", 3600, True)
    assert (len(server.heard), waits) == (1, [])


def test_it_gives_up_after_its_attempts_with_longer_and_longer_pauses() -> None:
    with (
        scripted(refused("store_unavailable", 503)) as server,
        asking(server.url, attempts=6, longest_wait_s=4) as (client, waits),
        pytest.raises(ApiProblem, match="503 store_unavailable"),
    ):
        client.me()
    assert len(server.heard) == 6
    assert len(waits) == 5
    assert all(longest / 2 <= wait <= longest for wait, longest in zip(waits, (0.5, 1, 2, 4, 4), strict=True))


@pytest.mark.parametrize("failure", [Answer(CUT), Answer(502, b"<html>"), Answer(504, b"")])
def test_what_was_not_answered_is_sent_again_if_that_does_no_harm(failure: Answer) -> None:
    with scripted(failure, Answer(200, ME)) as server, asking(server.url) as (client, _):
        assert client.me().reader_id == "r"
        assert len(server.heard) == 2
    with scripted(failure, failure, Answer(202, RESULT)) as server, asking(server.url) as (client, _):
        assert client.publish({"type": "CaseClosed"}).is_durable
        assert len({heard.body for heard in server.heard}) == 1
        assert len(server.heard) == 3


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Answer(CUT), ApiUnavailable),
        (Answer(502, b"<html>"), ApiProblem),
        (refused("log_unavailable", 429, Retry_After="1"), ApiProblem),
        (refused("store_unavailable", 503), ApiProblem),
    ],
)
def test_a_decision_that_may_have_landed_is_sent_once(failure: Answer, error: type[Exception]) -> None:
    with scripted(failure) as server, asking(server.url) as (client, _), pytest.raises(error):
        client.decide(NOT_SAME)
    assert len(server.heard) == 1


def test_a_decision_that_was_not_even_read_is_sent_again() -> None:
    answers = (refused("too_many_requests", 429, Retry_After="1"), refused("too_busy", 503), Answer(202, TAKEN))
    with scripted(*answers) as server, asking(server.url) as (client, _):
        assert client.decide(NOT_SAME).event_id == "e"
    port = free_port()
    with asking(f"http://127.0.0.1:{port}", attempts=3) as (client, waits), pytest.raises(ApiUnavailable):
        client.decide(NOT_SAME)
    assert len(waits) == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, b"<html>Log in</html>"), "not_understood"),
        (Answer(200, {"reader_id": 7}), "not_understood"),
        (Answer(404, b"nothing here"), "not_the_hub"),
        (Answer(307, b"", {"Location": "http://127.0.0.1:1/"}), "not_the_hub"),
    ],
)
def test_what_is_not_the_hub_is_told_so_and_followed_nowhere(answer: Answer, kind: str) -> None:
    with scripted(answer) as server, asking(server.url) as (client, _), pytest.raises(ApiProblem) as raised:
        client.me()
    assert raised.value.kind == kind
    assert len(server.heard) == 1


def test_what_a_later_hub_adds_is_left_out() -> None:
    later = {**ME, "since": "2030-01-01", "roles": ["a_new_role"]}
    with scripted(Answer(200, later)) as server, asking(server.url) as (client, _):
        assert client.me().roles == ["a_new_role"]


def test_a_token_is_got_once_and_replaced_before_it_expires() -> None:
    waits = Waits()
    with scripted(granted(1), granted(2, 40)) as issuer, scripted(Answer(200, ME)) as server:
        source = ClientCredentials(
            token_url=f"{issuer.url}/token", client_id="feed", client_secret=SECRET, elapsed_s=waits.elapsed_s
        )
        with asking(server.url, source) as (client, _):
            client.me()
            waits(569)
            client.me()
            waits(2)
            client.me()
            waits(19)
            client.me()
            waits(2)
            client.me()
    assert [heard.authorization for heard in server.heard] == [f"Bearer token-{number}" for number in (1, 1, 2, 2, 2)]
    assert len(issuer.heard) == 3
    assert issuer.heard[0].body == b"grant_type=client_credentials"


def test_a_token_that_is_refused_is_replaced_once() -> None:
    denied = refused("token_invalid", 401)
    with scripted(granted(1, None), granted(2, None)) as issuer:
        source = ClientCredentials(token_url=issuer.url, client_id="feed", client_secret=SECRET)
        with scripted(denied, Answer(202, TAKEN)) as server, asking(server.url, source) as (client, waits):
            client.decide(NOT_SAME)
            assert [heard.authorization for heard in server.heard] == ["Bearer token-1", "Bearer token-2"]
            assert waits == []
        with scripted(denied) as server, asking(server.url, source) as (client, _):
            with pytest.raises(ApiProblem, match="401 token_invalid"):
                client.me()
            assert len(server.heard) == 2
    with scripted(denied) as server, asking(server.url) as (client, _):
        with pytest.raises(ApiProblem, match="401 token_invalid"):
            client.me()
        assert len(server.heard) == 1


def test_the_token_endpoint_is_discovered_of_the_issuer() -> None:
    port = free_port()
    with scripted(Answer(200, b"")) as issuer:
        found = Answer(200, {"issuer": issuer.url, "token_endpoint": f"{issuer.url}/token"})
        issuer._answers[:] = [found, granted(1)]
        source = ClientCredentials(issuer=issuer.url, client_id="feed", client_secret=SECRET)
        assert source.token() == "token-1"
        assert [heard.path for heard in issuer.heard] == ["/.well-known/openid-configuration", "/token"]
        issuer._answers[:] = [Answer(200, {"issuer": "https://else.example", "token_endpoint": issuer.url})]
        with pytest.raises(Usage, match="names itself otherwise"):
            ClientCredentials(issuer=issuer.url, client_id="feed", client_secret=SECRET).token()
    away = ClientCredentials(issuer=f"http://127.0.0.1:{port}", client_id="feed", client_secret=SECRET)
    with pytest.raises(IssuerUnavailable):
        away.token()


def test_a_provider_that_is_away_is_waited_for_and_one_that_refuses_is_not() -> None:
    with (
        scripted(Answer(503, b""), granted(1)) as issuer,
        scripted(Answer(200, ME)) as server,
        asking(server.url, ClientCredentials(token_url=issuer.url, client_id="f", client_secret=SECRET)) as (client, w),
    ):
        client.me()
        assert len(w) == 1
    with (
        scripted(Answer(401, {"error": "invalid_client"})) as issuer,
        asking("http://127.0.0.1:1", ClientCredentials(token_url=issuer.url, client_id="f", client_secret=SECRET)) as (
            client,
            w,
        ),
        pytest.raises(TokenInvalid, match="invalid_client") as raised,
    ):
        client.me()
    assert w == []
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("url", ["http://hub.example", "hub.example", "ftp://hub.example", "https://"])
def test_no_token_and_no_secret_goes_in_clear(url: str) -> None:
    with pytest.raises(Usage):
        Client(url, TOKEN)
    with pytest.raises(Usage):
        ClientCredentials(token_url=url, client_id="feed", client_secret=SECRET)


def test_no_token_and_no_secret_stands_in_a_text_of_the_client() -> None:
    port = free_port()
    source = ClientCredentials(token_url=f"http://127.0.0.1:{port}", client_id="feed", client_secret=SECRET)
    with asking(f"http://127.0.0.1:{port}", attempts=1) as (client, _), pytest.raises(ApiUnavailable) as raised:
        client.me()
    texts = [repr(client), repr(source), repr(client._transport._source), str(raised.value), repr(raised.value)]
    assert not [text for text in texts if TOKEN in text or SECRET in text]
    assert raised.value.__context__ is None
    with pytest.raises(IssuerUnavailable) as unavailable:
        source.token()
    assert unavailable.value.__context__ is None


def test_server_sent_events_are_read_however_they_are_cut() -> None:
    change = {"position": 5, "accepted_at": "2021-04-01T09:30:00Z", "event": None, "people": []}
    lines = "retry: 2000\nevent: hello\nid: 4\ndata: {}\n\n"
    lines += (
        f"event: change\r\nid: 5\r\ndata: {json.dumps(change)}\r\n\r\n: heartbeat\nid: 9\n\nevent: change\nid: 10\n"
    )
    whole = lines.encode()
    for size in (1, 2, 7, len(whole)):
        chunks = (whole[start : start + size] for start in range(0, len(whole), size))
        messages = list(read(chunks))
        assert [message.position for message in messages] == [4, 5, 9]
        assert [message.change is None for message in messages] == [True, False, True]

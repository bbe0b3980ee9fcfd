"""The Python client when a stream breaks: over cuts and restarts, a silent connection, and a token that ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hub.client import ApiProblem, Client, Message
from hub.domain.events.case import CaseUpdated
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.apis import serving
from tests.integration.hubs import take
from tests.integration.people import REFERENT, a_life
from tests.integration.scripted import Renewed, free_port
from tests.servers.proxy import Proxy
from tests.unit.pathway.builders import FT, event


def updated(hub: Hub, number: int) -> str:
    """Take an event about the referent's person in; give its id."""
    made = event(CaseUpdated, "2021-04-02", FT, contact={"email": f"zola-{number}@example.org"})
    take(hub, [made])
    return made.meta.event_id


def changed(messages: Iterator[Message]) -> str:
    """Give the event of the next change."""
    change = next(message.change for message in messages if message.change is not None)
    assert change.event is not None
    return change.event.event_id


def test_a_follower_goes_on_over_cuts_and_a_restart_of_the_server(tmp_path: Path) -> None:
    engines.create(tmp_path / "data").close()
    port = free_port()
    with Hub(engines.settings(tmp_path / "data")) as hub, ExitStack() as following:
        take(hub, a_life())
        with serving(hub) as api, Proxy(port, api.port) as network:
            client = Client(f"http://127.0.0.1:{port}", api.token(REFERENT), sleep=lambda _: time.sleep(0.02))
            following.enter_context(client)
            messages = client.changes()
            following.callback(messages.close)
            assert next(messages).position == len(a_life())
            first = updated(hub, 1)
            assert changed(messages) == first
            for number in (2, 3):
                network.cut()
                missed = updated(hub, number)
                network.heal()
                assert changed(messages) == missed
        missed_by_all = [updated(hub, number) for number in (4, 5)]
        with serving(hub) as api, Proxy(port, api.port):
            assert api.token(REFERENT)
            assert [changed(messages), changed(messages)] == missed_by_all
            later = updated(hub, 6)
            assert changed(messages) == later


def test_a_follower_learns_that_it_may_not_go_on(tmp_path: Path) -> None:
    engines.create(tmp_path / "data").close()
    with Hub(engines.settings(tmp_path / "data")) as hub, serving(hub) as api:
        with Client(api.url, api.token(REFERENT)) as client, pytest.raises(ApiProblem, match="409 position_ahead"):
            next(client.changes(after=10_000))
        with Client(api.url, "nobody") as client, pytest.raises(ApiProblem, match="401 token_invalid"):
            next(client.changes())


def test_a_follower_gives_up_a_connection_on_which_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.client.following.SILENCE_S", 0.5)
    engines.create(tmp_path / "data").close()
    port = free_port()
    with Hub(engines.settings(tmp_path / "data")) as hub, serving(hub) as api, Proxy(port, api.port) as network:
        take(hub, a_life())
        paused: list[float] = []

        def pause(seconds: float) -> None:
            paused.append(seconds)
            network.heal()

        with Client(f"http://127.0.0.1:{port}", api.token(REFERENT), sleep=pause) as client:
            messages = client.changes()
            next(messages)
            network.freeze()
            missed = updated(hub, 1)
            assert changed(messages) == missed
            assert paused
            messages.close()


def test_a_follower_whose_token_ends_goes_on_with_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.api.following.HEARTBEAT_S", 0.1)
    engines.create(tmp_path / "data").close()
    with Hub(engines.settings(tmp_path / "data")) as hub, serving(hub) as api:
        take(hub, a_life())
        source = Renewed([api.token(REFERENT), api.token(REFERENT._replace(organisation="ft-69"))])
        with Client(api.url, source, sleep=lambda _: time.sleep(0.02)) as client:
            messages = client.changes()
            first = next(messages)
            api.services.tokens._readers.pop(source.tokens[0])  # type: ignore[attr-defined]
            assert next(message for message in messages if source.refusals).position == first.position
            missed = updated(hub, 1)
            assert changed(messages) == missed
            messages.close()
    assert source.refusals == [source.tokens[0]]

"""A stolen adviser account pulls people in bulk: stopped after so many, alarmed once, every reading in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import date, timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from hub.domain.access import Reader
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import FRANCE_TRAVAIL, CaseKey
from hub.ledger import accessqueries
from hub.ledger.accesslog import AccessKeys
from hub.ledger.accessqueries import Alarm, Logged
from hub.ledger.accessverify import verify
from hub.ledger.database import reading
from hub.wiring import Hub
from tests.api.regions import DPO, TickingClock
from tests.integration import engines
from tests.integration.apis import Api, an_api, serving
from tests.integration.hubs import take
from tests.servers.postgres import Postgres
from tests.unit.pathway.builders import event, moment, registered

OWN, OTHERS = 300, 60
OWN_AN_HOUR, OWN_A_DAY = 60, 250
OTHERS_AN_HOUR, OTHERS_A_DAY = 10, 30
"""What docs/access.md promises of the settings as they come."""
REASON = {"code": "emergency", "text": "La personne est à l'accueil."}
RELEASE = {"reason": "Compte repris, mot de passe changé."}
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_thieves = count(1)


class Stolen(NamedTuple):
    """A running API, whom the account's adviser accompanies, and others."""

    api: Api
    clock: TickingClock
    own: Sequence[str]
    others: Sequence[str]


def identity(number: int) -> dict[str, Any]:
    """Give the traits of one of many people, none like another."""
    letters = blake2b(bytes([number % 256, number // 256]), digest_size=8).hexdigest().translate(_LETTERS)
    born = date(1950, 1, 1) + timedelta(days=41 * number)
    return {
        "family_name": letters[:8].title(),
        "given_name": letters[8:].title(),
        "birth_date": born.isoformat(),
        "birth_place": "69381",
    }


def a_thief() -> Reader:
    """Give a login of the adviser that nobody has used yet."""
    return Reader(f"test|thief-{next(_thieves)}", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-1")


def stolen(api: Api, clock: TickingClock) -> Stolen:
    """Let two advisers accompany people."""
    events, ids = [], []
    for number in range(OWN + OTHERS):
        case = CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")
        adviser = "A-1" if number < OWN else "A-2"
        first = registered(case, "2021-01-04", **identity(number))
        ids.append(first.meta.event_id)
        named = event(ReferentAssigned, "2021-01-05", case, adviser=adviser, role="referent", from_date="2021-01-05")
        events += [first, named]
    take(api.hub, events)
    return Stolen(api, clock, ids[:OWN], ids[OWN:])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stolen]:
    clock = TickingClock(moment("2021-04-01T08:00:00Z"))
    with an_api(tmp_path_factory.mktemp("stolen"), clock=clock) as api:
        yield stolen(api, clock)


def outcome(answer: httpx2.Response) -> str:
    """Say what became of a request."""
    if answer.status_code < 300:
        return "answered"
    kind = answer.json()["type"].rpartition(":")[2]
    return {"denied": "refused", "reading_slowed": "slowed", "reading_stopped": "stopped"}[kind]


def read(client: httpx2.Client, person_id: str) -> httpx2.Response:
    return client.get(f"/api/v1/pathways/{person_id}")


def of_log(api: Api, thief: Reader) -> tuple[list[Logged], list[Alarm]]:
    """Give a reader's entries, oldest first, and alarms."""
    with reading(api.hub.store) as connection:
        found = accessqueries.entries(connection, reader_id=thief.reader_id, limit=10_000)[::-1]
        alarms = [each for each in accessqueries.alarms(connection) if each.reader_id == thief.reader_id]
        assert verify(connection, AccessKeys(api.hub.master), 2**63 - 1).defects == []
    return found, alarms


def check_stopped(served: Stolen, thief: Reader, outcomes: Sequence[str], most: int, logs: Sequence[Api] = ()) -> None:
    """Hold what a thief got against the access log and its one alarm, and let the officer release the account."""
    entries, alarms = of_log(served.api, thief)
    said = Counter("answered" if each.outcome == "shown" else each.outcome for each in entries)
    assert said == Counter(outcomes)
    (alarm,) = alarms
    assert (alarm.people, alarm.most, alarm.released_at) == (most + 1, most, None)
    lines = [line for api in (served.api, *logs) for line in api.log if line["event"] == "access_alarm"]
    assert [line["alarm"] for line in lines].count(alarm.alarm_no) == 1
    path = f"/api/v1/access-alarms/{alarm.alarm_no}/release"
    assert served.api.client(DPO).post(path, json=RELEASE).status_code == 200
    assert outcome(read(served.api.client(thief), served.own[0])) == "answered"


def stopped(api: Api) -> float:
    """Give how many readings the metrics count as stopped."""
    lines = api.client().get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if 'alarms_total{outcome="stopped"}' in line)


def test_a_crawl_of_ones_own_caseload_ends_within_the_hour(served: Stolen) -> None:
    thief = a_thief()
    client = served.api.client(thief)
    before = stopped(served.api)

    found = [outcome(read(client, person_id)) for person_id in served.own]

    slowed = OWN_A_DAY - OWN_AN_HOUR
    assert found == ["answered"] * OWN_AN_HOUR + ["slowed"] * slowed + ["stopped"] * (OWN - OWN_A_DAY)
    assert stopped(served.api) - before == OWN - OWN_A_DAY
    assert client.get("/api/v1/caseload").status_code == 403
    entries, _ = of_log(served.api, thief)
    shown = [each.people[0] for each in entries if each.outcome == "shown"]
    assert len({row.subject_ref for row in shown if row.sight}) == OWN_AN_HOUR
    check_stopped(served, thief, [*found, "stopped"], OWN_A_DAY)


def test_a_patient_crawl_is_stopped_within_the_day(served: Stolen) -> None:
    thief = a_thief()
    client, waited, found = served.api.client(thief), timedelta(), []
    for person_id in served.own:
        answer = read(client, person_id)
        while answer.status_code == 429:
            pause = timedelta(seconds=int(answer.headers["Retry-After"]))
            served.clock.moment += pause
            waited += pause
            answer = read(client, person_id)
        found.append(outcome(answer))

    assert found == ["answered"] * OWN_A_DAY + ["stopped"] * (OWN - OWN_A_DAY)
    assert timedelta(hours=3) <= waited <= timedelta(hours=24)


def guesses(served: Stolen, client: httpx2.Client) -> Iterator[httpx2.Response]:
    """Ask for people by ids: half of them are somebody's."""
    for number, person_id in enumerate(served.others):
        guess = person_id if number % 2 else f"0fffffff-0000-7000-8000-{number:012d}"
        yield read(client, guess)


def reasons(served: Stolen, client: httpx2.Client) -> Iterator[httpx2.Response]:
    """State a reason for one after the other."""
    for person_id in served.others:
        yield client.post(f"/api/v1/pathways/{person_id}/reasons", json=REASON)


def names(_: Stolen, client: httpx2.Client) -> Iterator[httpx2.Response]:
    """Search for a stolen list of names."""
    for number in range(OTHERS):
        yield client.post("/api/v1/cases/search", json=identity(OWN + number))


def names_for_a_reason(_: Stolen, client: httpx2.Client) -> Iterator[httpx2.Response]:
    """Search for a stolen list of case records, each for a reason."""
    for number in range(OTHERS):
        case = {"network": FRANCE_TRAVAIL, "scope": "", "local_id": f"{OWN + number:011d}"}
        yield client.post("/api/v1/cases/search", json={"case": case, "reason": {**REASON, "code": "complaint"}})


def look_ups(_: Stolen, client: httpx2.Client) -> Iterator[httpx2.Response]:
    """Ask at intake about a stolen list of people."""
    for number in range(OTHERS):
        yield client.post("/api/v1/intake-lookups", json=identity(OWN + number))


@pytest.mark.parametrize("way", [guesses, reasons, names, names_for_a_reason, look_ups])
def test_no_other_way_to_people_is_any_wider(
    served: Stolen, way: Callable[[Stolen, httpx2.Client], Iterator[httpx2.Response]]
) -> None:
    thief = a_thief()

    found = [outcome(answer) for answer in way(served, served.api.client(thief))]

    first = "refused" if way is guesses else "answered"
    slowed, refused = OTHERS_A_DAY - OTHERS_AN_HOUR, OTHERS - OTHERS_A_DAY
    assert found == [first] * OTHERS_AN_HOUR + ["slowed"] * slowed + ["stopped"] * refused
    check_stopped(served, thief, found, OTHERS_A_DAY)


def in_parallel(served: Stolen, thief: Reader, apis: Sequence[Api]) -> list[str]:
    """Crawl with 20 threads, over all processes."""
    clients = [api.client(thief) for api in apis for _ in range(20 // len(apis))]
    with ThreadPoolExecutor(len(clients)) as threads:
        asked = enumerate(served.own)
        return list(threads.map(lambda each: outcome(read(clients[each[0] % len(clients)], each[1])), asked))


def check_parallel(served: Stolen, thief: Reader, apis: Sequence[Api]) -> None:
    found = in_parallel(served, thief, apis)

    assert Counter(found) == {
        "answered": OWN_AN_HOUR,
        "slowed": OWN_A_DAY - OWN_AN_HOUR,
        "stopped": OWN - OWN_A_DAY,
    }
    check_stopped(served, thief, found, OWN_A_DAY, apis[1:])


def test_twenty_threads_get_no_more_than_one(served: Stolen) -> None:
    check_parallel(served, a_thief(), [served.api])


def test_twenty_threads_get_no_more_than_one_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    urls = [postgres.create_database() for _ in range(2)]
    clock = TickingClock(moment("2021-04-01T08:00:00Z"))
    try:
        with an_api(tmp_path, clock=clock, database=urls[0], key_database=urls[1]) as api:
            check_parallel(stolen(api, clock), a_thief(), [api])
    finally:
        for url in urls:
            postgres.drop_database(url)


def test_two_processes_and_a_restart_give_no_more_than_one(tmp_path: Path) -> None:
    clock, thief = TickingClock(moment("2021-04-01T08:00:00Z")), a_thief()
    with ExitStack() as stack:
        api = stack.enter_context(an_api(tmp_path, clock=clock))
        served = stolen(api, clock)
        chosen = engines.settings(tmp_path / "data")
        found = []
        # The second one is started anew for each part of the crawl.
        for start in range(0, OWN, OWN // 3):
            with closing(Hub(chosen, clock)) as hub, serving(hub) as other:
                clients = api.client(thief), other.client(thief)
                part = served.own[start : start + OWN // 3]
                found += [outcome(read(clients[number % 2], person_id)) for number, person_id in enumerate(part)]

        slowed = OWN_A_DAY - OWN_AN_HOUR
        assert found == ["answered"] * OWN_AN_HOUR + ["slowed"] * slowed + ["stopped"] * (OWN - OWN_A_DAY)
        _, (alarm,) = of_log(api, thief)
        assert (alarm.people, alarm.most) == (OWN_A_DAY + 1, OWN_A_DAY)
        with closing(Hub(chosen, clock)) as hub, serving(hub) as other:
            path = f"/api/v1/access-alarms/{alarm.alarm_no}/release"
            assert other.client(DPO).post(path, json=RELEASE).status_code == 200
        assert outcome(read(api.client(thief), served.own[-1])) == "answered"

"""The quarantine's pages: what an operator sees of a record, what they do about it, and nothing of whom it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub.consumers import mending
from hub.domain.access import Reader
from hub.domain.ids import FRANCE_TRAVAIL
from hub.ledger import accessqueries
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import Rejected
from hub.web.operating.choosing import reason_named
from hub.web.operating.reasons import REASONS
from hub.wiring import Hub
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, folder
from tests.integration.test_quarantine_flow import (
    BAD,
    CODEC,
    EMAIL,
    FT_TOPIC,
    NAME,
    NIR,
    Bad,
    a_delegation,
    an_update,
    append,
    changed,
    held,
    held_for_an_unknown_schema,
)
from tests.unit.pathway import builders
from tests.web.sites import FORM_TOKEN, Site, a_site

PATH = "/exploitation/quarantaine"
OPERATOR = Reader("https://login.example|op-7", frozenset({"operator"}))
OTHERS = [
    Reader("a", frozenset({"adviser", "site_lead"}), network=FRANCE_TRAVAIL, adviser="A-1"),
    Reader("m", frozenset({"manager"}), departments=frozenset({"*"})),
    Reader("d", frozenset({"dpo", "auditor", "publisher"})),
]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with a_site(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def full() -> Iterator[Site]:
    """Serve pages whose quarantine holds one of every kind of bad record, which nobody decides about."""
    with folder() as path, a_site(path) as running:
        append(running.hub, *(each() for each in BAD.values()))
        meta = an_update().meta.model_copy(update={"event_id": HOSTILE, "actor_id": HOSTILE})
        append(running.hub, Bad("invalid_event", FT_TOPIC, CODEC.encode(changed(an_update(), meta=meta))))
        consume(running.hub)
        yield running


def text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def get(site: Site, path: str = PATH, reader: Reader = OPERATOR, **query: Any) -> str:
    answer = site.client(reader).get(path, params=query or None)
    assert answer.status_code == 200, text(answer.text)
    return answer.text


def post(site: Site, path: str, **fields: str) -> httpx2.Response:
    return site.client(OPERATOR).post(f"{PATH}{path}", data={"jeton": FORM_TOKEN, **fields})


def numbers(html: str) -> list[int]:
    return [int(each) for each in re.findall(r'<th scope="row"><a href="/exploitation/quarantaine/(\d+)"', html)]


def hidden(html: str) -> dict[str, str]:
    """Give the fields by which the form goes on where it was."""
    return dict(re.findall(r'<input type="hidden" name="(motif|source|apres|jusqua|note)" value="([^"]*)"', html))


def hold(hub: Hub, values: Sequence[bytes], reason: str = "unknown_schema") -> list[int]:
    """Hold records as a worker did that could not read them yet."""
    items = [
        Rejected(FT_TOPIC, 0, at, reason, "the registry holds no schema", None, each, [])
        for at, each in enumerate(values)
    ]
    with writing(hub.store) as connection:
        return hub.quarantine.hold(connection, items, now=hub.now, random_bytes=lambda size: bytes(range(size)))


def people(count: int) -> list[bytes]:
    cases = [builders.FT._replace(local_id=f"{number:011d}") for number in range(1, count + 1)]
    return [CODEC.encode(builders.registered(case)) for case in cases]


def test_what_is_held_is_listed_by_reason(full: Site) -> None:
    html = get(full)

    tallies = re.findall(r'motif=([\w-]+)">([^<]+)</a></th><td class="h-number">(\d+)<', html)
    known = Counter(each.reason for each in held(full.hub))
    assert {reason_named(slug): int(number) for slug, _, number in tallies} == known
    assert known.keys() >= {"undecodable", "forbidden_network", "invalid_event", "unknown_schema", "record_too_large"}
    assert len(numbers(html)) == len(BAD) + 1
    assert "Illisible" in text(html)


@pytest.mark.parametrize("reason", ["undecodable", "invalid_event", "content_conflict"])
def test_the_address_says_which_records_are_listed(full: Site, reason: str) -> None:
    slug = REASONS[reason].slug
    found = numbers(get(full, motif=slug))

    assert found == [each.entry_id for each in held(full.hub) if each.reason == reason]
    assert numbers(get(full, motif=slug, source="hub")) == []
    assert numbers(get(full, etat="ecarte")) == []


@pytest.mark.parametrize("entry", range(1, len(BAD) + 2))
def test_a_record_shows_how_it_is_made_and_never_what_it_says(full: Site, entry: int) -> None:
    answer = full.client(OPERATOR).get(f"{PATH}/{entry}")

    assert answer.status_code == 200
    for word in (NAME, EMAIL, NIR, NIR.replace(" ", ""), builders.FT.local_id, HOSTILE, "alert(1)"):
        assert word not in answer.text
        assert word not in unescape(answer.text)
    assert NAME.encode().hex() not in answer.text
    assert "Que faire" in answer.text


def test_a_record_that_can_be_read_shows_its_fields_without_values(full: Site) -> None:
    (entry,) = (each.entry_id for each in held(full.hub) if "NIR" in each.detail or "social security" in each.detail)
    said = text(get(full, f"{PATH}/{entry}"))

    assert "traits.family_name : texte" in said
    assert "contact.phone : vide" in said
    assert "Type d’événement Actualisation" in said
    assert "Réseau annoncé France Travail" in said


def test_headers_are_named_only_where_the_hub_knows_them(site: Site) -> None:
    with writing(site.hub.store) as connection:
        item = Rejected(
            FT_TOPIC,
            0,
            0,
            "undecodable",
            "x",
            b"k",
            b"v",
            [("ce_type", b"12345"), (HOSTILE, b"1"), ("Zephyrine", None)],
        )
        (entry,) = site.hub.quarantine.hold(connection, [item], now=site.hub.now, random_bytes=bytes)
    said = text(get(site, f"{PATH}/{entry}"))

    assert "ce_type : 5 octets" in said
    assert said.count("en-tête inconnu") == 2
    assert "Zephyrine" not in said


def test_looking_at_a_record_is_an_entry_of_the_access_log_and_listing_none(full: Site) -> None:
    reader = OPERATOR._replace(reader_id="https://login.example|op-log")
    get(full, reader=reader)
    get(full, f"{PATH}/1", reader=reader)

    with reading(full.hub.store) as connection:
        (logged,) = accessqueries.entries(connection, reader_id=reader.reader_id)
    assert (logged.kind, logged.code, logged.people) == ("quarantine", "1", ())
    assert logged.through == "GET /exploitation/quarantaine/{number}"


@pytest.mark.parametrize("reader", OTHERS)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/1", f"{PATH}/999", f"{PATH}/reprise?motif=illisible"])
def test_the_quarantine_is_for_operators_alone(full: Site, reader: Reader, path: str) -> None:
    assert full.client(reader).get(path).status_code == 403


@pytest.mark.parametrize("reader", OTHERS)
@pytest.mark.parametrize("path", ["/1/reprise", "/1/ecart", "/reprise"])
def test_only_operators_decide(full: Site, reader: Reader, path: str) -> None:
    fields = {"jeton": FORM_TOKEN, "motif": "illisible", "source": "", "apres": "0", "jusqua": "99", "note": "x"}

    assert full.client(reader).post(f"{PATH}{path}", data=fields).status_code == 403
    assert len(held(full.hub)) == len(BAD) + 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{PATH}/0", 404),
        (f"{PATH}/{2**63}", 404),
        (f"{PATH}/abc", 404),
        (f"{PATH}/99999", 404),
        (f"{PATH}?motif=x", 422),
        (f"{PATH}?source=%27", 422),
        (f"{PATH}?apres=-1", 422),
        (f"{PATH}/reprise", 400),
    ],
)
def test_an_address_that_names_nothing_is_refused(full: Site, path: str, status: int) -> None:
    assert full.client(OPERATOR).get(path).status_code == status


def test_once_the_schema_is_known_a_redrive_takes_the_record_in(site: Site, tmp_path: Path) -> None:
    entry = held_for_an_unknown_schema(site.hub, a_delegation(), tmp_path)

    answer = post(site, f"/{entry}/reprise", note="Schéma publié.")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}/{entry}?fait=repris")
    assert len(ledger_of(site.hub)) == 3
    said = text(get(site, answer.headers["location"]))
    assert "L’enregistrement est repris : l’événement est dans le registre." in said
    assert "Repris le" in said
    assert f"par {OPERATOR.reader_id} Schéma publié." in said
    assert "Reprendre l’enregistrement" not in said


def test_a_record_that_still_breaks_the_contract_stays_held_and_says_why(full: Site) -> None:
    (entry,) = (each.entry_id for each in held(full.hub) if each.reason == "unknown_schema")

    answer = post(full, f"/{entry}/reprise", note="")

    assert answer.status_code == 422
    said = text(answer.text)
    assert "Toujours retenu. Motif : Schéma inconnu." in said
    assert "the record still breaks the contract (unknown_schema)" in said
    assert entry in [each.entry_id for each in held(full.hub)]


def test_a_record_is_discarded_only_with_a_reason(site: Site) -> None:
    (entry,) = hold(site.hub, [b"x"])

    refused = post(site, f"/{entry}/ecart", motif="  ")
    assert refused.status_code == 422
    assert '<a href="#champ-motif">' in refused.text
    assert [each.state for each in held(site.hub)] == ["held"]
    answer = post(site, f"/{entry}/ecart", motif=f"Envoyé par un essai {HOSTILE}")
    assert answer.headers["location"] == f"{PATH}/{entry}?fait=ecarte"
    html = get(site, f"{PATH}/{entry}")
    assert "&lt;script&gt;" in html
    assert HOSTILE not in html
    assert numbers(get(site)) == []
    assert numbers(get(site, etat="ecarte")) == [entry]


@pytest.mark.parametrize("what", ["reprise", "ecart"])
def test_what_somebody_decided_before_is_said_and_not_decided_again(site: Site, what: str) -> None:
    (entry,) = hold(site.hub, people(1))
    assert post(site, f"/{entry}/reprise", note="").status_code == 303

    fields = {"note": ""} if what == "reprise" else {"motif": "Encore"}
    answer = post(site, f"/{entry}/{what}", **fields)

    assert answer.headers["location"] == f"{PATH}/{entry}?fait=deja"
    assert "n’était plus retenu" in text(get(site, answer.headers["location"]))
    assert len(ledger_of(site.hub)) == 1


def test_of_redrives_at_the_same_time_one_takes_the_record_in(site: Site) -> None:
    (entry,) = hold(site.hub, people(1))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(site, f"/{entry}/reprise", note=""), range(4)))

    told = sorted(answer.headers["location"].partition("=")[2] for answer in answers)
    assert told == ["deja", "deja", "deja", "repris"]
    assert len(ledger_of(site.hub)) == 1


def test_several_are_redriven_some_at_a_time_until_none_is_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "AT_ONCE", 3)
    good = people(7)
    ids = hold(site.hub, [*good[:2], b"broken", *good[2:]])
    form = get(site, f"{PATH}/reprise", motif="schema-inconnu")
    assert "8 enregistrements retenus" in text(form).replace("\N{NO-BREAK SPACE}", " ")
    fields = hidden(form)
    late = hold(site.hub, people(8)[7:])

    left, rounds = [], 0
    while True:
        answer = post(site, "/reprise", **{"note": "Schéma publié.", **fields})
        assert answer.status_code == 200
        rounds += 1
        left += re.findall(r"Encore\s(\d+)", text(answer.text))
        following = hidden(answer.text)
        if "apres" not in following:
            break
        fields = following

    assert (rounds, left) == (3, ["5", "2"])
    # What cannot be read stays, and what came after the form was shown waits for another one.
    assert [each.entry_id for each in held(site.hub)] == [ids[2], *late]
    assert len(ledger_of(site.hub)) == 7


def test_each_record_of_a_batch_says_what_became_of_it(site: Site) -> None:
    whole = people(1)
    (entry,) = hold(site.hub, whole)
    hold(site.hub, [b"broken"])
    again = hold(site.hub, whole)
    said = text(post(site, "/reprise", motif="schema-inconnu", source="", apres="0", jusqua="99", note="").text)

    assert "2 enregistrements repris, 1 toujours retenu." in said.replace("\N{NO-BREAK SPACE}", " ")
    assert f"N° {entry} Repris : l’événement est dans le registre." in said.replace("\N{NO-BREAK SPACE}", " ")
    assert f"N° {again[0]} Repris : le registre avait déjà cet événement." in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "Toujours retenu. Illisible" in said


def test_a_batch_that_takes_long_stops_and_tells_how_many_are_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "BUDGET_S", 0.0)
    hold(site.hub, people(4))
    said = text(post(site, "/reprise", motif="schema-inconnu", source="", apres="0", jusqua="99", note="").text)

    assert "Encore 3 à reprendre." in said
    assert len(held(site.hub)) == 3


@pytest.mark.parametrize(
    "fields",
    [{"motif": "x"}, {"motif": ""}, {"source": "x"}, {"apres": "-1"}, {"jusqua": "9" * 30}, {"apres": "٣"}],
)
def test_a_form_that_the_page_does_not_have_is_refused(full: Site, fields: dict[str, str]) -> None:
    whole = {"motif": "illisible", "source": "", "apres": "0", "jusqua": "9", "note": "", **fields}

    assert post(full, "/reprise", **whole).status_code == 400


def test_a_note_is_checked_and_kept_in_the_form(full: Site) -> None:
    answer = post(full, "/1/reprise", note="n" * 1_001)

    assert answer.status_code == 422
    assert "Ce texte est trop long" in answer.text
    assert "n" * 1_001 in answer.text
    several = post(full, "/reprise", motif="illisible", source="", apres="0", jusqua="9", note=NIR)
    assert (several.status_code, "sécurité sociale" in several.text) == (422, True)


def test_long_lists_have_pages_that_lead_there_and_back(site: Site) -> None:
    ids = hold(site.hub, [b"x"] * 60)

    def follow(html: str, rel: str) -> str | None:
        found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
        return None if found is None else get(site, unescape(found[1]))

    first = get(site)
    second = follow(first, "next")
    assert second is not None
    third = follow(second, "next")
    assert third is not None
    assert [numbers(each) for each in (first, second, third)] == [ids[:25], ids[25:50], ids[50:]]
    back = follow(third, "prev")
    assert back is not None
    assert numbers(back) == ids[25:50]
    assert (follow(first, "prev"), follow(third, "next")) == (None, None)


def test_an_empty_quarantine_says_so(site: Site) -> None:
    assert "Rien n’attend de décision." in text(get(site))
    assert "Aucun enregistrement ne correspond" in text(get(site, motif="illisible"))
    assert "Plus rien n’est retenu" in text(get(site, f"{PATH}/reprise", motif="illisible"))


@pytest.mark.parametrize("said", ["repris", "double", "ecarte", "deja"])
def test_an_address_does_not_say_of_a_held_record_that_it_was_decided(full: Site, said: str) -> None:
    assert text(get(full, f"{PATH}/1", fait=said)) == text(get(full, f"{PATH}/1"))

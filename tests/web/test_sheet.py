"""The person's sheet: what it says to them, in easy-to-read French, to whom it is shown, and how it prints."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx2
import pytest

from hub.domain.access import Reader
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.events.candidacy import CandidacyProposed
from hub.domain.events.case import CaseClosed, CaseUpdated
from hub.domain.events.delegation import DelegationDeclined, DelegationEnded, DelegationProposed
from hub.domain.events.diagnosis import CrossedDiagnosisConcluded, CrossedDiagnosisContributed, CrossedDiagnosisOpened
from hub.domain.events.pathway import PathwayClosed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.retention import RetentionConcluded, RetentionOpened
from hub.domain.events.service import ServiceCompleted, ServicePrescribed
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.ledger.accesslooks import Looks
from hub.web.sheet import coming, known, looking
from hub.web.sheet.plain import Line
from tests.integration.hubs import SteppingClock, take
from tests.integration.people import AUDITOR, DPO, HEALTH, LEAD, MANAGER, NOBODY, NOW, OTHER, REFERENT, a_life, erased
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, moment, registered
from tests.web.sites import Site, a_site

LONGEST, MEAN = 20, 12
"""Words of a sentence: none longer, and so many at most on average."""
JARGON = (
    "délégation",
    "diagnostic",
    "compensation",
    "prescri",
    "orientation",
    "référent",
    "bénéficiaire",
    "dispositif",
    "modalité",
    "échéance",
    "traitement",
    "rectification",
    "données",
    "réseau",
    "dossier",
    "usager",
    "RGPD",
    "RQTH",
    "BOE",
    "prestation",
    "maintien",
    "insertion",
    "dématérialis",
    "ledit",
    "afin de",
    "veuillez",
    "nonobstant",
)
EMPTY, GONE, LEFT = (FT._replace(local_id=f"3333333333{number}") for number in range(3))
LEFT_CE = CE._replace(local_id="CE-33")
HOSTILE = "<img src=x onerror=alert(1)>"
PEOPLE: dict[str, str] = {}


def together() -> list[Event]:
    """Give somebody whose networks agreed, who was helped, and who left."""
    named: dict[str, Any] = {"crossed_diagnosis_id": "X-9"}
    both: dict[str, Any] = {"france_travail_adviser": "A-1", "cap_emploi_adviser": "C-1"}
    concluded: dict[str, Any] = {"modality": "joint", "lead_network": CAP_EMPLOI, "reason": "person_choice"}
    one: dict[str, Any] = {"delegation_id": "D-1"}
    other: dict[str, Any] = {"delegation_id": "D-2"}
    kept: dict[str, Any] = {"retention_id": "R-1", "siret": EMPLOYER, "origin": "person", "risk": "high"}
    return [
        registered(LEFT, "2020-01-06", family_name=HOSTILE, given_name="Ana", birth_date="1980-02-29"),
        registered(LEFT_CE, "2020-01-07", other=LEFT),
        event(ReferentAssigned, "2020-01-08", LEFT, adviser="A-1", role="referent", from_date="2020-01-08"),
        event(CrossedDiagnosisOpened, "2020-02-01", LEFT, **named, **both),
        event(CrossedDiagnosisContributed, "2020-02-02", LEFT, **named, contribution=HOSTILE),
        event(CrossedDiagnosisContributed, "2020-02-03", LEFT_CE, **named, contribution="x" * 4000),
        event(CrossedDiagnosisConcluded, "2020-02-04", LEFT, **named, **concluded),
        event(DelegationProposed, "2020-03-01", LEFT, **one, ground="compensation", planned_end=None),
        event(DelegationDeclined, "2020-03-02", LEFT_CE, **one, motive="capacity"),
        event(DelegationProposed, "2020-04-01", LEFT, **other, ground="compensation", planned_end="2021-01-01"),
        event(DelegationEnded, "2020-06-01", LEFT_CE, **other, motive="goal_reached"),
        event(
            ServicePrescribed, "2020-05-01", LEFT, service_id="S-1", service="training", starts_on=None, ends_on=None
        ),
        event(ServiceCompleted, "2020-05-20", LEFT, service_id="S-1", ended_on="2020-05-20"),
        event(
            CandidacyProposed, "2020-05-21", LEFT, candidacy_id="K-1", siret=EMPLOYER, rome="K1801", requested_rome=None
        ),
        event(RetentionOpened, "2020-07-01", LEFT_CE, **kept),
        event(RetentionConcluded, "2020-08-01", LEFT_CE, retention_id="R-1", outcome="same_post"),
        event(
            DisabilityTitleRecorded, "2020-01-09", LEFT, title="rqth", valid_from="2020-01-01", valid_to="2021-06-30"
        ),
        event(CaseClosed, "2021-01-01", LEFT_CE, motive="employment"),
        event(PathwayClosed, "2021-01-02", LEFT, motive="retained"),
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SteppingClock(moment(NOW))
    life, left = a_life(), together()
    empty = [event(CaseClosed, "2021-01-04", EMPTY, motive="other")]
    gone = [registered(GONE, "2021-01-04", family_name="Hugo"), erased(GONE, "2021-02-01")]
    more = [
        event(CaseUpdated, "2021-01-20", FT, traits=None, contact={"phone": "0400000000"}, other_case=None),
        event(CaseUpdated, "2021-01-21", CE, traits=None, contact={"phone": "0499999999"}, other_case=None),
        event(
            AppointmentRecorded,
            "2021-04-10",
            FT,
            appointment_id="RV-1",
            starts_at=moment("2021-04-20T08:30:00Z"),
            status="planned",
            mode="on_site",
            place="agency",
        ),
    ]
    free: dict[str, Any] = {"volume_other_slow_per_hour": 10_000, "volume_other_stop_per_day": 10_000}
    with a_site(tmp_path_factory.mktemp("sheet"), clock=clock, **free) as running:
        take(running.hub, [*life, *more, *left, *empty, *gone])
        firsts: dict[str, Event] = {"own": life[0], "left": left[0], "empty": empty[0], "gone": gone[0]}
        PEOPLE.update({name: each.meta.event_id for name, each in firsts.items()})
        for name in ("left", "empty", "gone"):
            reason = {"code": "person_request", "text": "La personne demande sa fiche."}
            running.api.client(OTHER).post(f"/api/v1/pathways/{PEOPLE[name]}/reasons", json=reason)
        yield running


def get(site: Site, reader: Reader = REFERENT, who: str = "own") -> httpx2.Response:
    """Ask for the sheet."""
    return site.client(reader).get(f"/parcours/{PEOPLE.get(who, who)}/fiche")


class Sentences(HTMLParser):
    """Reads the sheet's own sentences: what somebody wrote stands in `bdi`, and counts as one word."""

    BREAKS: ClassVar[frozenset[str]] = frozenset({"p", "li", "h1", "h2", "h3", "section", "ul", "ol", "div", "header"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks = [""]
        self._quoted = 0
        self.feed(page.partition('<article class="h-sheet">')[2].partition("</article>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS:
            self.blocks.append("")
        self._quoted += tag == "bdi"

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BREAKS:
            self.blocks.append("")
        if tag == "bdi":
            self._quoted -= 1
            self.blocks[-1] += "X"

    def handle_data(self, data: str) -> None:
        if not self._quoted:
            self.blocks[-1] += data

    @property
    def found(self) -> list[str]:
        """Give the sentences; a day or a number with its unit is one word."""
        parts = (re.split(r"(?<=[.?!])\s+", " ".join(block.split(" \n")).strip()) for block in self.blocks)
        return [each for block in parts for each in block if re.search(r"\w", each)]


def words_of(sentence: str) -> int:
    """Count words."""
    return len(re.findall(r"[^\s\u00a0,;:.?!]+", sentence))


def all_sheets(site: Site) -> str:
    """Give every sheet of everybody, one after another."""
    asked = [(REFERENT, "own"), (LEAD, "own"), *((OTHER, who) for who in ("left", "empty")), (AUDITOR, "gone")]
    pages = [get(site, reader, who) for reader, who in asked]
    assert [page.status_code for page in pages] == [200] * len(pages)
    return "\n".join(page.text for page in pages)


def sentences(site: Site) -> list[str]:
    """Give the sentences of every sheet."""
    asked = [(REFERENT, "own"), (LEAD, "own"), *((OTHER, who) for who in ("left", "empty")), (AUDITOR, "gone")]
    return [each for reader, who in asked for each in Sentences(get(site, reader, who).text).found]


def test_sentences_are_short(site: Site) -> None:
    found = sentences(site)
    assert len(set(found)) > 80
    assert [each for each in found if words_of(each) > LONGEST] == []
    assert sum(map(words_of, found)) / len(found) <= MEAN


def test_words_are_everyday_ones_and_abbreviations_are_explained(site: Site) -> None:
    found = "\n".join(sentences(site))
    assert [word for word in JARGON if word.lower() in found.lower()] == []
    short = set(re.findall(r"\b[A-Z]{2,}\b", found)) - {"X", "CNIL", "TSA"}
    assert short == set()
    assert "CNIL veut dire" in found


def test_days_are_written_out(site: Site) -> None:
    found = "\n".join(sentences(site))
    assert re.search(r"\d{2}/\d{2}/\d{4}|\d{4}-\d{2}-\d{2}", found) is None
    assert "20\u00a0avril\u00a02021, à 10\u00a0heures\u00a030" in found


def test_it_says_who_accompanies_what_was_decided_and_what_comes_next(site: Site) -> None:
    get(site)  # so that somebody has looked
    page = get(site).text
    for said in (
        "Un conseiller de France Travail",
        "Cette personne est votre conseiller principal.",
        "France Travail a demandé à Cap emploi de vous accompagner.",
        "Cap emploi a dit oui.",
        "Vous avez un rendez-vous le mardi 20",
        "Votre téléphone selon Cap emploi",
        "Dites à votre conseiller ce qui est juste.",
        "zz needs",
        "Un conseiller de France Travail a regardé",
        "Vous pouvez écrire à la CNIL.",
    ):
        assert said in page.replace("\u00a0", " "), said


def test_it_tells_the_person_who_looked_for_a_reason_without_naming_them(site: Site) -> None:
    get(site, OTHER, "left")
    page = get(site, OTHER, "left").text
    assert "Un conseiller de Cap emploi a regardé" in page
    assert "Pourquoi\u00a0: vous l’avez demandé." in page
    assert OTHER.reader_id not in page


def test_a_sheet_without_health_data_says_that_it_is_incomplete(site: Site) -> None:
    page = get(site, LEAD).text
    assert "Cette fiche est incomplète" in page
    assert [word for word in HEALTH if word in page] == []
    assert "Cette fiche est incomplète" not in get(site).text


def test_somebody_of_whom_little_is_known_gets_a_sheet_too(site: Site) -> None:
    page = get(site, OTHER, "empty").text
    assert "Personne ne vous accompagne en ce moment." in page
    assert "Aucune date n’est prévue." in page


def test_an_erased_persons_sheet_says_only_that(site: Site) -> None:
    page = get(site, AUDITOR, "gone").text
    assert "Vos informations ont été effacées" in page
    assert [word for word in ("Hugo", "HUGO", "Qui a regardé", "Ce qui est écrit") if word in page] == []


def test_what_advisers_wrote_is_shown_as_text_and_a_long_text_whole(site: Site) -> None:
    page = get(site, OTHER, "left")
    assert "<img src=x" not in page.text
    assert "&lt;img src=x" in page.text
    assert "x" * 4000 in page.text
    assert len(page.content) < 45_000


def test_no_code_of_the_program_stands_on_a_sheet(site: Site) -> None:
    text = re.sub(r"<[^>]*>", " ", all_sheets(site)).replace("zz_", "")
    assert re.search(r"\b[a-z]+_[a-z_]+\b", text) is None
    assert "None" not in text


def test_who_reads_nobody_prints_no_sheet_and_nobody_learns_who_is_here(site: Site) -> None:
    assert get(site, MANAGER).status_code == 403
    answers = [get(site, DPO, who) for who in ("own", NOBODY)]
    assert [each.status_code for each in answers] == [403, 403]
    bodies = [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|<code>[0-9a-f]+</code>", "", each.text) for each in answers]
    assert bodies[0] == bodies[1]


def test_the_title_names_nobody(site: Site) -> None:
    assert "<title>Fiche de la personne – Parcours Hub</title>" in get(site).text
    assert date(2021, 4, 15).isoformat() in get(site).text


def placed(*placements: dict[str, Any]) -> str:
    rows = [{"contract": "cdd", "siret": EMPLOYER, "event_id": "e", **each} for each in placements]
    view: Any = SimpleNamespace(timeline=[], tables=defaultdict(list, placement=rows))
    (block,) = known.themes(view, [], date(2021, 3, 2))
    return " ".join(line.text for line in block.lines).replace("\N{NO-BREAK SPACE}", " ")


def test_a_contract_is_told_as_it_is_on_the_day_of_the_sheet() -> None:
    now = placed({"starts_on": date(2021, 1, 4), "ends_on": date(2021, 3, 2)})
    over = placed({"starts_on": date(2021, 1, 4), "ends_on": date(2021, 3, 1)})
    coming = placed({"starts_on": date(2021, 3, 3), "ends_on": None})

    assert "Vous avez un contrat avec une date de fin depuis le 4 janvier 2021. Ce contrat finit le 2 mars" in now
    assert "Vous aviez un contrat avec une date de fin." in over
    assert "Il est fini depuis le 1er mars 2021." in over
    assert "Vous allez avoir un contrat avec une date de fin. Il commence le 3 mars 2021." in coming


def written(**tables: list[dict[str, Any]]) -> str:
    view: Any = SimpleNamespace(timeline=[], tables=defaultdict(list, tables))
    blocks = known.themes(view, [], date(2021, 3, 2))
    said = " ".join(f"{line.text} {line.value or ''} {line.note or ''}" for block in blocks for line in block.lines)
    return " ".join(said.split())


def test_places_are_called_by_their_names() -> None:
    claims = {"commune": "69123", "birth_place": "99352"}

    said = written(
        claim=[
            {"fact": fact, "value": value, "accepted_by": "latest_claim", "event_id": "e", "set_by": {}}
            for fact, value in claims.items()
        ]
    )

    assert "Votre lieu de naissance : Algérie" in said
    assert "Votre commune : Lyon" in said
    assert not re.search(r"\d", said)


def test_two_places_of_one_name_are_told_apart() -> None:
    def contested(one: str, other: str) -> str:
        return written(contradiction=[{"fact": "commune", "france_travail_value": one, "cap_emploi_value": other}])

    assert "selon France Travail : Saint-Denis (93066)" in contested("93066", "97411")
    assert "selon Cap emploi : Saint-Denis (97411)" in contested("93066", "97411")
    assert "selon France Travail : Lyon Votre" in contested("69123", "97411")


def test_an_occupation_is_called_by_its_name_and_an_employers_number_can_be_read_out() -> None:
    said = written(candidacy=[{"siret": EMPLOYER, "rome": "K2204", "event_id": "e"}])

    assert "Un employeur a reçu votre candidature. Le métier : Nettoyage de locaux" in said
    assert f"Numéro de l’employeur : {' '.join((EMPLOYER[:3], EMPLOYER[3:6], EMPLOYER[6:9], EMPLOYER[9:]))}." in said
    assert "numéro de l’employeur : inconnu" in written(candidacy=[{"siret": None, "rome": None, "event_id": "e"}])


JANUARY = date(2023, 1, 9)


def of(**tables: list[dict[str, Any]]) -> Any:
    return SimpleNamespace(timeline=[], tables=defaultdict(list, tables))


def title(code: str, first: date, last: date | None) -> dict[str, Any]:
    return {"title": code, "valid_from": first, "valid_to": last, "event_id": "e"}


@pytest.mark.parametrize(
    ("outcome", "loses_work"), [("not_retained", True), ("job_kept_part_time", False), (None, False)]
)
def test_nobody_is_told_of_a_loss_of_work_that_nobody_stated(outcome: str | None, loses_work: bool) -> None:
    row = {"concluded_at": moment(NOW), "outcome": outcome}
    (line,) = coming.decided(of(retention=[row]), JANUARY)
    assert ("Vous quittez votre travail" in line.text) is loses_work
    assert ("est finie" in line.text) is not loses_work


def test_a_title_of_later_is_not_said_to_be_held_already() -> None:
    view = of(title=[title("rqth", date(2023, 6, 1), date(2028, 5, 31))])
    (block,) = known.themes(view, [], JANUARY)
    (line,) = block.lines
    assert line.text.replace("\N{NO-BREAK SPACE}", " ") == "Vous allez avoir :"
    note = (line.note or "").replace("\N{NO-BREAK SPACE}", " ")
    assert note == "Cela commence le 1er juin 2023. Cela dure jusqu’au 31 mai 2028."


def test_a_title_that_ends_is_told_by_its_own_name() -> None:
    view = of(title=[title("aah", date(2020, 1, 1), date(2023, 1, 20))])
    (line,) = coming.next_up(view, moment("2023-01-09T09:00:00Z"), JANUARY)
    assert line.text.replace("\N{NO-BREAK SPACE}", " ") == (
        "L’allocation aux adultes handicapés se termine le 20 janvier 2023."
    )


@pytest.mark.parametrize(
    ("first", "last", "ends"),
    [
        (date(2023, 1, 21), date(2028, 1, 20), ["20 janvier 2028"]),
        (date(2023, 1, 21), None, []),
        (date(2023, 2, 1), None, ["20 janvier 2023"]),
    ],
)
def test_a_title_that_is_renewed_without_a_gap_is_not_said_to_end(
    first: date, last: date | None, ends: list[str]
) -> None:
    view = of(title=[title("rqth", date(2020, 1, 1), date(2023, 1, 20)), title("rqth", first, last)])
    lines = coming.next_up(view, moment("2023-01-09T09:00:00Z"), JANUARY)
    said = [line.text.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
    assert [each.partition(" se termine le ")[2].rstrip(".") for each in said] == ends


def test_whoever_was_only_asked_to_wait_is_not_said_to_have_no_right() -> None:
    counted = [
        Looks(("adviser",), None, False, False, outcome, None, None, 1, moment(NOW))
        for outcome in ("slowed", "stopped", "refused")
    ]
    (line,) = looking.looks(counted)
    assert line.text.replace("\N{NO-BREAK SPACE}", " ").startswith("1 fois, une personne a demandé à voir sans")


def test_that_a_name_stands_on_a_list_is_no_look_and_said_apart() -> None:
    seen = Looks(("adviser",), FRANCE_TRAVAIL, False, False, "shown", "referent", None, 2, moment(NOW))
    listed = seen._replace(is_list=True, ground="referent", times=1_215)
    lines = looking.looks([listed, seen, listed._replace(ground="site")])
    assert [line.text.replace("\N{NO-BREAK SPACE}", " ") for line in lines] == [
        "Un conseiller de France Travail a regardé 2 fois.",
        "Votre nom apparaît aussi dans des listes de travail.",
    ]


def told(lines: Iterable[Line]) -> list[str]:
    return [f"{each.text} {each.value or ''} {each.note or ''}".replace("\N{NO-BREAK SPACE}", " ") for each in lines]


def test_an_action_whose_day_is_over_is_not_said_to_be_still_to_do() -> None:
    plan = [
        {"title": title, "owner": CAP_EMPLOI, "due_on": due}
        for title, due in (("Passée", date(2022, 11, 14)), ("À venir", date(2023, 2, 1)), ("Sans jour", None))
    ]
    past, coming_up, undated = told(coming.decided(of(plan_action=plan), JANUARY))
    assert past.startswith("Une action était prévue : Passée C’était à faire avant le")
    assert "Demandez si c’est fait." in past
    assert coming_up.startswith("Une action est prévue : À venir Cap emploi s’en occupe avec vous. À faire avant")
    assert undated.endswith("Sans date.")


@pytest.mark.parametrize(("status", "goes_on"), [("open", True), ("closed", False)])
def test_the_end_of_a_request_is_told_apart_from_who_helps_the_person_now(status: str, goes_on: bool) -> None:
    ended = {"proposed_at": None, "status": "ended", "accepted_at": None, "ended_at": moment("2022-12-26")}
    (line,) = told(coming.decided(of(delegation=[ended], leg=[{"network": CAP_EMPLOI, "status": status}]), JANUARY))
    assert line.startswith("Cette demande de France Travail est finie depuis le")
    assert ("Cap emploi continue de vous suivre." in line) is goes_on

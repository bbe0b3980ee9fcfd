"""An accompaniment that has ended, whose turn it is, and what is due again, as the pathway's page and the sheet say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import MappingProxyType

import pytest

from hub.access.fields import shown
from hub.audit.leading import ended_by, led_until
from hub.domain.access import Reader, Sight
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseReopened
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.pathway import PathwayClosed
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.projections.timeline import timeline_row
from hub.projections.view import View, of_state, timeline_rows
from hub.web.frieze.choice import Place
from hub.web.frieze.frieze import frieze_of
from hub.web.naming.names import UNNAMED, Adviser, Names
from hub.web.pathway.acts import Acts
from hub.web.pathway.agenda import due_things
from hub.web.pathway.heading import Head, head_of
from hub.web.sheet.sheet import Sheet, sheet_of
from hub.web.turns import turns_of
from hub.web.words import NBSP
from tests.unit.pathway.builders import CE, FT, event, pathway, registered, voided

TODAY = date(2021, 9, 15)
NOW = datetime(2021, 9, 15, 9, tzinfo=UTC)
NAMES = Names(
    MappingProxyType(
        {
            (FRANCE_TRAVAIL, "A-1"): Adviser("Adèle Bailly"),
            (CAP_EMPLOI, "C-4"): Adviser("Karim Benali"),
        }
    ),
    MappingProxyType({"69244": "Agence de Tassin"}),
)
MINE = Reader("mine", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-1")
THEIRS = Reader("theirs", frozenset({"adviser"}), CAP_EMPLOI, "C-4")
AUDITOR = Reader("auditor", frozenset({"auditor"}))


def view(*events: Event) -> View:
    """Lay out what these events come to, with what voids strike out."""
    state = pathway(*events)
    lines = timeline_rows((FT, timeline_row(each, state.corrections.voided.get(each.meta.event_id))) for each in events)
    return of_state(state, (FT, CE), lines, [])


def assigned(adviser: str, at: str, case: CaseKey = FT) -> ReferentAssigned:
    return event(ReferentAssigned, at, case, adviser=adviser, role="referent", from_date=at)


BOTH = (registered(FT, "2021-01-04"), registered(CE, "2021-01-11"), assigned("A-1", "2021-01-06"))
CE_LEFT = event(CaseClosed, "2021-05-03", CE, motive="other")
FT_LEFT = event(CaseClosed, "2021-06-01", FT, motive="moved")
BACK = event(CaseReopened, "2021-08-02", CE)
STARTED = event(FollowUpStarted, "2021-02-01", placement_id="P-1", due_on=["2021-04-01"])
DONE = event(FollowUpRecorded, "2021-04-02", placement_id="P-1", due_on="2021-04-01", state="in_post")
UNDONE = voided(DONE, "2021-04-12", CE)


def head(*events: Event, sight: Sight = Sight.FULL) -> Head:
    seen = shown(view(*events), sight)
    found = head_of(seen, Acts(seen.timeline, names=NAMES), TODAY)
    assert found is not None
    return found


def summary(*events: Event) -> str:
    return head(*events).summary.replace(NBSP, " ")


def turns(reader: Reader, *events: Event, names: Names = NAMES) -> list[str]:
    of = view(*events)
    found = due_things(of, Acts(of.timeline, names=names), TODAY, turns_of(of, TODAY, reader, names))
    return [each.by.replace(NBSP, " ") for each in found]


def sheet(*events: Event) -> Sheet:
    return sheet_of(view(*events), Sight.FULL, (), (), NOW)


def told(*events: Event) -> str:
    return " ".join(frieze_of(view(*events), NOW, Place("/parcours/p"), names=NAMES).summary).replace(NBSP, " ")


def test_the_head_says_when_and_why_each_network_left() -> None:
    found = head(*BOTH, CE_LEFT, FT_LEFT)
    assert summary(*BOTH, CE_LEFT, FT_LEFT) == "Accompagnement terminé depuis le 1er juin 2021."
    assert found.ended is not None
    assert {(each.network, each.why, each.act and each.act.event_id) for each in found.ended.closings} == {
        (FRANCE_TRAVAIL, "déménagement", FT_LEFT.meta.event_id),
        (CAP_EMPLOI, "autre motif", CE_LEFT.meta.event_id),
    }
    assert found.ended.left == 0
    assert found.lead is None
    assert found.referent is not None
    assert found.referent.term == "Dernier référent"
    assert "du 6 janvier 2021 au 1er juin 2021" in found.referent.value.replace(NBSP, " ")


def test_why_a_record_was_closed_is_not_said_without_health() -> None:
    ended = head(*BOTH, CE_LEFT, FT_LEFT, sight=Sight.WITHOUT_HEALTH).ended
    assert ended is not None
    assert [each.why for each in ended.closings] == ["", ""]
    assert ended.on == date(2021, 6, 1)


@pytest.mark.parametrize("sight", [Sight.FULL, Sight.WITHOUT_HEALTH])
def test_an_exit_stated_is_said_beside_the_records_still_open(sight: Sight) -> None:
    left = event(PathwayClosed, "2021-06-01", CE, motive="lasting_employment")
    ended = head(*BOTH, left, sight=sight).ended
    assert ended is not None
    assert ended.is_left
    assert [(each.number != "", each.act is not None, each.why) for each in ended.closings] == [
        (True, False, ""),
        (True, False, ""),
        (False, True, "emploi durable"),
    ]


def test_a_record_reopened_makes_it_current_again() -> None:
    events = (*BOTH, CE_LEFT, FT_LEFT, BACK)
    found = head(*events)
    assert found.ended is None
    assert summary(*events) == "À l’accueil, sans référent depuis le 1er juin 2021."
    assert led_until(view(*events)) == date(2021, 6, 1)
    named = assigned("C-4", "2021-08-03", CE)
    assert summary(*events, named) == "À l’accueil, référent Cap emploi depuis le 3 août 2021."


def test_one_network_that_left_ends_nothing_for_the_other() -> None:
    assert head(*BOTH, CE_LEFT).ended is None
    assert summary(*BOTH, CE_LEFT) == "À l’accueil, référent France Travail depuis le 6 janvier 2021."
    assert summary(*BOTH, FT_LEFT) == "À l’accueil, sans référent depuis le 1er juin 2021."
    assert ended_by(view(*BOTH, FT_LEFT)) is None


def test_a_follow_up_announced_is_expected_after_the_end_and_of_no_adviser() -> None:
    events = (*BOTH, STARTED, CE_LEFT, FT_LEFT)
    ended = head(*events).ended
    assert ended is not None
    assert ended.left == 1
    assert summary(*events) == "Accompagnement terminé depuis le 1er juin 2021, 1 échéance dépassée."
    assert turns(MINE, *events) == ["à Cap emploi, Agence de Tassin (69244)"]
    assert turns(THEIRS, *events) == ["à votre réseau, Agence de Tassin (69244)"]


def test_the_frieze_tells_the_time_without_accompaniment_and_what_it_went_on_with() -> None:
    ended = told(*BOTH, CE_LEFT, FT_LEFT)
    assert "accueil (du 04/01/2021 au 01/06/2021), puis sortie du parcours (depuis le 01/06/2021)" in ended
    assert "(du 06/01/2021 au 01/06/2021)" in ended
    assert "Accompagnement terminé depuis le 1er juin 2021." in ended
    again = told(*BOTH, CE_LEFT, FT_LEFT, BACK)
    assert "sortie du parcours (du 01/06/2021 au 02/08/2021), puis accueil (depuis le 02/08/2021)" in again
    assert "terminé" not in again


def test_the_sheet_names_nobody_and_promises_nothing_after_the_end() -> None:
    delegated = (
        event(DelegationProposed, "2021-02-01", delegation_id="D-1", planned_end="2022-01-01"),
        event(DelegationAccepted, "2021-02-08", CE, delegation_id="D-1"),
    )
    before, after = sheet(*BOTH, *delegated), sheet(*BOTH, *delegated, CE_LEFT, FT_LEFT)
    assert before.advisers
    assert any("jusqu’au" in line.text for line in before.decided)
    assert (after.advisers, after.decided, after.has_ended) == ((), (), True)
    assert after.standing[0].text.startswith("Vos conseillers ne vous suivent plus.")
    assert not sheet(*BOTH, *delegated, CE_LEFT, FT_LEFT, BACK).has_ended


ASKED = event(ExpertiseRequested, "2021-03-01", FT, request_id="E-1", topic="rights", site="69244")


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (MINE, "à Karim Benali (C-4), Cap emploi"),
        (THEIRS, "à vous"),
        (THEIRS._replace(adviser="C-5"), "à Karim Benali (C-4), de votre réseau"),
        (AUDITOR, "à Karim Benali (C-4), Cap emploi"),
    ],
)
def test_whoever_received_the_delegation_is_named(reader: Reader, said: str) -> None:
    accepted = event(DelegationAccepted, "2021-02-08", CE, delegation_id="D-1")
    accepted = accepted.model_copy(update={"meta": accepted.meta.model_copy(update={"actor_id": "C-4"})})
    delegated = (event(DelegationProposed, "2021-02-01", delegation_id="D-1"), accepted)
    assert turns(reader, *BOTH, *delegated, ASKED) == [said]


def test_the_site_is_named_where_no_adviser_is_known_and_the_network_where_no_site_is() -> None:
    assert turns(MINE, *BOTH, ASKED) == ["à Cap emploi, Agence de Tassin (69244)"]
    siteless = (registered(FT, "2021-01-04"), registered(CE, "2021-01-11", site=None), assigned("A-1", "2021-01-06"))
    asked = event(ExpertiseRequested, "2021-03-01", FT, request_id="E-1", topic="rights", site=None)
    assert turns(MINE, *siteless, asked) == ["à Cap emploi"]
    assert turns(THEIRS, *siteless, asked) == ["à votre réseau"]


def test_an_adviser_without_a_name_is_called_by_their_code() -> None:
    events = (*BOTH, assigned("C-9", "2021-02-01", CE), ASKED)
    assert turns(MINE, *events, names=UNNAMED) == ["au conseiller C-9, Cap emploi"]


def test_a_point_done_and_then_voided_says_both_with_their_events() -> None:
    of = view(*BOTH, STARTED, DONE, UNDONE)
    (due,) = due_things(of, Acts(of.timeline), TODAY, turns_of(of, TODAY, MINE, UNNAMED))
    (found,) = due.undone
    assert found.said.replace(NBSP, " ") == "fait le 2 avril 2021, puis annulé le 12 avril 2021"
    assert found.void is not None
    assert (found.done.event_id, found.void.event_id) == (DONE.meta.event_id, UNDONE.meta.event_id)
    again = "À refaire : point du 1er avril 2021, placement P-1, fait le 2 avril 2021, puis annulé le 12 avril 2021."
    assert again in told(*BOTH, STARTED, DONE, UNDONE)
    assert "À refaire" not in told(*BOTH, STARTED, DONE)
    assert "À refaire" not in told(*BOTH, STARTED)


def test_the_frieze_says_under_the_announcement_why_a_point_is_due_again() -> None:
    frieze = frieze_of(view(*BOTH, STARTED, DONE, UNDONE), NOW, Place("/parcours/p"))
    assert "fait le 2 avril 2021, puis annulé le 12 avril 2021" in str(frieze.chronicle).replace("\\xa0", " ")
    assert "fait le 2 avril 2021, puis annulé le 12 avril 2021" in str(frieze.overview).replace("\\xa0", " ")


def test_a_void_of_a_later_day_than_the_one_shown_is_said_without_its_day() -> None:
    of = view(*BOTH, STARTED, DONE, UNDONE)
    then = of._replace(timeline=[line for line in of.timeline if line["event_id"] != UNDONE.meta.event_id])
    (due,) = due_things(then, Acts(then.timeline), date(2021, 4, 5), turns_of(then, TODAY, MINE, UNNAMED))
    (found,) = due.undone
    assert (found.void, found.said.replace(NBSP, " ")) == (None, "fait le 2 avril 2021, annulé depuis")


def test_the_sheet_says_of_a_point_that_was_not_held_that_it_was_written_in_error() -> None:
    late = [line for line in sheet(*BOTH, STARTED, DONE, UNDONE).next_up if "devait" in line.text]
    assert [line.note for line in late] == ["C’était écrit comme fait. C’était une erreur."]
    assert [line.note for line in sheet(*BOTH, STARTED).next_up if "devait" in line.text] == [None]

"""A contradiction is settled by a form: what it comes to, and when it is out of date."""

from __future__ import annotations

from hub.api.documents.decisions import Settle
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.correction import ContradictionSettled
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections.timeline import timeline_row
from hub.projections.view import View, of_state, timeline_rows
from hub.web.form import Fields
from hub.web.pathway.acts import Acts
from hub.web.pathway.disputes import disputes
from hub.web.pathway.settling import FIELDS, Refused, checked
from tests.unit.pathway.builders import CE, FT, event, pathway, ref, registered


def view(*events: Event) -> View:
    """Lay out what these events come to."""
    lines = timeline_rows((FT, timeline_row(each, None)) for each in events)
    return of_state(pathway(*events), (FT, CE), lines, [])


def acts(of: View) -> Acts:
    return Acts(of.timeline)


def claims() -> list[Event]:
    return [
        registered(FT, "2021-01-04", family_name="Lefèvre", given_name="Zoé"),
        registered(CE, "2021-01-05", other=FT, family_name="Lefebvre", given_name="Zoé"),
    ]


def settled(network: str, at: str) -> Event:
    return event(ContradictionSettled, at, FT, fact="family_name", kept_network=network, reason="Vu.")


def filled(mark: str, *, fact: str = "family_name", kept: str = CAP_EMPLOI, reason: str = "Vu.") -> Fields:
    return Fields({"fait": fact, "vu": mark, "reseau": kept, "raison": reason}, FIELDS)


def test_a_settled_contradiction_stays_to_be_settled_otherwise() -> None:
    before = view(*claims())
    after = view(*claims(), settled(FRANCE_TRAVAIL, "2021-02-01"))
    (open_one,), (settled_one,) = disputes(before, acts(before)), disputes(after, acts(after))

    assert open_one.is_open
    assert [side.value for side in open_one.sides] == ["Lefèvre", "Lefebvre"]
    assert (settled_one.kept, settled_one.is_open) == (FRANCE_TRAVAIL, False)
    assert [side.value for side in settled_one.sides] == ["Lefèvre", "Lefebvre"]


def test_a_mark_changes_with_every_claim_and_decision() -> None:
    histories = (
        claims(),
        [*claims(), event(CaseUpdated, "2021-02-01", CE, traits={"family_name": "Lefebure"})],
        [*claims(), settled(FRANCE_TRAVAIL, "2021-02-01")],
        [*claims(), settled(CAP_EMPLOI, "2021-02-01")],
        [*claims(), settled(FRANCE_TRAVAIL, "2021-02-01"), settled(FRANCE_TRAVAIL, "2021-02-02")],
    )
    marks = [disputes(each, acts(each))[0].mark for each in (view(*history) for history in histories)]
    assert len(set(marks)) == len(marks)


def test_a_form_comes_to_a_decision_about_the_record_whose_claim_is_kept() -> None:
    shown = view(*claims())
    found = disputes(shown, acts(shown))

    decision = checked(filled(found[0].mark), found)
    assert isinstance(decision, Settle)
    assert (decision.case, decision.kept_network) == (ref(CE), CAP_EMPLOI)
    for wrong in ({"kept": ""}, {"reason": " \n"}, {"reason": "x" * 4_001}, {"reason": "x\x00"}):
        refused = checked(filled(found[0].mark, **wrong), found)
        assert isinstance(refused, Refused)
        assert refused.summary
        assert not refused.is_late
    for stale in (filled("0"), filled(found[0].mark, fact="email")):
        refused = checked(stale, found)
        assert isinstance(refused, Refused)
        assert refused.is_late

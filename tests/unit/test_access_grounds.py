"""Grounds of access for all inputs: nobody sees more than theirs give, and a reason or a tie takes nothing away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from hub.domain import access
from hub.domain.access import DENIED, READ_AFTER, ROLES, Reader, Sight, Tie, TieGround, may, sees

SITE = "69244"
NETWORKS = ("france_travail", "cap_emploi")


readers = st.builds(
    Reader,
    st.just("issuer|1"),
    st.frozensets(st.sampled_from(ROLES)),
    st.sampled_from([None, "", *NETWORKS]),
    st.sampled_from([None, "", "A-1", "A-2"]),
    sites=st.frozensets(st.sampled_from([SITE, "69001"])),
    is_system=st.booleans(),
)
days = st.dates(date(2021, 1, 1), date(2021, 12, 31))
ties = st.builds(
    Tie,
    st.sampled_from(get_args(TieGround)),
    st.sampled_from(NETWORKS),
    st.sampled_from(["", "A-1", "A-2"]),
    st.sampled_from([None, SITE, "69001"]),
    days,
    st.none() | days,
)
histories = st.lists(ties, max_size=5)


@given(readers, histories, days, st.booleans())
def test_managers_operators_and_publishers_see_nobody_whatever_ties_them(
    who: Reader, held: list[Tie], today: date, has_reason: bool
) -> None:
    blind = who._replace(roles=who.roles & {"manager", "operator", "publisher"})
    assert sees(blind, held, today, has_reason=has_reason) == DENIED


@given(readers, histories, days, st.booleans())
def test_a_system_sees_nobody_whatever_its_token_says(
    who: Reader, held: list[Tie], today: date, has_reason: bool
) -> None:
    system = who._replace(is_system=True)
    assert sees(system, held, today, has_reason=has_reason) == DENIED
    assert not may(system, access.READ_PERSON)
    assert not may(system, access.BREAK_GLASS)


@given(readers, histories, days)
def test_a_reason_never_shows_less(who: Reader, held: list[Tie], today: date) -> None:
    without = sees(who, held, today, has_reason=False)
    assert sees(who, held, today, has_reason=True).sight >= without.sight


@given(readers, histories, days, st.booleans())
def test_a_verdict_shows_what_one_of_the_grounds_gives_and_no_more(
    who: Reader, held: list[Tie], today: date, has_reason: bool
) -> None:
    whole = sees(who, held, today, has_reason=has_reason)
    alone = [
        sees(who._replace(roles=frozenset({role})), [each] if each else [], today, has_reason=has_reason)
        for role in who.roles
        for each in (None, *held)
    ]
    assert whole.sight == max((verdict.sight for verdict in alone), default=Sight.NOTHING)
    assert whole in [*alone, DENIED]
    assert (whole.ground is None) is (whole.sight is Sight.NOTHING)


@given(readers, ties, days)
def test_access_ends_exactly_30_days_after_the_last_day(who: Reader, of: Tie, last: date) -> None:
    of = of._replace(from_date=min(of.from_date, last), until_date=last)
    on_last_day = sees(who, [of], last, has_reason=False)
    assert sees(who, [of], last + READ_AFTER, has_reason=False) == on_last_day
    after = sees(who, [of], last + READ_AFTER + timedelta(1), has_reason=False)
    assert after == sees(who, [], last, has_reason=False)


@given(readers, histories, ties, days, st.booleans())
def test_another_tie_never_shows_less(who: Reader, held: list[Tie], more: Tie, today: date, has_reason: bool) -> None:
    before = sees(who, held, today, has_reason=has_reason)
    assert sees(who, [*held, more], today, has_reason=has_reason).sight >= before.sight

"""Reading days as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.days import day_of


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_any_day_is_read_in_every_form(day: date) -> None:
    forms = (
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day.year}",
        f" {day:%d %m %Y} ",
        f"{day:%d.%m.%Y}",
        f"{day:%d-%m-%Y}",
        f"{day:%d%m%Y}",
        day.isoformat(),
    )
    assert {day_of(form) for form in forms} == {day}


@pytest.mark.parametrize(
    "text", ["", "31/02/1980", "00/01/1980", "17/05/80", "1980", "mai", "17/05/1980/1", "²/5/1980"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert day_of(text) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_day(text: str) -> None:
    read = day_of(text)
    assert read is None or read.year > 0

"""Spellings of one sound fall together, and different names mostly do not."""

from __future__ import annotations

import pytest

from hub.domain.identity.sound import skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [("dupont", "dupond"), ("mohamed", "mohammed"), ("philippe", "filipe"), ("wagner", "vagner"), ("leroy", "leroi")],
)
def test_spellings_of_one_sound_fall_together(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("martin", "morel"), ("aubry", "dubry"), ("durand", "dumont")])
def test_different_sounds_stay_apart(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("name", ["", "y", "h", "aa", "李明"])
def test_any_name_has_a_skeleton(name: str) -> None:
    assert len(skeleton(name)) <= len(name)

"""Codes within a sentence stay on one line, and nothing of the sentence is lost."""

from __future__ import annotations

from html import unescape

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from hub.web.naming.codes import unbroken

OPEN, CLOSE = '<span class="h-one-line">', "</span>"


def test_a_code_stays_whole_with_its_brackets_and_comma() -> None:
    """The line breaks beside it, not in it, and never leaves a bracket behind."""
    assert unbroken("Adèle Bailly (ft-69906-02), de France Travail") == (
        f"Adèle Bailly {OPEN}(ft-69906-02),{CLOSE} de France Travail"
    )


def test_long_codes_and_words_break_as_ever() -> None:
    """A word with a hyphen is no code, and a long code would be wider than a phone."""
    for text in ("Auvergne-Rhône-Alpes", "dossier 3f0e8a52-6d0b-4f55-9f0e-1c2d3e4f5a6b"):
        assert unbroken(text) == text


@given(st.text(st.sampled_from("ab1-(),.<>&\"' "), max_size=60))
def test_a_text_says_what_it_said_and_is_escaped(text: str) -> None:
    """Only the marks around codes are added."""
    plain = unbroken(text).replace(OPEN, "").replace(CLOSE, "")
    assert plain == escape(text)
    assert unescape(plain) == text

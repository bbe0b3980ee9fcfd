"""How a French name sounds, roughly: the same letters for the spellings that are most often confused."""

from __future__ import annotations

import re

_SPELLINGS = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"qu|ck|[cq]"), "k"),
    (re.compile(r"[zx]"), "s"),
    (re.compile(r"w"), "v"),
    (re.compile(r"y"), "i"),
    (re.compile(r"h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"(?<=...)[dpst]+$"), ""),
)
_INNER_VOWELS = re.compile(r"(?<!^)[aeiou]")


def skeleton(name: str) -> str:
    """Give the first letter and the consonants of a normal name, in one spelling for one sound.

    Dupont and Dupond, Mohamed and Mohammed, Philippe and Filipe fall together. Only for finding candidates and scoring
    them: many different names fall together too.
    """
    for spelling, sound in _SPELLINGS:
        name = spelling.sub(sound, name)
    return _INNER_VOWELS.sub("", name)

"""How a French name sounds, roughly: the same letters for the spellings that are most often confused."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGRAPHS = (("ph", "f"), ("qu", "k"), ("ck", "k"))
_LETTERS = str.maketrans("cqzxwy", "kkssvi", "h")
_DOUBLED = re.compile(r"(.)\1+")
_SILENT_END = re.compile(r"(?<=...)[dpst]+$")
_INNER_VOWELS = re.compile(r"(?<!^)[aeiou]+")


# Few names, for they are personal data: those of the cases at hand and the most frequent ones.
@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """Give the first letter and the consonants of a normal name, in one spelling for one sound.

    Dupont and Dupond, Mohamed and Mohammed, Philippe and Filipe fall together. Only for finding candidates and scoring
    them: many different names fall together too.
    """
    for spelling, sound in _DIGRAPHS:
        name = name.replace(spelling, sound)
    single = _DOUBLED.sub(r"\1", name.translate(_LETTERS))
    return _INNER_VOWELS.sub("", _SILENT_END.sub("", single))

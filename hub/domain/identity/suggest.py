"""Near matches for a person to look at: scored and explained, never applied on their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Literal, NamedTuple

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import token_sort_ratio

from hub.domain.identity import traits
from hub.domain.identity.evidence import Evidence, KeyedHash, hash_of, latest
from hub.domain.identity.sound import skeleton

SUGGEST_FROM = 80
"""The score from which two case records are worth a person's look.

Twins (all equal but the given name: 75) and namesakes born in one town (all equal but the date: 70) stay below it.
"""

FAMILY, GIVEN, DATE, PLACE = 35, 25, 30, 10
"""The points of equal family names, given names, birth dates and birth places; 100 together."""

_NAMES_SWAPPED = -5
_DAY_AND_MONTH_SWAPPED = 24
_ONE_DIGIT_OFF = 22
_SAME_DEPARTEMENT = 5
_PLACE_UNKNOWN = 5
_UNLIKE, _SAME_SOUND = 0.85, 0.96
_DATE_AND_NAME, _DATE_AND_PLACE, _NAMES_AND_YEAR, _NAMES_AND_DAY = b"\x11", b"\x12", b"\x13", b"\x14"


Agreement = Literal["same", "near", "different", "absent"]
_TRAITS = ("family_name", "birth_name", "given_name", "birth_date", "birth_place")


class _Person(NamedTuple):
    """One record's traits as they are compared; an empty text is unknown."""

    families: tuple[tuple[str, ...], ...]
    given: tuple[str, ...]
    first_given: str
    date: str
    place: str


class _Finding(NamedTuple):
    points: int
    reason: str


def score(left: Evidence, right: Evidence) -> int:
    """Say how near two records are, 0 to 100, whichever comes first.

    Names give their points in proportion to Jaro-Winkler similarity (or that of their sorted words) above 0.85; any of
    one record's birth and family names may meet any of the other's. A date gives 24 with day and month swapped, 22 with
    one digit or two neighbours wrong; a place 5 in the same département or where one record does not know it.
    """
    return max(0, sum(finding.points for finding in _compare(left, right)))


def reasons(left: Evidence, right: Evidence) -> tuple[str, ...]:
    """Say in French, for the adviser, what two records have in common, strongest first."""
    findings = [finding for finding in _compare(left, right) if finding.reason]
    return tuple(finding.reason for finding in sorted(findings, key=lambda finding: -finding.points))


def agreements(left: Evidence, right: Evidence) -> dict[str, Agreement]:
    """Say trait by trait how two records compare, each trait with the same one of the other record.

    `near` is what `score` takes for near: names that are written or sound alike, a date with a slip or with day and
    month swapped, places in one département. A trait that either record does not know is `absent`.
    """
    first, second = ({trait: latest(each, trait) for trait in _TRAITS} for each in (left, right))
    return {trait: _agreement(trait, first[trait], second[trait]) for trait in _TRAITS}


def _agreement(trait: str, one: str, other: str) -> Agreement:
    if trait == "birth_date":
        known, finding = (traits.date(one), traits.date(other)), _dates(traits.date(one), traits.date(other))
    elif trait == "birth_place":
        known, finding = (traits.place(one), traits.place(other)), _places(traits.place(one), traits.place(other))
    else:
        known, like = (
            (traits.name(one), traits.name(other)),
            _likeness(tuple(traits.words(one)), tuple(traits.words(other))),
        )
        finding = _Finding(0, _wording(like, "same", "near"))
    if not all(known):
        return "absent"
    if known[0] == known[1]:
        return "same"
    return "near" if finding.reason else "different"


def blocking_keys(evidence: Evidence, keyed_hash: KeyedHash) -> tuple[bytes, ...]:
    """Give few keys (8 at most), sorted, of which near matches share at least one: a self-join finds what to score.

    They are the birth date with the sound of each name or with the place, and the sound of family and given name with
    the year or with day and month in either order. Pairs with a misheard name and a wrong date are not found.
    """
    date, place = traits.date(latest(evidence, "birth_date")), traits.place(latest(evidence, "birth_place"))
    if not date:
        return ()
    year, month, day = date.split("-")
    names = (traits.name(latest(evidence, "birth_name")), traits.name(latest(evidence, "family_name")))
    families = {skeleton(name) for name in names if name}
    given = skeleton(traits.given_name(latest(evidence, "given_name")))
    full_names = {tuple(sorted((family, given))) for family in families if given}
    keys = {hash_of(_DATE_AND_NAME, (date, sound), keyed_hash) for sound in (families | {given} if given else families)}
    keys.update(hash_of(_NAMES_AND_YEAR, (year, *full_name), keyed_hash) for full_name in full_names)
    keys.update(hash_of(_NAMES_AND_DAY, (*sorted((month, day)), *full_name), keyed_hash) for full_name in full_names)
    if place:
        keys.add(hash_of(_DATE_AND_PLACE, (date, place), keyed_hash))
    return tuple(sorted(keys))


def _person(evidence: Evidence) -> _Person:
    families = (latest(evidence, "birth_name"), latest(evidence, "family_name"))
    given = latest(evidence, "given_name")
    known_given = traits.given_name(given)
    return _Person(
        tuple(dict.fromkeys(tuple(traits.words(family)) for family in families if traits.name(family))),
        tuple(traits.words(given)) if known_given else (),
        known_given,
        traits.date(latest(evidence, "birth_date")),
        traits.place(latest(evidence, "birth_place")),
    )


def _compare(left: Evidence, right: Evidence) -> Iterator[_Finding]:
    first, second = _person(left), _person(right)
    yield from _names(first, second)
    yield _dates(first.date, second.date)
    yield _places(first.place, second.place)


def _names(first: _Person, second: _Person) -> Iterable[_Finding]:
    family = _nearest(product(first.families, second.families))
    given = max(_likeness(first.given, second.given), _likeness((first.first_given,), (second.first_given,)))
    swapped = min(
        _nearest((names, second.given) for names in first.families),
        _nearest((names, first.given) for names in second.families),
    )
    straight = (
        _Finding(_share(FAMILY, family), _wording(family, "même nom", "noms proches")),
        _Finding(_share(GIVEN, given), _wording(given, "même prénom", "prénoms proches")),
    )
    if _share(FAMILY + GIVEN, swapped) + _NAMES_SWAPPED <= straight[0].points + straight[1].points:
        return straight
    return (_Finding(_share(FAMILY + GIVEN, swapped) + _NAMES_SWAPPED, "nom et prénom inversés"),)


def _nearest(pairs: Iterable[tuple[tuple[str, ...], tuple[str, ...]]]) -> float:
    return max((_likeness(first, second) for first, second in pairs), default=0.0)


def _likeness(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    """Say how like two names are, 0 to 1; the smaller comes first, for Jaro's matching is not always symmetrical."""
    first, second = sorted((first, second))
    one, other = "".join(first), "".join(second)
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    like: float = max(JaroWinkler.similarity(one, other), token_sort_ratio(" ".join(first), " ".join(second)) / 100)
    if like < _SAME_SOUND and (
        set(first) <= set(second) or set(second) <= set(first) or skeleton(one) == skeleton(other)
    ):
        return _SAME_SOUND
    return min(like, 0.99)


def _share(points: int, like: float) -> int:
    return max(0, round(points * (like - _UNLIKE) / (1 - _UNLIKE)))


def _wording(like: float, same: str, near: str) -> str:
    if like == 1:
        return same
    return near if like > _UNLIKE else ""


def _dates(first: str, second: str) -> _Finding:
    if not first or not second:
        return _Finding(0, "")
    if first == second:
        return _Finding(DATE, "même date de naissance")
    if first[:4] == second[:4] and first[5:7] == second[8:] and first[8:] == second[5:7]:
        return _Finding(_DAY_AND_MONTH_SWAPPED, "jour et mois de naissance inversés")
    if _one_slip(first.replace("-", ""), second.replace("-", "")):
        return _Finding(_ONE_DIGIT_OFF, "dates de naissance proches")
    return _Finding(0, "")


def _one_slip(first: str, second: str) -> bool:
    """Tell whether two rows of digits differ in one digit, or in two neighbours that changed places."""
    differing = [index for index, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    if len(differing) == 2:
        here, there = differing
        return there == here + 1 and first[here] == second[there] and first[there] == second[here]
    return len(differing) == 1


def _places(first: str, second: str) -> _Finding:
    if not first or not second:
        return _Finding(_PLACE_UNKNOWN, "")
    if first == second:
        return _Finding(PLACE, "même commune de naissance")
    if traits.departement(first) == traits.departement(second):
        return _Finding(_SAME_DEPARTEMENT, "même département de naissance")
    return _Finding(0, "")

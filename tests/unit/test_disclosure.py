"""Small counts: not shown, and not to be had from what is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from hub.domain.disclosure import Shown, is_small, shown

Table = dict[str, dict[str, int]]
COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 400))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    return {
        str(number): {f"{number}/{site}": draw(COUNTS) for site in range(size)} for number, size in enumerate(sizes)
    }


def equations(counts: Table, told: Shown) -> Iterator[dict[str, int]]:
    """Give what the table says of its hidden cells: each sum with a coefficient for every cell that is hidden."""
    sums = [(f"all of {name}", told.departments[name], list(sites)) for name, sites in counts.items()]
    cells: dict[str, int | None] = dict(told.sites)
    cells |= {f"all of {name}": told.departments[name] for name in counts} | {"all": told.total}
    sums.append(("all", told.total, [f"all of {name}" for name in counts]))
    for whole, _, parts in sums:
        equation = {part: 1 for part in parts if cells[part] is None}
        if cells[whole] is None:
            equation[whole] = -1
        yield equation


def solvable(unknowns: list[str], system: list[dict[str, int]]) -> set[str]:
    """Give the unknowns that equations fix, by bringing them to their reduced echelon form."""
    rows = [[Fraction(equation.get(name, 0)) for name in unknowns] for equation in system]
    done = 0
    for column in range(len(unknowns)):
        pivot = next((row for row in range(done, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for row in range(len(rows)):
            if row != done and rows[row][column]:
                factor = rows[row][column]
                rows[row] = [value - factor * other for value, other in zip(rows[row], rows[done], strict=True)]
        done += 1
    alone = [row for row in rows[:done] if sum(1 for value in row if value) == 1]
    return {name for row in alone for name, value in zip(unknowns, row, strict=True) if value}


def hidden_of(counts: Table, told: Shown) -> list[str]:
    cells: dict[str, int | None] = {**told.sites, "all": told.total}
    cells |= {f"all of {name}": told.departments[name] for name in counts}
    return [name for name, value in cells.items() if value is None]


@given(tables())
@example({"1": {"1/a": 3, "1/b": 40}, "2": {"2/a": 50}})
@example({"1": {"1/a": 3}, "2": {"2/a": 50}})
def test_no_hidden_count_is_found_by_subtracting_those_shown(counts: Table) -> None:
    told = shown(counts)

    assert solvable(hidden_of(counts, told), list(equations(counts, told))) == set()


@given(tables())
def test_what_is_shown_is_true_and_never_small(counts: Table) -> None:
    told = shown(counts)

    true = {site: count for sites in counts.values() for site, count in sites.items()}
    assert {site: count for site, count in told.sites.items() if count is not None}.items() <= true.items()
    for name, count in told.departments.items():
        assert count in {None, sum(counts[name].values())}
    assert told.total in {None, sum(true.values())}
    everything = [*told.sites.values(), *told.departments.values(), told.total]
    assert all(count is None or count >= 5 for count in everything)


@given(tables())
def test_a_table_without_small_counts_is_shown_whole(counts: Table) -> None:
    large = {name: {site: count + 5 for site, count in sites.items()} for name, sites in counts.items()}

    told = shown(large)

    assert hidden_of(large, told) == []


def test_nobody_who_knows_the_rule_can_tell_a_hidden_count() -> None:
    """All tables of a département with three sites, beside one that is hidden with it when need be."""
    by_shown: defaultdict[tuple[Any, ...], list[tuple[int, ...]]] = defaultdict(list)
    for *values, other in product(range(12), range(12), range(12), range(20, 60)):
        counts = {"69": dict(zip("abc", values, strict=True)), "01": {"d": other}, "38": {"e": 70}}
        told = shown(counts)
        by_shown[(*told.sites.values(), *told.departments.values(), told.total)].append(tuple(values))

    # Totals at the edge of what is tried here would tell for that reason alone.
    tried = {outcome: possible for outcome, possible in by_shown.items() if 70 + 55 <= outcome[-1] < 70 + 60}
    assert len(tried) > 100
    for outcome, possible in tried.items():
        for site in range(3):
            if outcome[site] is None:
                assert len({values[site] for values in possible}) > 1, (outcome, possible)


def test_a_small_rest_of_what_is_shown_beside_it_is_small_too() -> None:
    assert is_small(6, 7)
    assert not is_small(6, 6)
    assert not is_small(6, 11)

    told = shown({"69": {"a": 6, "b": 20, "c": 30}}, {"69": {"a": 7, "b": 40, "c": 60}})

    assert told.sites == {"a": None, "b": None, "c": 30}
    assert told.departments == {"69": 56}

"""Charts: whatever the figures, everything stays within the chart, and what is drawn adds up to what is said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.web.charts import bars, lines
from hub.web.charts.scale import scale_to

COUNTS = st.one_of(st.none(), st.integers(0, 20), st.integers(0, 10**9))
ROWS = st.lists(st.lists(COUNTS, min_size=3, max_size=3), max_size=30)
DELAYS = st.lists(st.one_of(st.none(), st.floats(0, 10_000)), min_size=1, max_size=12)


def values(rows: list[list[int | None]]) -> list[bars.Values]:
    return [bars.Values(f"Site {number}", row) for number, row in enumerate(rows)]


@given(st.one_of(st.integers(0, 10**12), st.floats(0, 10**9)))
def test_a_scale_holds_its_value_in_few_round_steps(largest: float) -> None:
    scale = scale_to(largest)

    assert scale.top >= largest
    assert (scale.ticks[0], scale.ticks[-1]) == (0, scale.top)
    assert 2 <= len(scale.ticks) <= 5
    assert len({later - before for before, later in zip(scale.ticks, scale.ticks[1:], strict=False)}) == 1
    # No more than a step is left over, so that the largest bar fills most of the chart.
    assert scale.top - largest <= scale.ticks[1]


@given(ROWS)
def test_parts_end_to_end_stay_within_the_chart_and_add_up(rows: list[list[int | None]]) -> None:
    chart = bars.stacked("k", "Nom", "Texte", ("A", "B", "C"), values(rows))

    top = scale_to(max((sum(each or 0 for each in row) for row in rows), default=0)).top
    for given_row, row in zip(rows, chart.rows, strict=True):
        drawn = sum(part.width for part in row.parts)
        assert abs(drawn - 100 * sum(each or 0 for each in given_row) / top) < 1e-6
        at = 0.0
        for part in row.parts:
            assert abs(part.x - at) < 1e-6
            assert part.x + part.width <= 100 + 1e-6
            assert 0 <= part.y < part.y + part.height <= 100
            at += part.width


@given(ROWS)
def test_parts_within_each_other_begin_at_zero_and_are_as_long_as_their_counts(rows: list[list[int | None]]) -> None:
    chart = bars.nested("k", "Nom", "Texte", ("A", "B", "C"), values(rows))

    for given_row, row in zip(rows, chart.rows, strict=True):
        counts = {number: count for number, count in enumerate(given_row, 1) if count}
        assert {part.series for part in row.parts} == counts.keys()
        widths = [part.width for part in sorted(row.parts, key=lambda part: counts[part.series])]
        assert widths == sorted(widths)
        for part in row.parts:
            assert part.x == 0
            assert 0 < part.width <= 100 + 1e-6
            assert part.height > 0


@given(ROWS)
def test_each_row_says_its_values_or_that_they_are_hidden(rows: list[list[int | None]]) -> None:
    chart = bars.stacked("k", "Nom", "Texte", ("A", "B", "C"), values(rows))

    for given_row, row in zip(rows, chart.rows, strict=True):
        assert row.is_hidden == all(each is None for each in given_row)
        said = row.values.split(" · ")
        if row.is_hidden:
            assert said == ["masqué"]
        else:
            assert [each == "masqué" for each in said] == [each is None for each in given_row]


def test_a_chart_without_rows_or_with_zeros_alone_has_a_scale_and_no_bars() -> None:
    empty: list[list[list[int | None]]] = [[], [[0, 0, 0]], [[None, None, None]]]
    for rows in empty:
        chart = bars.stacked("k", "Nom", "Texte", ("A", "B", "C"), values(rows))
        assert [tick.text for tick in chart.ticks] == ["0", "1"]
        assert not [part for row in chart.rows for part in row.parts]


@given(DELAYS)
def test_points_of_a_line_stay_within_the_chart_and_a_gap_breaks_it(delays: list[float | None]) -> None:
    chart = lines.line(
        "k", "Nom", "Texte", [(f"T{n}", each) for n, each in enumerate(delays)], say=str, limit=(15, "l")
    )

    assert chart.limit is not None
    assert all(0 < point.x < 100 and 0 <= point.y <= 100 for point in chart.points)
    assert [point.x for point in chart.points] == sorted(point.x for point in chart.points)
    assert 0 <= chart.limit.y <= 100
    drawn = [pair for stroke in chart.strokes for pair in stroke.split()]
    assert len(drawn) == len(set(drawn)) <= sum(each is not None for each in delays)
    for x, y in (map(float, pair.split(",")) for pair in drawn):
        assert 0 < x < 100
        assert 0 <= y <= 100


def test_a_larger_delay_lies_higher() -> None:
    chart = lines.line("k", "Nom", "Texte", [("T1", 2.0), ("T2", None), ("T3", 14.0), ("T4", 30.0)], say=str)

    low, hidden, middle, high = chart.points
    assert high.y < middle.y < low.y
    assert (hidden.words, hidden.is_hidden) == ("masqué", True)
    assert [stroke.count(",") for stroke in chart.strokes] == [2]

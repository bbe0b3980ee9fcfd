"""Every benchmark goes on working: at a tiny size, and for its tables alone, not for its figures."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.measure import Spread, percentile, spread
from benchmarks.report import number
from benchmarks.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("stores"), people=20, runs=1)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_measures_something_of_everything_it_names(name: str, workspace: Workspace) -> None:
    tables = BENCHMARKS[name](workspace)
    assert tables
    for table in tables:
        assert len(table.rows) > 0
        for row in table.rows:
            assert len(row) == len(table.columns)
            assert all(cell.low > 0 for cell in row if isinstance(cell, Spread))


def test_the_command_prints_tables_and_writes_them_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = tmp_path / "figures.json"
    main(["codec", "--people", "2", "--runs", "1", "--folder", str(tmp_path), "--json", str(figures)])
    printed = capsys.readouterr().out
    assert "### Codec" in printed
    assert "| encode |" in printed
    written = msgspec.json.decode(figures.read_bytes())
    assert [table["title"] for table in written["tables"]] == ["Codec"]
    assert written["machine"]["python"] in printed


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["codecs"])
    assert "no benchmark is named codecs" in capsys.readouterr().err


def test_a_profile_says_where_the_time_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--profile", "--people", "20", "--folder", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "### Rebuild: where the time goes" in printed
    assert "| decode and validate |" in printed


def test_a_spread_is_the_median_between_the_lowest_and_the_highest() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


@pytest.mark.parametrize(("percent", "value"), [(50, 50.0), (99, 99.0), (100, 100.0)])
def test_a_percentile_is_the_value_that_so_many_do_not_exceed(percent: int, value: float) -> None:
    assert percentile([float(each) for each in range(100, 0, -1)], percent) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [(123_456.0, "123,000"), (99_961.0, "100,000"), (1_234.0, "1,230"), (12.345, "12.3"), (0.5, "0.500")],
)
def test_a_number_has_three_significant_digits(value: float, written: str) -> None:
    assert number(value) == written

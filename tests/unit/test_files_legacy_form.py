"""The form of the legacy flat file: encodings, headers, rows that are none, and any bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Usage
from hub.producers.files.legacy_csv import CARRIED, NOT_CARRIED, REQUIRED, LegacyCsv
from tests.unit.legacy_rows import KEY, ROW, defects, read


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_delimiter_and_encoding_are_found_out(delimiter: str, encoding: str) -> None:
    header = delimiter.join(column.upper() for column in ROW)
    cells = delimiter.join(f'"{cell}"' for cell in ROW.values())
    adapter = LegacyCsv(header.encode(encoding), KEY.encode())
    assert adapter.read(cells.encode(encoding)).events == read().events


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"1;2;3", "has 3 cells; the header has 23 columns"),
        (b'"1;2', "quoting is not closed"),
        (b'"1"2;', "quoting is not closed"),
        (b"1\r2", "quoting is not closed"),
        (b"\x81", "neither UTF-8 nor Windows-1252"),
        (b"x" * 200_000, "a cell is too long"),
    ],
)
def test_a_row_that_is_none_is_refused(content: bytes, expected: str) -> None:
    (defect,) = LegacyCsv(";".join(ROW).encode(), KEY.encode()).read(content).defects
    assert expected in defect.reason


def test_a_row_that_says_nothing_is_refused() -> None:
    cells = dict.fromkeys(ROW.keys() - {"identifiant", "date_maj"}, "")
    assert "holds nothing" in defects(read(**cells))[0].reason


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", "no column identifiant, date_inscription, date_maj"),
        (b"identifiant;date_maj", "no column date_inscription"),
        (b"\xff\xfei\x00d\x00", "no column"),
        (b"a\rb", "no column"),
        (b"x" * 200_000, "no column"),
        (b"identifiant;date_maj;date_inscription;nom;NOM", "column nom more than once"),
    ],
)
def test_a_header_without_what_a_case_needs_refuses_the_file(header: bytes, expected: str) -> None:
    with pytest.raises(Usage, match=expected):
        LegacyCsv(header, KEY.encode())


def test_columns_that_no_event_carries_are_named_once() -> None:
    header = ";".join((*CARRIED, "modalite_accompagnement", "couleur", "Zoé Dupont", ""))
    not_carried, unknown = LegacyCsv(header.encode(), KEY.encode()).notes
    assert "modalite_accompagnement is not carried" in not_carried
    assert unknown == "unknown columns are left out: couleur and 2 more"
    assert not LegacyCsv(";".join(CARRIED).encode(), KEY.encode()).notes


_CELLS: dict[str, Any] = {
    column: st.sampled_from((value, "", "NULL")) | st.text(max_size=12) for column, value in ROW.items()
}


@given(st.fixed_dictionaries(_CELLS))
def test_no_cells_at_all_make_a_row_fail(cells: dict[str, str]) -> None:
    assert read(**cells).defects or read(**cells).events


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_a_row_fail(content: bytes) -> None:
    assert LegacyCsv(";".join(REQUIRED).encode(), KEY.encode()).read(content).defects


def test_the_documented_sample_is_read_without_a_remark_and_every_column_is_described() -> None:
    text = (Path(__file__).parents[2] / "docs" / "files.md").read_text()
    header, *rows = text.split("```csv\n")[1].split("```")[0].splitlines()
    adapter = LegacyCsv(header.encode(), KEY.encode())
    readings = [adapter.read(row.encode()) for row in rows]
    assert [(len(reading.events), reading.defects, reading.remarks) for reading in readings] == [
        (5, (), ()),
        (2, (), ()),
    ]
    assert all(f"| `{column}` |" in text for column in (*CARRIED, *NOT_CARRIED))

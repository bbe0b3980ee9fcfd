"""The files of a directory of names: CSV as a spreadsheet writes it, checked line by line."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from types import MappingProxyType
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from hub.domain import ids
from hub.domain.ids import NETWORKS, Reference
from hub.errors import Usage
from hub.web.naming.names import Adviser, Names
from hub.web.words import NBSP

ADVISERS, SITES = "advisers.csv", "sites.csv"
MOST_LINES: Final = 200_000
LONGEST_NAME, LONGEST_READER = 80, 400
_PHONE: Final = re.compile(r"\+?[0-9](?:[ \u00a0\u202f.\-()]*[0-9]){2,14}")
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_REFERENCE: TypeAdapter[str] = TypeAdapter(Reference)
_Check = Callable[[str], str]


class Table(NamedTuple):
    """What a file may hold: how each column is checked, and which of them every file has."""

    columns: Mapping[str, _Check]
    required: Sequence[str]


def parsed(advisers: str, sites: str, where: str) -> Names:
    """Read both files' texts; `where` is their folder, for messages.

    Raises:
        Usage: a line is wrong; the message says which, why and what to do, without what stands there.
    """
    people: dict[tuple[str, str], Adviser] = {}
    readers: dict[str, str] = {}
    for place, row in _rows(f"{where}/{ADVISERS}", advisers, _ADVISERS):
        key, reader = (row["network"], row["adviser"]), row.get("reader_id")
        if key in people:
            raise Usage(f"{place} names an adviser whom an earlier line names; keep one line for each")
        people[key] = Adviser(row["name"], row.get("phone"))
        if reader is not None and readers.setdefault(reader, row["name"]) != row["name"]:
            raise Usage(f"{place} has the reader_id of an earlier line with another name; correct one of them")
    names: dict[str, str] = {}
    for place, row in _rows(f"{where}/{SITES}", sites, _SITES):
        if row["site"] in names:
            raise Usage(f"{place} names a site that an earlier line names; keep one line for each")
        names[row["site"]] = row["name"]
    return Names(MappingProxyType(people), MappingProxyType(names), MappingProxyType(readers))


def _rows(path: str, text: str, table: Table) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each line's place and values; a column left empty is left out."""
    head, _, _ = text.partition("\n")
    reader = csv.reader(StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True)
    try:
        columns = _columns(path, next(reader, []), table)
        for row in reader:
            place = f"{path}, line {reader.line_num}"
            if reader.line_num > MOST_LINES + 1:
                raise Usage(f"{path} has more than {MOST_LINES} lines; leave out who is never named")
            if any(value.strip() for value in row):
                yield place, _checked(place, columns, row, table)
    except csv.Error as error:
        raise Usage(f"{path}, line {reader.line_num}: {error}; write it as CSV, UTF-8") from error


def _columns(path: str, head: Sequence[str], table: Table) -> list[str]:
    columns = [name.strip() for name in head]
    allowed = ", ".join(table.columns)
    if not set(table.required) <= set(columns):
        raise Usage(f"{path}, line 1 lacks the columns' names; begin the file with {','.join(table.required)}")
    if len(set(columns)) < len(columns) or not set(columns) <= table.columns.keys():
        raise Usage(f"{path}, line 1 has a column twice, or one that is none of {allowed}; remove it")
    return columns


def _checked(place: str, columns: Sequence[str], row: Sequence[str], table: Table) -> dict[str, str]:
    if len(row) != len(columns):
        raise Usage(f"{place} has {len(row)} values for {len(columns)} columns; put a name with commas in quotes")
    found = {}
    for column, value in zip(columns, (each.strip() for each in row), strict=True):
        if value:
            try:
                found[column] = table.columns[column](value)
            except ValueError as error:
                raise Usage(f"{place}, {column} {error}") from None
    for column in table.required:
        if column not in found:
            raise Usage(f"{place}, {column} is empty; fill it in, or remove the line")
    return found


def _network(value: str) -> str:
    if value not in NETWORKS:
        raise ValueError(f"is none of {', '.join(NETWORKS)}; write one of them")
    return value


def _adviser(value: str) -> str:
    try:
        return _REFERENCE.validate_python(value)
    except ValidationError:
        raise ValueError("is no adviser's id; write it as the network's events do") from None


def _site(value: str) -> str:
    try:
        return ids.safir(value)
    except ValueError:
        raise ValueError("is no SAFIR code; write its 5 digits, leading zeros too") from None


def _phone(value: str) -> str:
    if not _PHONE.fullmatch(value):
        raise ValueError("is no phone number; write 3 to 15 digits, with spaces or dots between them")
    return value.replace(" ", NBSP)  # no line ends within it


def _reader_id(value: str) -> str:
    if len(value) > LONGEST_READER or _steers(value):
        raise ValueError("is no reader's id; write it as the access log does, issuer|subject")
    return value


def _name(value: str) -> str:
    """Check a name, and isolate it where its letters would turn what stands beside it."""
    if len(value) > LONGEST_NAME:
        raise ValueError(f"is longer than {LONGEST_NAME} characters; shorten it")
    if _steers(value) or not any(each.isalpha() for each in value):
        raise ValueError("is no name; write it with letters, without control or direction characters")
    if ids.looks_like_nir(value):
        raise ValueError("holds what looks like a social security number; remove it")
    value = unicodedata.normalize("NFC", value)
    turns = any(unicodedata.bidirectional(each) in {"R", "AL", "AN"} for each in value)
    return f"{_ISOLATE}{value}{_END}" if turns else value


def _steers(value: str) -> bool:
    """Tell whether a text has characters that no name has: controls, direction marks, line ends, halves of pairs."""
    return any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for each in value)


_ADVISERS: Final = Table(
    MappingProxyType(
        {"network": _network, "adviser": _adviser, "name": _name, "phone": _phone, "reader_id": _reader_id}
    ),
    ("network", "adviser", "name"),
)
_SITES: Final = Table(MappingProxyType({"site": _site, "name": _name}), ("site", "name"))

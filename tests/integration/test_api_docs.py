"""What is checked in of the API is what the code says: its document, the client's documents, and the page's tables."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hub.api.openapi import operations_of
from hub.client import Client, documents, rows
from tests.integration.commands import ROOT
from tests.integration.test_readme import shell
from tests.unit.test_openapi import DOCUMENT

TOOLS = ROOT / "tools"
KINDS = {
    name: kind
    for module in (documents, rows)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and name in DOCUMENT["components"]["schemas"]
}
WRITTEN = ("docs/openapi.json", "hub/client/documents.py", "hub/client/rows.py")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    code, said = shell(ROOT, f"python tools/write_client.py {folder}")
    assert code == 0, said
    return folder


@pytest.mark.parametrize("file", WRITTEN)
def test_what_is_checked_in_is_what_the_code_says(file: str, written: Path) -> None:
    assert (ROOT / file).read_text() == (written / file).read_text(), "run tools/write_client.py again"


def test_the_document_is_the_one_that_the_command_writes(written: Path) -> None:
    code, said = shell(written, "hub openapi --out openapi.json")
    assert code == 0, said
    assert (written / "openapi.json").read_bytes() == (ROOT / "docs" / "openapi.json").read_bytes()


def test_the_document_is_the_same_however_python_hashes(written: Path) -> None:
    code, said = shell(
        written, "PYTHONHASHSEED=1 hub openapi --out one.json; PYTHONHASHSEED=2 hub openapi --out two.json"
    )
    assert code == 0, said
    assert (written / "one.json").read_bytes() == (written / "two.json").read_bytes()


@pytest.fixture
def describing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(TOOLS))
    yield
    sys.modules.pop("describe_api", None)


@pytest.mark.usefixtures("describing")
def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    import describe_api  # noqa: PLC0415 a script, found by its path

    page = describe_api.PAGE.read_text()
    assert describe_api.described(page) == page, "run tools/describe_api.py again"
    assert all(len(re.findall(f"<!-- /?{name} -->", page)) == 2 for name in ("operations", "failures", "sections"))


@pytest.mark.usefixtures("describing")
def test_every_operation_has_a_method_and_every_method_an_operation() -> None:
    import describe_api  # noqa: PLC0415

    named = {name for names in describe_api.METHODS.values() for name in names.split(", ")} | {"section", "close"}
    assert {name for name in dir(Client) if not name.startswith("_")} == named
    operations = {operation["operationId"] for _, _, operation in operations_of(DOCUMENT)}
    sections = {f"read_{name.replace('-', '_')}" for name in rows.SECTIONS.values()}
    # `read_contradictions` and `read_alerts` are sections; the lists of a caseload are named otherwise.
    assert operations == set(describe_api.METHODS) | sections
    assert len(sections) == len(rows.SECTIONS)


@pytest.mark.parametrize("name", [name for name in KINDS if DOCUMENT["components"]["schemas"][name].get("examples")])
def test_every_example_of_the_document_is_one_of_the_client(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    kind = KINDS[name]
    assert {field.name for field in msgspec.structs.fields(kind)} == set(schema["properties"])
    for example in schema["examples"]:
        read = msgspec.convert(example, kind)
        assert msgspec.convert(msgspec.to_builtins(read), kind) == read

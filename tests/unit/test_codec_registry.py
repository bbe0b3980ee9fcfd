"""The registry in the checkout, and what a damaged one says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import hub
from hub.codec.registry import FileRegistry, bundled_schemas, fingerprint
from hub.errors import StoreCorrupt, UnknownSchema


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundled_schemas(), tmp_path / "schemas"))


def test_an_id_gives_its_version_and_an_event_its_newest() -> None:
    registry = FileRegistry(bundled_schemas())
    assert registry.by_id(1).subject == "fr.parcours.case.CaseRegistered"
    assert registry.current("CaseRegistered").version == max(
        schema.version for schema in registry.all() if schema.event_type == "CaseRegistered"
    )
    assert [schema.id for schema in registry.all()] == list(range(1, len(registry.all()) + 1))


def test_an_unknown_id_or_event_is_named() -> None:
    registry = FileRegistry(bundled_schemas())
    with pytest.raises(UnknownSchema, match="schema 40000"):
        registry.by_id(40_000)
    with pytest.raises(UnknownSchema, match="CaseMoved"):
        registry.current("CaseMoved")


@pytest.mark.parametrize("text", ["", "{}", '["a"]', '[{"id": 1}]', '[{"id": "1"}]', "[1", "\xff"])
def test_a_malformed_registry_is_corrupt(folder: Path, text: str) -> None:
    (folder / "registry.json").write_text(text, encoding="latin-1")
    with pytest.raises(StoreCorrupt, match=r"registry\.json"):
        FileRegistry(folder)


def test_an_id_that_is_true_is_no_id(folder: Path) -> None:
    entries = json.loads((folder / "registry.json").read_text())
    entries[0]["id"] = True
    (folder / "registry.json").write_text(json.dumps(entries))
    with pytest.raises(StoreCorrupt):
        FileRegistry(folder)


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe", b"[]"])
def test_a_missing_or_broken_schema_file_is_named(folder: Path, content: bytes | None) -> None:
    file = folder / "case" / "CaseClosed.v1.avsc"
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(StoreCorrupt, match=r"CaseClosed\.v1\.avsc"):
        FileRegistry(folder)


def test_an_installed_package_carries_its_schemas(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "hub"
    shutil.copytree(folder, package / "_schemas")
    monkeypatch.setattr(hub, "__file__", str(package / "__init__.py"))
    assert bundled_schemas() == package / "_schemas"


def test_an_installation_without_schemas_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "__file__", str(tmp_path / "hub" / "__init__.py"))
    with pytest.raises(StoreCorrupt, match="install the hub again"):
        bundled_schemas()


def test_a_fingerprint_is_of_the_meaning_not_of_the_layout() -> None:
    assert fingerprint({"b": 1, "a": "é"}) == fingerprint(json.loads('{ "a": "\\u00e9",\n "b": 1 }'))
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})

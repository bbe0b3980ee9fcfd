"""The check of a whole folder of schemas: each way to break it is found and says what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.codec.compatibility import check
from hub.codec.evolution import Finding
from hub.codec.framing import frame, unframe
from hub.codec.registry import bundled_schemas, fingerprint

CASE_CLOSED = Path("case/CaseClosed.v1.avsc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundled_schemas(), tmp_path / "schemas"))


def edit(file: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def found(folder: Path) -> str:
    findings = check(folder)
    assert findings
    assert all(isinstance(finding, Finding) for finding in findings)
    return "\n".join(map(str, findings))


def candidate(folder: Path, change: Callable[[Any], None]) -> Path:
    """Write a second version of CaseClosed."""
    file = folder / "case" / "CaseClosed.v2.avsc"
    file.write_bytes((folder / CASE_CLOSED).read_bytes())
    edit(file, change)
    return file


def release(folder: Path, file: Path) -> None:
    """Register a candidate, with golden bytes of the same body as version 1's."""
    _, body = unframe((folder / "golden" / "CaseClosed.v1.bin").read_bytes())
    definition = json.loads(file.read_text())

    def add(entries: Any) -> None:
        first = next(entry for entry in entries if entry["event_type"] == definition["name"])
        name = file.relative_to(folder).as_posix()
        entries.append(first | {"id": len(entries) + 1, "version": 2, "file": name, "sha256": fingerprint(definition)})

    edit(folder / "registry.json", add)
    golden = folder / "golden" / file.stem
    golden.with_name(f"{golden.name}.json").write_bytes((folder / "golden" / "CaseClosed.v1.json").read_bytes())
    golden.with_name(f"{golden.name}.bin").write_bytes(frame(53, body))


def entry(entries: Any, event_type: str = "CaseClosed") -> Any:
    return next(each for each in entries if each["event_type"] == event_type)


def test_the_schemas_of_this_release_have_no_finding() -> None:
    assert check(bundled_schemas()) == []


def test_an_edited_released_file_is_found_even_if_only_its_text_changed(folder: Path) -> None:
    edit(folder / CASE_CLOSED, lambda schema: schema.update(doc="Fermeture."))
    assert "case/CaseClosed.v1.avsc: the released version was edited; restore" in found(folder)


def test_another_layout_of_a_released_file_is_no_edit(folder: Path) -> None:
    edit(folder / CASE_CLOSED, lambda _: None)
    assert check(folder) == []


@pytest.mark.parametrize("broken", [None, b"", b"{"])
def test_a_missing_or_broken_file_is_found(folder: Path, broken: bytes | None) -> None:
    file = folder / CASE_CLOSED
    file.unlink() if broken is None else file.write_bytes(broken)
    assert "CaseClosed.v1.avsc" in found(folder)


def test_a_missing_registry_is_found(folder: Path) -> None:
    (folder / "registry.json").unlink()
    assert "registry.json cannot be read" in found(folder)


def test_an_id_used_twice_is_found(folder: Path) -> None:
    edit(folder / "registry.json", lambda entries: entry(entries).update(id=1))
    assert "id 1 is used 2 times" in found(folder)
    assert "id 3 is missing" in found(folder)


def test_an_entry_taken_out_is_found(folder: Path) -> None:
    edit(folder / "registry.json", lambda entries: entries.remove(entry(entries)))
    assert "id 3 is missing; restore its entry" in found(folder)


def test_ids_exchanged_are_found_by_the_golden_bytes(folder: Path) -> None:
    def exchange(entries: Any) -> None:
        entry(entries)["id"], entry(entries, "CaseReopened")["id"] = 4, 3

    edit(folder / "registry.json", exchange)
    assert "golden/CaseClosed.v1.bin: written with id 3, the registry says 4" in found(folder)


def test_an_entry_that_names_another_record_is_found(folder: Path) -> None:
    edit(folder / "registry.json", lambda entries: entry(entries).update(subject="fr.parcours.case.CaseShut"))
    assert "holds fr.parcours.case.CaseClosed, unlike its entry" in found(folder)


def test_versions_with_a_gap_and_files_named_otherwise_are_found(folder: Path) -> None:
    edit(folder / "registry.json", lambda entries: entry(entries).update(version=3))
    assert "the versions of CaseClosed are not 1 to 1" in found(folder)
    assert "case/CaseClosed.v1.avsc is not named by its event and version" in found(folder)


@pytest.mark.parametrize("suffix", ["bin", "json"])
def test_missing_golden_bytes_are_found(folder: Path, suffix: str) -> None:
    (folder / "golden" / f"CaseClosed.v1.{suffix}").unlink()
    assert "golden/CaseClosed.v1.bin" in found(folder)


def test_golden_bytes_that_mean_something_else_are_found(folder: Path) -> None:
    edit(folder / "golden" / "CaseClosed.v1.json", lambda document: document.update(motive="moved"))
    assert "golden/CaseClosed.v1.bin: no longer means what its .json says" in found(folder)


def test_golden_bytes_that_are_damaged_are_found(folder: Path) -> None:
    golden = folder / "golden" / "CaseClosed.v1.bin"
    golden.write_bytes(golden.read_bytes()[:-1])
    assert "golden/CaseClosed.v1.bin: no longer decoded (CaseClosed: the body ends early" in found(folder)


def test_a_sound_candidate_is_told_its_id_and_fingerprint(folder: Path) -> None:
    file = candidate(folder, lambda schema: schema.update(doc="Fermeture."))
    text = found(folder)
    assert "case/CaseClosed.v2.avsc: not in the registry" in text
    assert f"id 53 and sha256 {fingerprint(json.loads(file.read_text()))}" in text


def test_a_breaking_candidate_is_told_the_field_and_the_version_that_it_breaks(folder: Path) -> None:
    candidate(folder, lambda schema: schema["fields"].pop())
    assert "case/CaseClosed.v2.avsc, motive: the field is gone, unlike version 1; keep it" in found(folder)


def test_a_released_version_that_only_says_more_in_its_texts_has_no_finding(folder: Path) -> None:
    file = candidate(folder, lambda schema: schema.update(doc="Fermeture."))
    release(folder, file)
    assert check(folder) == []


def test_a_released_version_that_breaks_an_earlier_one_is_found(folder: Path) -> None:
    file = candidate(folder, lambda schema: schema["fields"][-1].pop("codeList"))
    release(folder, file)
    assert "case/CaseClosed.v2.avsc, motive: the code list is not closing_motive, unlike version 1" in found(folder)


def test_a_field_that_the_model_does_not_have_is_found(folder: Path) -> None:
    urgency = {"name": "urgency", "type": ["null", "string"], "default": None}
    release(folder, candidate(folder, lambda schema: schema["fields"].append(urgency)))
    assert "fr.parcours.case.CaseClosed, version 2: urgency is in the schema, not in the model" in found(folder)


def test_a_model_without_schema_and_a_schema_without_model_are_found(folder: Path) -> None:
    file = folder / CASE_CLOSED.with_name("CaseShut.v1.avsc")
    (folder / CASE_CLOSED).rename(file)
    edit(file, lambda schema: schema.update(name="CaseShut"))
    change = {
        "event_type": "CaseShut",
        "subject": "fr.parcours.case.CaseShut",
        "file": "case/CaseShut.v1.avsc",
        "sha256": fingerprint(json.loads(file.read_text())),
    }
    edit(folder / "registry.json", lambda entries: entry(entries).update(change))
    text = found(folder)
    assert "CaseShut: the schema has no model" in text
    assert "fr.parcours.case.CaseClosed: the model has no schema" in text

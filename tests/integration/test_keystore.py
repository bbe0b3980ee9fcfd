"""The key store: one key per subject for ever, readable only with its master key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text

from hub.domain.ids import Subject
from hub.errors import KeyUnavailable, StoreCorrupt, StoreUnavailable
from hub.ledger.database import writing
from hub.privacy.keys import MasterKey
from hub.privacy.keystore import KeyStore, SubjectKey, decode_subject, encode_subject
from tests.integration.stores import MASTER, a_case, a_keystore, a_store, a_url, held_bytes, zeros

ROOT = Path(__file__).parents[2]
OTHER_MASTER = MasterKey(b"o" * 32)
pytestmark = pytest.mark.usefixtures("database")
ENSURE_IN_A_PROCESS = """
import os, sys
from hub.ledger.database import open_database
from hub.privacy.keys import MasterKey
from hub.privacy.keystore import KeyStore
from hub.domain.ids import Subject
keystore = KeyStore(open_database(sys.argv[1]), MasterKey(b"k" * 32), os.urandom)
subjects = [Subject("case", "france_travail", "", f"{number:011d}") for number in range(300)]
print("ready", flush=True)
sys.stdin.readline()
for start in range(0, 300, 10):
    keystore.ensure(subjects[start : start + 10])
for key in keystore.find(subjects).values():
    print(key.subject.local_id, key.ref.hex(), key.key.hex())
"""


def reopened(folder: Path, master: MasterKey = MASTER, *, cached: int = 100) -> KeyStore:
    return KeyStore(a_store(folder, "keys"), master, os.urandom, cached=cached)


def engine_of(folder: Path) -> Engine:
    return a_store(folder, "keys")


def statements(engine: Engine) -> list[str]:
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    return seen


def test_a_subject_keeps_its_key_and_reference(tmp_path: Path) -> None:
    first = a_keystore(tmp_path).ensure([a_case()])
    assert reopened(tmp_path).ensure([a_case()]) == first
    assert reopened(tmp_path).find([a_case()]) == first


def test_subjects_have_keys_and_references_of_their_own(tmp_path: Path) -> None:
    keys = a_keystore(tmp_path).ensure([a_case(number) for number in range(50)])
    assert len({key.ref for key in keys.values()}) == len({key.key for key in keys.values()}) == 50


def test_a_reference_leads_back_to_its_subject(tmp_path: Path) -> None:
    key = a_keystore(tmp_path).ensure([a_case()])[a_case()]
    assert reopened(tmp_path).by_ref([key.ref, bytes(16)]) == {key.ref: key}


def test_an_unknown_subject_is_absent_and_stays_so(tmp_path: Path) -> None:
    keystore = a_keystore(tmp_path)
    assert keystore.find([a_case()]) == {}
    assert keystore.by_ref([bytes(16)]) == {}
    assert keystore.find([a_case()]) == {}


def test_a_subject_asked_for_twice_at_once_has_one_key(tmp_path: Path) -> None:
    assert len(a_keystore(tmp_path).ensure([a_case(), a_case()])) == 1


def test_thousands_of_subjects_are_made_in_one_call(tmp_path: Path) -> None:
    subjects = [a_case(number) for number in range(2_500)]
    keystore = a_keystore(tmp_path, cached=10)
    made = keystore.ensure(subjects)
    assert set(made) == set(subjects)
    assert keystore.find(subjects) == made


def test_a_thousand_new_subjects_cost_a_few_statements(tmp_path: Path) -> None:
    a_keystore(tmp_path)
    engine = engine_of(tmp_path)
    seen = statements(engine)
    KeyStore(engine, MASTER, os.urandom).ensure([a_case(number) for number in range(1_000)])
    assert len([statement for statement in seen if not statement.startswith(("PRAGMA", "BEGIN"))]) <= 3


def test_known_subjects_cost_no_statement(tmp_path: Path) -> None:
    a_keystore(tmp_path)
    engine = engine_of(tmp_path)
    keystore = KeyStore(engine, MASTER, os.urandom)
    key = keystore.ensure([a_case()])[a_case()]
    seen = statements(engine)
    assert keystore.ensure([a_case()]) == {a_case(): key}
    assert keystore.by_ref([key.ref]) == {key.ref: key}
    assert seen == []


def test_the_cache_keeps_what_was_used_last(tmp_path: Path) -> None:
    a_keystore(tmp_path)
    engine = engine_of(tmp_path)
    keystore = KeyStore(engine, MASTER, os.urandom, cached=2)
    keystore.ensure([a_case(1)])
    keystore.ensure([a_case(2)])
    keystore.find([a_case(1)])
    keystore.ensure([a_case(3)])
    seen = statements(engine)
    assert set(keystore.find([a_case(1), a_case(3)])) == {a_case(1), a_case(3)}
    assert seen == []
    assert set(keystore.find([a_case(2)])) == {a_case(2)}
    assert seen != []


def test_processes_that_make_the_same_keys_at_once_converge(tmp_path: Path) -> None:
    a_keystore(tmp_path)
    command = [sys.executable, "-c", ENSURE_IN_A_PROCESS, a_url(tmp_path, "keys")]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [sorted(process.communicate()[0].splitlines()) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(printed[0]) == 300
    assert printed[0] == printed[1] == printed[2]


def test_another_master_key_is_refused(tmp_path: Path) -> None:
    a_keystore(tmp_path).verify()
    with pytest.raises(KeyUnavailable, match="another key-encryption key"):
        reopened(tmp_path, OTHER_MASTER).verify()
    with pytest.raises(KeyUnavailable, match="another key-encryption key"):
        reopened(tmp_path, OTHER_MASTER).create()
    reopened(tmp_path).create()


def test_another_master_key_finds_no_subject(tmp_path: Path) -> None:
    a_keystore(tmp_path).ensure([a_case()])
    assert reopened(tmp_path, OTHER_MASTER).find([a_case()]) == {}


def test_a_file_that_is_no_key_store_yet_is_told_apart(tmp_path: Path) -> None:
    engine = a_store(tmp_path, "keys", must_exist=False)
    with pytest.raises(KeyUnavailable, match="hub init"):
        KeyStore(engine, MASTER, os.urandom).verify()


@pytest.mark.parametrize("column", ["wrapped_key", "sealed_subject", "subject_ref"])
def test_a_changed_row_is_found(tmp_path: Path, column: str) -> None:
    a_keystore(tmp_path).ensure([a_case()])
    with writing(engine_of(tmp_path)) as connection:
        zero = zeros(connection.engine, f"length({column})")
        connection.execute(text(f"update subject_key set {column} = {zero}"))  # noqa: S608
    with pytest.raises(StoreCorrupt):
        reopened(tmp_path).find([a_case()])


def test_a_key_moved_to_another_subjects_row_is_found(tmp_path: Path) -> None:
    a_keystore(tmp_path).ensure([a_case(1), a_case(2)])
    with writing(engine_of(tmp_path)) as connection:
        connection.execute(
            text(
                "update subject_key set wrapped_key ="
                " (select wrapped_key from subject_key order by subject_ref limit 1)"
            )
        )
    with pytest.raises(StoreCorrupt):
        reopened(tmp_path).find([a_case(1), a_case(2)])


def test_a_key_that_was_not_stored_is_not_given(tmp_path: Path) -> None:
    a_keystore(tmp_path)
    engine = engine_of(tmp_path)
    keystore = KeyStore(engine, MASTER, os.urandom)

    @event.listens_for(engine, "commit")
    def fail(_connection: object) -> None:
        raise StoreUnavailable("no room left")

    with pytest.raises(StoreUnavailable):
        keystore.ensure([a_case()])
    event.remove(engine, "commit", fail)
    kept = keystore.ensure([a_case()])
    assert reopened(tmp_path).find([a_case()]) == kept


def test_neither_subjects_nor_keys_are_in_the_file(tmp_path: Path) -> None:
    subject = Subject("case", "cap_emploi", "12345678200002", "dossier-de-marie")
    key = a_keystore(tmp_path).ensure([subject])[subject]
    held = held_bytes(tmp_path)
    assert key.ref in held
    for secret in (b"dossier-de-marie", b"12345678200002", b"cap_emploi", key.key):
        assert secret not in held


def test_a_key_does_not_show_itself() -> None:
    assert repr(SubjectKey(bytes(16), a_case(), b"secret")) == "SubjectKey(...)"


@given(st.lists(st.text(max_size=20), min_size=4, max_size=4))
def test_a_subject_reads_back_as_it_was_encoded(parts: list[str]) -> None:
    assert decode_subject(encode_subject(Subject(*parts))) == Subject(*parts)


def splits(whole: str) -> Iterator[Subject]:
    yield from (Subject("case", "", whole[:at], whole[at:]) for at in range(len(whole) + 1))


def test_subjects_that_read_alike_end_to_end_are_encoded_apart() -> None:
    subjects = list(splits("12345"))
    assert len({encode_subject(subject) for subject in subjects}) == len(subjects)

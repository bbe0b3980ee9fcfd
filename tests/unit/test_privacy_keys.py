"""The key-encryption key: read from a protected file, never overwritten, never shown."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from hub.errors import KeyUnavailable
from hub.privacy.keys import MasterKey

SECRET = bytes(range(32))


def a_key_file(folder: Path, content: bytes = base64.b64encode(SECRET), mode: int = 0o600) -> Path:
    path = folder / "master.key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_created_key_file_gives_the_same_key_back(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    created = MasterKey.create_file(path, os.urandom)
    assert MasterKey.from_file(path).derive("wrap") == created.derive("wrap")


def test_a_created_key_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    before = os.umask(0)
    try:
        MasterKey.create_file(path, os.urandom)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = a_key_file(tmp_path)
    with pytest.raises(KeyUnavailable, match="never overwritten"):
        MasterKey.create_file(path, os.urandom)
    assert MasterKey.from_file(path).derive("wrap") == MasterKey(SECRET).derive("wrap")


def test_a_key_file_that_cannot_be_created_says_why(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="cannot be created"):
        MasterKey.create_file(tmp_path / "absent" / "master.key", os.urandom)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = a_key_file(tmp_path, mode=mode)
    with pytest.raises(KeyUnavailable, match="chmod 600"):
        MasterKey.from_file(path)


def test_a_missing_key_file_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="hub init"):
        MasterKey.from_file(tmp_path / "master.key")


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable):
        MasterKey.from_file(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", base64.b64encode(SECRET[:16]), base64.b64encode(SECRET * 2), b"not base64!", SECRET]
)
def test_a_file_that_holds_no_key_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    path = a_key_file(tmp_path, content)
    with pytest.raises(KeyUnavailable) as refused:
        MasterKey.from_file(path)
    assert str(path) in str(refused.value)
    assert not content or content.decode("latin-1") not in str(refused.value)


def test_a_key_in_a_variable_may_end_with_a_newline() -> None:
    text = base64.b64encode(SECRET).decode()
    assert MasterKey.from_text(f"{text}\n").derive("lookup") == MasterKey(SECRET).derive("lookup")


def test_each_purpose_has_a_key_of_its_own() -> None:
    purposes = ["wrap", "lookup", "content-mac", "trait-hash", "quarantine", "topic-token", "key-check"]
    assert len({MasterKey(SECRET).derive(purpose) for purpose in purposes}) == len(purposes)


def test_derived_keys_are_the_same_in_every_release() -> None:
    # Another value here would lock every installation out of its ledger.
    assert MasterKey(SECRET).derive("wrap").hex() == "40c2969f1e9119ff30f725cbac125ee3c667cc6044f91adac7027d89d3cc9ef6"


def test_the_key_does_not_show_itself() -> None:
    assert repr(MasterKey(SECRET)) == "MasterKey(...)"

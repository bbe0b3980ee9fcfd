"""Sealing: opens what was sealed, and nothing else."""

from __future__ import annotations

import hmac
import os

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import StoreCorrupt
from hub.privacy.sealing import commitment, event_keys, expand, keyed_hash, open_sealed, seal

KEY = bytes(range(32))
NONCE = bytes(12)


@given(plaintext=st.binary(max_size=500), aad=st.binary(max_size=200))
def test_what_was_sealed_opens(plaintext: bytes, aad: bytes) -> None:
    assert open_sealed(KEY, NONCE, seal(KEY, NONCE, plaintext, aad), aad) == plaintext


@given(bit=st.integers(0, 8 * (40 + 16) - 1))
def test_one_flipped_bit_anywhere_is_found(bit: int) -> None:
    sealed = bytearray(seal(KEY, NONCE, b"p" * 40, b"clear"))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(StoreCorrupt):
        open_sealed(KEY, NONCE, bytes(sealed), b"clear")


@pytest.mark.parametrize(
    ("key", "nonce", "aad"),
    [(b"x" * 32, NONCE, b"clear"), (KEY, b"y" * 12, b"clear"), (KEY, NONCE, b"other"), (KEY, b"", b"clear")],
)
def test_another_key_nonce_or_clear_text_is_found(key: bytes, nonce: bytes, aad: bytes) -> None:
    sealed = seal(KEY, NONCE, b"plain", b"clear")
    with pytest.raises(StoreCorrupt):
        open_sealed(key, nonce, sealed, aad)


@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_truncated_text_is_found(length: int) -> None:
    with pytest.raises(StoreCorrupt):
        open_sealed(KEY, NONCE, seal(KEY, NONCE, b"plain", b"")[:length], b"")


@given(key=st.binary(min_size=32, max_size=32), info=st.binary(max_size=80))
def test_expand_is_hkdf_expand(key: bytes, info: bytes) -> None:
    assert expand(key, info) == HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(key)


@given(st.lists(st.binary(max_size=64)))
def test_the_keys_of_events_are_expanded_from_their_subjects(event_ids: list[bytes]) -> None:
    derive = event_keys(KEY)

    assert [derive(each) for each in event_ids] == [expand(KEY, b"parcours-hub/v1/event/" + each) for each in event_ids]


@given(key=st.binary(max_size=100), prefix=st.binary(max_size=100), texts=st.lists(st.binary(max_size=200)))
def test_a_keyed_hash_is_hmac_sha256_of_the_prefix_and_each_text(key: bytes, prefix: bytes, texts: list[bytes]) -> None:
    digest = keyed_hash(key, prefix)

    assert [digest(text) for text in texts] == [hmac.digest(key, prefix + text, "sha256") for text in texts]


def test_events_and_subjects_have_keys_of_their_own() -> None:
    ids = [os.urandom(16) for _ in range(3)]
    keys = {event_keys(subject)(event_id) for subject in (KEY, b"x" * 32) for event_id in ids}
    assert len(keys) == 6


def test_event_keys_and_hashes_are_the_same_in_every_release() -> None:
    # Other values here would lock every installation out of its ledger.
    assert event_keys(KEY)(bytes(16)).hex() == "dd7f5891572beabbf2b9cd8608c88e916271a8a23af0aa25b22d3796d2c0af2c"
    assert commitment(KEY).hex() == "b9369d386f240e93fc46034986efe52d1f51d2fb753dcfc053fab0f5520b376d"
    assert keyed_hash(KEY)(b"content").hex() == "375258850f8c6e806971d9354931d8c6562c10e7f5dc4b56d8a7eb7c9bbd6bfb"


def test_a_commitment_tells_keys_apart() -> None:
    assert commitment(KEY) == commitment(bytes(range(32)))
    assert commitment(KEY) != commitment(b"x" * 32)

"""The key-encryption key: one 32-byte secret from which every other secret of the hub follows."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import KeyUnavailable

KEY_BYTES = 32


class MasterKey:
    """The key-encryption key; it never shows itself in a text.

    Raises:
        KeyUnavailable: the secret is not 32 bytes long.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyUnavailable(
                f"the key-encryption key has {len(secret)} bytes, expected {KEY_BYTES}; "
                "restore the right key from its backup, or create one with `hub init` for a new installation"
            )
        self._secret = secret

    def __repr__(self) -> str:
        return "MasterKey(...)"

    @classmethod
    def from_text(cls, text: str) -> MasterKey:
        """Read the key from base64 text, as a variable or a secret file holds it.

        Raises:
            KeyUnavailable: the text is not base64, or not of 32 bytes.
        """
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            # The original error could quote the key.
            raise KeyUnavailable(
                "the key-encryption key is not base64 text; expected the 44 characters that encode 32 bytes, "
                "as `hub init` writes them"
            ) from None
        return cls(secret)

    @classmethod
    def from_file(cls, path: Path) -> MasterKey:
        """Read the key from a file that only its owner can read.

        Raises:
            KeyUnavailable: the file is missing, open to other users, or does not hold a key.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if not stat.S_ISREG(mode):
                    raise KeyUnavailable(f"the key file {path} is not a regular file; name the file that holds the key")
                if mode & (stat.S_IRWXG | stat.S_IRWXO):
                    raise KeyUnavailable(
                        f"the key file {path} can be read or changed by other users (mode {stat.S_IMODE(mode):04o}); "
                        f"run `chmod 600 {path}`, and replace the key if others may have read it"
                    )
                text = file.read(4096)
        except FileNotFoundError as error:
            raise KeyUnavailable(
                f"there is no key file at {path}; restore it from its backup, or run `hub init` for a new installation"
            ) from error
        except OSError as error:
            raise KeyUnavailable(
                f"the key file {path} cannot be read ({error.strerror}); check its owner and path"
            ) from error
        try:
            return cls.from_text(text.decode("ascii", errors="replace"))
        except KeyUnavailable as error:
            raise KeyUnavailable(f"in the key file {path}: {error}") from None

    @classmethod
    def create_file(cls, path: Path, random_bytes: Callable[[int], bytes]) -> MasterKey:
        """Make a new key and keep it in a new file of mode 0600, on disk before this returns.

        Raises:
            KeyUnavailable: the file exists already (it is never overwritten), or cannot be written.
        """
        key = cls(random_bytes(KEY_BYTES))
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise KeyUnavailable(
                f"the key file {path} exists already and is never overwritten: without it, what it sealed is lost; "
                "use it, or name another file"
            ) from error
        except OSError as error:
            raise KeyUnavailable(
                f"the key file {path} cannot be created ({error.strerror}); check its folder"
            ) from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(base64.b64encode(key._secret) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(path.parent)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise KeyUnavailable(
                f"the key file {path} cannot be written ({error.strerror}); free space, then try again"
            ) from error
        return key

    def derive(self, purpose: str) -> bytes:
        """Give the 32-byte key of one purpose, by HKDF-SHA256 (RFC 5869).

        The hub's purposes are "wrap", "lookup", "content-mac", "trait-hash", "quarantine", "topic-token", "key-check",
        "access-reason", "access-mac".
        """
        info = b"parcours-hub/v1/" + purpose.encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._secret)


def _sync_folder(folder: Path) -> None:
    """Make a new file's name durable, not only its content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The directory of names: two files in a folder, read again whenever one of them has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from hub.api.watched import Watched
from hub.errors import Usage
from hub.telemetry.logs import Log
from hub.web.naming.names import Names
from hub.web.naming.tables import ADVISERS, SITES, parsed

EFFECT_WITHIN_S = 2.0
LONGEST_WAIT_S = 0.2
"""Enough for 20,000 lines; a page is worth more with yesterday's names than late."""
LARGEST_BYTES = 32 * 1024 * 1024


def directory_of(
    folder: Path, *, clock: Callable[[], float], log: Log, readers: Mapping[str, str] = MappingProxyType({})
) -> Watched[Names]:
    """Read the folder, and read it again when a file of it changed.

    Args:
        clock: counts seconds.
        readers: names that are known without the files, by the ids of readers.

    Raises:
        Usage: a file cannot be read, or is wrong.
    """

    def read() -> Names:
        found = parsed(_text(folder / ADVISERS), _text(folder / SITES), f"HUB_NAMES_DIR: {folder}")
        return replace(found, readers=MappingProxyType({**found.readers, **readers}))

    return Watched(
        (folder / ADVISERS, folder / SITES),
        read,
        name="names",
        size=lambda names: len(names.advisers) + len(names.sites),
        fresh_s=EFFECT_WITHIN_S,
        wait_s=LONGEST_WAIT_S,
        clock=clock,
        log=log,
    )


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Usage(
            f"HUB_NAMES_DIR: {file} cannot be read ({error.strerror}); make it, of its first line alone if there is "
            "nothing to name, or unset HUB_NAMES_DIR"
        ) from error
    if len(content) > LARGEST_BYTES:
        raise Usage(f"HUB_NAMES_DIR: {file} is larger than {LARGEST_BYTES} bytes; leave out who is never named")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Usage(f"HUB_NAMES_DIR: {file}, line {line} is not UTF-8; save it as CSV UTF-8") from None

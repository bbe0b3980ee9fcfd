"""Reads `Dockerfile` and `.dockerignore`, as far as this project uses them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its stage, counted from 0, its word, and what follows."""

    stage: int
    word: str
    text: str

    @property
    def arguments(self) -> list[str]:
        """Give the words, of a list as of plain text."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


def instructions() -> list[Instruction]:
    """Give the instructions in their order."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    text = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[Instruction] = []
    stage = -1
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Instruction(stage, word, rest.strip()))
    return found


def of(word: str, stage: int | None = None) -> list[Instruction]:
    """Give the instructions of one kind."""
    return [each for each in instructions() if each.word == word and stage in {None, each.stage}]


def context_sources() -> list[str]:
    """Give what is copied out of the build's context."""
    copies = [each.arguments for each in of("COPY") if "--from" not in each.text]
    return [source for arguments in copies for source in arguments[:-1]]


def is_ignored(path: str) -> bool:
    """Tell whether a file of the context is kept from the builder: the last pattern that matches decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if (
            pattern
            and not pattern.startswith("#")
            and any(_matches(pattern.removeprefix("!"), each) for each in _ways(path))
        ):
            ignored = not pattern.startswith("!")
    return ignored


def _ways(path: str) -> Iterator[PurePosixPath]:
    """Give the file and the folders that it lies in: a pattern that matches a folder holds for all in it."""
    whole = PurePosixPath(path)
    yield whole
    yield from list(whole.parents)[:-1]


def _matches(pattern: str, path: PurePosixPath) -> bool:
    if pattern.startswith("**/"):
        return any(_matches(pattern[3:], PurePosixPath(*path.parts[start:])) for start in range(len(path.parts)))
    wanted = PurePosixPath(pattern).parts
    return len(wanted) == len(path.parts) and all(map(fnmatchcase, path.parts, wanted))

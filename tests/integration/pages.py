"""Pages of the documentation as programs: their blocks in order, and whether what a command wrote is what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"```(\S*)( .*)?")
ELISION = "..."


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what stands behind it on the fence, the line it begins on, and its text."""

    language: str
    mark: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a console block, with the lines it is shown to write."""

    command: str
    shown: tuple[str, ...]


def blocks(page: Path) -> Iterator[Block]:
    """Give the fenced blocks of a Markdown page."""
    opened: tuple[str, str, int] | None = None
    held: list[str] = []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = _FENCE.fullmatch(line)
        if opened is None and fence:
            opened, held = (fence[1], (fence[2] or "").strip(), number), []
        elif opened is not None and line == "```":
            yield Block(*opened, "\n".join(held))
            opened = None
        elif opened is not None:
            held.append(line)
    assert opened is None, f"{page}: the block of line {number} is not closed"


def steps(block: Block) -> list[Step]:
    """Cut a console block at its prompts; lines before the first one are a defect of the page."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return [Step(command, tuple(shown)) for command, shown in found]


def is_shown(written: str, shown: tuple[str, ...]) -> bool:
    """Tell whether a text is what a page shows; `...` stands for any lines, within a line for any characters."""
    pattern = ""
    for line in shown:
        if line == ELISION:
            pattern += r"(?:.*\n)*?"
        else:
            parts = (re.escape(part) for part in line.rstrip().split(ELISION))
            pattern += ".*?".join(parts) + r"[ ]*\n"
    text = written if not written or written.endswith("\n") else f"{written}\n"
    return re.fullmatch(pattern, text) is not None

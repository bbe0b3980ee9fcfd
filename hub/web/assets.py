"""Style, scripts and images: read and compressed once, sent under an address that changes when they do.

Pages themselves are never compressed: they hold a form's secret beside what someone typed (BREACH).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from fastapi import Request, Response

from hub.errors import NotFound
from hub.web.themes import KINDS, STATIC

PATH = "/statique"
_DIGEST_BYTES = 8


class _Asset(NamedTuple):
    body: bytes
    zipped: bytes
    kind: str
    digest: str


class Assets:
    """The files of `static/`; one of a theme's folder stands for the hub's own of the same name."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        roots: list[Traversable] = [files("hub.web") / STATIC, *(folder / STATIC for folder in folders)]
        self._assets = {
            each.name: _read(each)
            for folder in roots
            if folder.is_dir()
            for each in folder.iterdir()
            if Path(each.name).suffix in KINDS
        }

    def address(self, name: str) -> str:
        """Give where a browser finds a file; the address changes with its content.

        Raises:
            KeyError: there is none, and the template that asks is wrong.
        """
        return f"{PATH}/{name}?v={self._assets[name].digest}"

    def has(self, name: str) -> bool:
        """Say whether there is a file of this name: a theme may add some that the hub itself does without."""
        return name in self._assets

    def answer(self, request: Request, name: str) -> Response:
        """Send a file.

        Raises:
            NotFound: there is none of this name.
        """
        found = self._assets.get(name)
        if found is None:
            raise NotFound("there is no such file")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if not _takes_gzip(request.headers.get("Accept-Encoding", "")):
            return Response(found.body, headers=headers, media_type=found.kind)
        return Response(found.zipped, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.kind)


def _read(file: Traversable) -> _Asset:
    body = file.read_bytes()
    digest = hashlib.blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()
    return _Asset(body, gzip.compress(body, mtime=0), KINDS[Path(file.name).suffix], digest)


def _takes_gzip(accepted: str) -> bool:
    """Say whether a client takes gzip: it names it, and does not give it the weight 0."""
    named = (each.partition(";") for each in accepted.lower().split(","))
    return any(
        coding.strip() == "gzip" and weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
        for coding, _, weight in named
    )

"""Makes a screenshot small: a PNG of at most 256 colours, by the standard library alone."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256
_CHANNELS = {2: 3, 6: 4}
"""By colour type: the two that browsers write, of eight bits a channel."""


def compressed(png: bytes) -> bytes:
    """Give the same picture with a palette: its commonest colours, and for each other one the nearest of them."""
    width, height, channels, packed = _read(png)
    rows = list(_unfiltered(zlib.decompress(packed), width * channels, height, channels))
    counted: Counter[bytes] = Counter()
    for row in rows:
        counted.update(row[at : at + 3] for at in range(0, len(row), channels))
    palette = [colour for colour, _ in counted.most_common(_COLOURS)]
    index = {colour: number for number, colour in enumerate(palette)}
    for colour in counted:
        if colour not in index:
            index[colour] = _nearest(colour, palette)
    lines = (bytes(index[row[at : at + 3]] for at in range(0, len(row), channels)) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", body), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def _read(png: bytes) -> tuple[int, int, int, bytes]:
    """Give width, height, channels and the packed rows."""
    at, packed = len(_SIGNATURE), b""
    width = height = channels = 0
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", content[:10])
            channels = _CHANNELS[colour]
        elif kind == b"IDAT":
            packed += content
        at += size + 12
    return width, height, channels, packed


def _unfiltered(data: bytes, stride: int, height: int, channels: int) -> Iterator[bytes]:
    """Undo the filter of each row (PNG specification, section 9)."""
    before = bytearray(stride)
    for number in range(height):
        start = number * (stride + 1)
        row = bytearray(data[start + 1 : start + 1 + stride])
        kind = data[start]
        for at in range(stride):
            left = row[at - channels] if at >= channels else 0
            if kind == 1:
                row[at] = (row[at] + left) & 255
            elif kind == 2:
                row[at] = (row[at] + before[at]) & 255
            elif kind == 3:
                row[at] = (row[at] + (left + before[at]) // 2) & 255
            elif kind == 4:
                corner = before[at - channels] if at >= channels else 0
                row[at] = (row[at] + _paeth(left, before[at], corner)) & 255
            else:
                break
        before = row
        yield bytes(row)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    distances = ((abs(guess - each), each) for each in (left, above, corner))
    return min(distances, key=lambda found: found[0])[1]


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    red, green, blue = colour
    return min(
        range(len(palette)),
        key=lambda at: (palette[at][0] - red) ** 2 + (palette[at][1] - green) ** 2 + (palette[at][2] - blue) ** 2,
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

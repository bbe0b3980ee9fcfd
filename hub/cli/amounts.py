"""Durations, ages, rates and counts in few letters, for screens that are read at a glance."""

from __future__ import annotations

from collections.abc import Mapping

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float) -> str:
    """Write a duration with its two largest units at most: `2 d 4 h`, `45 s`, `0.3 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s" if seconds else "0 s"
    left = round(seconds)
    for index, (size, name) in enumerate(_UNITS):
        if left >= size:
            whole, rest = divmod(left, size)
            text = f"{whole} {name}"
            if index + 1 < len(_UNITS) and (more := rest // _UNITS[index + 1][0]):
                text += f" {more} {_UNITS[index + 1][1]}"
            return text
    return f"{left} s"


def rate(per_second: float) -> str:
    """Write a rate: `1,234/s`, `0.4/s`, and nothing for none."""
    if per_second <= 0:
        return ""
    return f"{per_second:,.0f}/s" if per_second >= 10 else f"{per_second:.1f}/s"


def listed(counts: Mapping[str, int]) -> str:
    """Put counts on one line, each after its name."""
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())

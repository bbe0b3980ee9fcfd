"""Scales: from zero to a round number, with ticks that people can read."""

from __future__ import annotations

from typing import NamedTuple

_STEPS = (1, 2, 5)
_MOST_TICKS = 4


class Scale(NamedTuple):
    """What the far end of a chart stands for, and the values that its lines are drawn at, zero first."""

    top: int
    ticks: tuple[int, ...]

    def share(self, value: float) -> float:
        """Give how far along a value lies, in percent from 0 to 100."""
        return max(0.0, min(100.0, 100.0 * value / self.top))


def scale_to(largest: float) -> Scale:
    """Make the scale that holds a value, with at most four steps of 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for each in _STEPS:
            step = each * power
            if step * _MOST_TICKS >= largest:
                count = max(1, -(-int(-(-largest // 1)) // step))
                return Scale(count * step, tuple(step * number for number in range(count + 1)))
        power *= 10

"""A simulated region: two networks, real places, invented people; the same seed gives the same bytes.

`simulate` yields the feed line by line; `write` writes it to a JSONL file that `hub publish` reads. A line is an event
in its JSON form, or a broken record that goes to the log as raw bytes, so that quarantine has something to hold.
"""

from hub.producers.simulation.draft import Line
from hub.producers.simulation.feed import simulate
from hub.producers.simulation.writing import Summary, write

__all__ = ["Line", "Summary", "simulate", "write"]

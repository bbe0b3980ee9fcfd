"""What brings events to the log: the publisher, the outbox relay, file adapters, the simulation.

Other systems import from here; `hub.wiring.publisher_to` opens a log for them without any key of the hub.
"""

from hub.producers.outbox import Outbox, OutboxRelay, Relayed
from hub.producers.outbox_table import Entry, enqueue, outbox_table
from hub.producers.publisher import Publisher, Receipt

__all__ = ["Entry", "Outbox", "OutboxRelay", "Publisher", "Receipt", "Relayed", "enqueue", "outbox_table"]

"""One server by hand: `python -m tests.servers kafka`, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.servers.kafka import KafkaCluster
from tests.servers.postgres import LocalPostgres
from tests.servers.run import Run, ServerFailed, ServerUnavailable, listens


def main() -> None:
    """Start the server that is asked for and say how the hub reaches it."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("server", choices=["kafka", "postgres"])
    parser.add_argument("--port", type=int, help="9092 for Kafka, 5432 for PostgreSQL")
    parser.add_argument("--data", type=Path, help="a folder that keeps the data for the next time")
    given = parser.parse_args()
    port = given.port or {"kafka": 9092, "postgres": 5432}[given.server]
    if listens(port):
        sys.exit(f"Port {port} is taken: end what listens there, or give another --port.")
    data = given.data and given.data.resolve()
    try:
        with Run.open() as run:
            if given.server == "kafka":
                with KafkaCluster(run, port=port, data=data) as cluster:
                    _tell([f"HUB_KAFKA_SERVERS={cluster.servers}", "HUB_REPLICATION=1"])
                    cluster.stop()
            else:
                with LocalPostgres(run, durable=True, port=port, data=data) as server:
                    databases = {"HUB_DATABASE": "hub", "HUB_KEY_DATABASE": "hub_keys"}
                    _tell([f"{name}={server.keep_database(it)}" for name, it in databases.items()])
                    server.stop()
    except (ServerUnavailable, ServerFailed) as error:
        sys.exit(str(error))


def _tell(settings: list[str]) -> None:
    print("It runs until Ctrl-C. For the hub, in another shell:", *(f"  export {it}" for it in settings), sep="\n")  # noqa: T201
    sys.stdout.flush()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()  # noqa: T201


if __name__ == "__main__":
    main()

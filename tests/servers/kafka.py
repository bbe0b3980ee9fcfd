"""Apache Kafka from its own jars: one broker, or three whose failures a test decides."""

from __future__ import annotations

import base64
import contextlib
import random
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.servers.jars import java, kafka_jars
from tests.servers.run import Run, ServerFailed, listens, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from confluent_kafka.admin._metadata import TopicMetadata

# An idle broker: 210 MB resident, and an answer 1.6 s after its start.
JAVA_OPTIONS = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
# Any 16 bytes, written as Kafka writes them.
CLUSTER_ID = base64.urlsafe_b64encode(random.Random(1).randbytes(16)).decode().rstrip("=")
START_S = 120
STOP_S = 20

LOGGING = """\
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1}: %m%n
"""

SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "INTERNAL",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    # Killed workers are noticed within a second where a test wants that.
    "group.min.session.timeout.ms": "100",
    "log.index.size.max.bytes": "1048576",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.initial.task.delay.ms": "500",
    "log.retention.check.interval.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    # A broker that dies is replaced, and one killed may come back, within so many seconds; the defaults are 9 and 2.
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "500",
}


@dataclass(frozen=True, slots=True)
class Kafka:
    """A broker that all tests of the run share.

    Attributes:
        servers: the bootstrap servers, `host:port`.
    """

    servers: str


@dataclass(slots=True)
class Broker:
    """One broker, which is a controller too, with the port of each of its listeners by the listener's name."""

    node: int
    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = None
    paused: bool = False

    @property
    def properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def log(self) -> Path:
        return self.folder / "broker.log"


class KafkaCluster:
    """Brokers that can be killed, stopped, paused and started again, each on its ports and its data.

    Clients connect to the listener CLIENTS; what brokers and this class say to each other takes INTERNAL.

    Args:
        brokers: how many; with several, topics are replicated to three of them and need two in sync.
        advertised: by node, the port at which clients are told to find it: a proxy's.
        listeners: more listeners, their security protocol by their name.
        settings: more settings of the broker.
        format_options: more options of the storage tool.
        java_options: more options of Java.
        port: the port of node 1 for clients, instead of a free one.
        data: a folder that keeps the data, instead of the run's.
    """

    def __init__(
        self,
        run: Run,
        *,
        brokers: int = 1,
        advertised: Mapping[int, int] | None = None,
        listeners: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        format_options: Sequence[str] = (),
        java_options: Sequence[str] = (),
        port: int | None = None,
        data: Path | None = None,
    ) -> None:
        self._run = run
        self._advertised = dict(advertised or {})
        self._protocols = dict.fromkeys(("CONTROLLER", "INTERNAL", "CLIENTS"), "PLAINTEXT") | dict(listeners or {})
        self._settings = dict(settings or {})
        self._format_options = list(format_options)
        self._java = [java("Kafka"), *JAVA_OPTIONS, *java_options]
        folder = data or run.fresh_folder("kafka")
        self.brokers = {
            node: Broker(node, folder / f"broker-{node}", {name: run.free_port() for name in self._protocols})
            for node in range(1, brokers + 1)
        }
        if port is not None:
            self.brokers[1].ports["CLIENTS"] = port

    @property
    def servers(self) -> str:
        """The bootstrap servers for clients: through the proxies, where there are any."""
        return ",".join(f"127.0.0.1:{self._client_port(broker)}" for broker in self.brokers.values())

    def servers_of(self, listener: str) -> str:
        """The bootstrap servers of another listener."""
        return ",".join(f"127.0.0.1:{broker.ports[listener]}" for broker in self.brokers.values())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for node, broker in self.brokers.items():
            if broker.process is not None:
                self.kill(node)

    def start(self, node: int | None = None) -> None:
        """Start one broker, or all, and wait until each answers.

        Raises:
            ServerFailed: one does not come up; with the end of what it said.
        """
        started = self._chosen(node)
        self._prepare(started)
        for broker in started:
            command = [*self._command(broker), "kafka.Kafka", str(broker.properties)]
            broker.process = self._run.spawn(command, broker.log)
        for broker in started:
            wait_until(lambda b=broker: self._answers(b), deadline_s=START_S, what=f"broker {broker.node}")  # type: ignore[misc]

    def stop(self, node: int | None = None) -> None:
        """Have one broker, or all, hand over and end; one that does not within 20 s is killed."""
        stopped = [broker for broker in self._chosen(node) if broker.process is not None]
        for broker in stopped:
            self._process(broker).send_signal(signal.SIGTERM)
        for broker in stopped:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process(broker).wait(timeout=STOP_S)
            self.kill(broker.node)

    def kill(self, node: int) -> None:
        """End a broker at once, as `kill -9` does."""
        broker = self.brokers[node]
        process = self._process(broker)
        process.kill()
        self._run.ended(process)
        broker.process = None
        broker.paused = False

    def pause(self, node: int) -> None:
        """Stop a broker's clock: its connections stay open and nothing answers."""
        self._process(self.brokers[node]).send_signal(signal.SIGSTOP)
        self.brokers[node].paused = True

    def resume(self, node: int) -> None:
        """Let a paused broker go on."""
        self._process(self.brokers[node]).send_signal(signal.SIGCONT)
        self.brokers[node].paused = False

    def leader_of(self, topic: str, partition: int = 0) -> int:
        """The node that leads a partition now; -1 while none does."""
        return self._metadata(topic).partitions[partition].leader

    def in_sync(self, topic: str, partition: int = 0) -> set[int]:
        """The nodes whose copy of a partition is up to date."""
        return set(self._metadata(topic).partitions[partition].isrs)

    def _prepare(self, brokers: Sequence[Broker]) -> None:
        formats = []
        for broker in brokers:
            fresh = not broker.folder.exists()
            broker.folder.mkdir(parents=True, exist_ok=True)
            (broker.folder / "log4j2.properties").write_text(LOGGING)
            broker.properties.write_text("".join(f"{key}={value}\n" for key, value in self._properties(broker).items()))
            if fresh:
                formats.append((broker, self._format(broker)))
        for broker, process in formats:
            if process.wait(timeout=START_S) != 0:
                raise ServerFailed(f"The storage of broker {broker.node} was not formatted: {_end_of(broker.log)}")

    def _format(self, broker: Broker) -> subprocess.Popen[bytes]:
        options = ["format", "-t", CLUSTER_ID, "-c", str(broker.properties), *self._format_options]
        with broker.log.open("ab") as log:
            return subprocess.Popen(
                [*self._command(broker), "kafka.tools.StorageTool", *options], stdout=log, stderr=subprocess.STDOUT
            )

    def _properties(self, broker: Broker) -> dict[str, str]:
        copies = min(3, len(self.brokers))
        clients = [name for name in self._protocols if name != "CONTROLLER"]
        advertised = broker.ports | {"CLIENTS": self._client_port(broker)}
        voters = (f"{b.node}@127.0.0.1:{b.ports['CONTROLLER']}" for b in self.brokers.values())
        return {
            **SETTINGS,
            "node.id": str(broker.node),
            "log.dirs": str(broker.folder / "data"),
            "controller.quorum.voters": ",".join(voters),
            "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in broker.ports.items()),
            "advertised.listeners": ",".join(f"{name}://127.0.0.1:{advertised[name]}" for name in clients),
            "listener.security.protocol.map": ",".join(f"{name}:{it}" for name, it in self._protocols.items()),
            "default.replication.factor": str(copies),
            "offsets.topic.replication.factor": str(copies),
            "transaction.state.log.replication.factor": str(copies),
            "transaction.state.log.min.isr": str(min(2, copies)),
            "min.insync.replicas": str(min(2, copies)),
            **self._settings,
        }

    def _command(self, broker: Broker) -> list[str]:
        logging = broker.folder / "log4j2.properties"
        return [*self._java, f"-Dlog4j2.configurationFile={logging}", "-cp", f"{kafka_jars()}/*"]

    def _client_port(self, broker: Broker) -> int:
        return self._advertised.get(broker.node, broker.ports["CLIENTS"])

    def _chosen(self, node: int | None) -> list[Broker]:
        return [self.brokers[node]] if node else list(self.brokers.values())

    def _process(self, broker: Broker) -> subprocess.Popen[bytes]:
        if broker.process is None:
            raise ValueError(f"broker {broker.node} does not run")
        return broker.process

    def _answers(self, broker: Broker) -> bool:
        if self._process(broker).poll() is not None:
            raise ServerFailed(f"Broker {broker.node} ended at its start: {_end_of(broker.log)}")
        if not listens(broker.ports["CLIENTS"]):
            return False
        return answers(f"127.0.0.1:{broker.ports['INTERNAL']}", broker.node)

    def _metadata(self, topic: str) -> TopicMetadata:
        healthy = (it for it in self.brokers.values() if it.process is not None and not it.paused)
        servers = ",".join(f"127.0.0.1:{broker.ports['INTERNAL']}" for broker in healthy)
        return _admin(servers).list_topics(topic, timeout=10).topics[topic]


def answers(servers: str, node: int) -> bool:
    """Whether a broker answers and counts this node among those that serve."""
    try:
        return node in _admin(servers).list_topics(timeout=5).brokers
    except KafkaException:
        return False


def _admin(servers: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": servers, "log_level": 0})


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]

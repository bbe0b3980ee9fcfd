"""What the compose file describes, run as processes of this machine: its commands, environments and health checks.

Addresses of containers become ports of 127.0.0.1, and folders of containers become folders of the test; nothing else of
a command or of an environment is changed.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.compose import ROOT, Service, example_variables, services
from tests.servers.jars import java, kafka_jars
from tests.servers.postgres import ordinary_user, programs
from tests.servers.run import Run, listens, wait_until

START_S = 90
# What the image puts into /etc/kafka/docker, as far as its start asks for it.
LOGGING = "Configuration:\n  Loggers:\n    Root:\n      level: WARN\n    Logger: []\n"
TOOLS = {
    "kafka-broker-api-versions.sh": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "kafka-acls.sh": "org.apache.kafka.tools.AclCommand",
}
Ran = subprocess.CompletedProcess[str]
JOBS = ("access", "migrate", "topics", "schemas")


@dataclass(frozen=True)
class Installation:
    """Where everything of one installation is: enough for any process of the run to use it."""

    folder: Path
    kafka_internal: int
    kafka_host: int
    kafka_controller: int
    postgres: int
    metrics: Sequence[int]
    registry: str

    def services(self) -> dict[str, Service]:
        """Give the services of the file, with every password of its own."""
        return services(self.variables())

    def variables(self) -> dict[str, str]:
        """Give what a filled-in environment file holds."""
        return example_variables(HUB_PARTITIONS="3")

    def here(self, text: str) -> str:
        """Replace addresses and folders of containers by those of this machine."""
        replaced = {
            "=/tmp/": f"={self.folder / 'tmp'}/",
            "http://registry:8081": self.registry,
            "@postgres:5432": f"@127.0.0.1:{self.postgres}",
            "://kafka:19092": f"://127.0.0.1:{self.kafka_internal}",
            "://:19092": f"://127.0.0.1:{self.kafka_internal}",
            "kafka:19092": f"127.0.0.1:{self.kafka_internal}",
            "://:9092": f"://127.0.0.1:{self.kafka_host}",
            "localhost:9092": f"127.0.0.1:{self.kafka_host}",
            "localhost:9093": f"127.0.0.1:{self.kafka_controller}",
            "/var/lib/kafka/data": str(self.folder / "kafka"),
            "/opt/kafka/bin": str(self.folder / "bin"),
            "/var/lib/hub-key": str(self.folder / "key"),
            "/var/lib/hub": str(self.folder / "hub"),
        }
        for old, new in replaced.items():
            text = text.replace(old, new)
        return text

    def spawn_api(self, log: Path, port: int, issuer: str) -> subprocess.Popen[bytes]:
        """Start the API on this port of this machine, with this provider."""
        changed = {"HUB_API_HOST": "127.0.0.1", "HUB_API_PORT": str(port), "HUB_OIDC_ISSUER": issuer}
        with log.open("ab") as output:
            return subprocess.Popen(
                self.command("api"),
                env=self.environment("api") | changed,
                cwd=self.folder / "tmp",
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def environment(self, name: str, metrics: int = 0) -> dict[str, str]:
        """Give a service's environment, and only that; workers share this machine's network, so each has a port."""
        given = self.services()[name].environment
        found = {variable: self.here(value) for variable, value in given.items()}
        if "HUB_METRICS_PORT" in found:
            found |= {"HUB_METRICS_HOST": "127.0.0.1", "HUB_METRICS_PORT": str(metrics or self.metrics[0])}
        return {"PATH": f"{programs()}:{os.environ['PATH']}", **found}

    def run(
        self, name: str, command: Sequence[str], metrics: int = 0, **changed: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a service's environment, to its end."""
        return subprocess.run(
            [self.here(word) for word in command],
            env=self.environment(name, metrics) | changed,
            cwd=self.folder / "tmp",
            capture_output=True,
            text=True,
            check=False,
            timeout=START_S,
        )

    def command(self, name: str, *instead: str) -> list[str]:
        """Give the command line of a service; the hub's image has the program as its entry point."""
        service = self.services()[name]
        words = [*service.entrypoint, *(instead or service.command)]
        return [sys.executable, "-m", "hub.cli.app", *words] if service.image == "parcours-hub:local" else words

    def health(self, name: str, metrics: int = 0, **changed: str) -> Ran:
        """Run a service's health check."""
        words = self.services()[name].health
        if name == "postgres":
            words = [*words, f"--port={self.postgres}"]
        if words[0] == "hub":
            words = self.command(name, *words[1:])
        return self.run(name, words, metrics, **changed)

    def spawn_worker(self, log: Path, metrics: int) -> subprocess.Popen[bytes]:
        """Start a worker that serves its metrics on this port."""
        with log.open("ab") as output:
            return subprocess.Popen(
                self.command("worker"),
                env=self.environment("worker", metrics),
                cwd=self.folder / "tmp",
                stdout=output,
                stderr=subprocess.STDOUT,
            )


def up(run: Run, registry: str) -> Installation:
    """Start what the file describes, in the order it asks for, as `docker compose up` does; workers are the tests'."""
    folder = run.fresh_folder("compose")
    installation = Installation(
        folder=folder,
        kafka_internal=run.free_port(),
        kafka_host=run.free_port(),
        kafka_controller=run.free_port(),
        postgres=run.free_port(),
        metrics=[run.free_port(), run.free_port()],
        registry=registry,
    )
    for name in ("tmp", "hub", "key", "bin"):
        (folder / name).mkdir(mode=0o700)
    _write_tools(folder / "bin")
    starts: dict[str, Callable[[], None]] = {
        "kafka": lambda: _start_kafka(run, installation),
        "postgres": lambda: _start_postgres(run, installation),
        "registry": lambda: None,
    }
    for name in in_order(installation.services()):
        if name in starts:
            starts[name]()
        elif name in JOBS:
            done = installation.run(name, installation.command(name))
            assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    return installation


def in_order(found: Mapping[str, Service]) -> list[str]:
    """Give the services' names, each after those it waits for."""
    order: list[str] = []

    def add(name: str) -> None:
        for other in found[name].depends_on:
            add(other)
        if name not in order:
            order.append(name)

    for name in found:
        add(name)
    return order


def _write_tools(folder: Path) -> None:
    """Write the programs that the image has in /opt/kafka/bin: each starts one class of Kafka's jars."""
    for name, main in TOOLS.items():
        tool = folder / name
        classes = f"{kafka_jars()}/*"
        command = f"{java('Kafka')} -XX:TieredStopAtLevel=1 $KAFKA_HEAP_OPTS -cp {shlex.quote(classes)} {main}"
        tool.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        tool.chmod(0o755)


def _start_kafka(run: Run, installation: Installation) -> None:
    """Do what the image does: its own class turns the environment into settings and formats the storage."""
    folder = installation.folder / "kafka-image"
    settings = folder / "final"
    for name in ("default", "mounted", "final"):
        (folder / name).mkdir(parents=True)
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (folder / "default" / name).write_text(LOGGING if name.endswith("yaml") else "")
    setup = ["--default-configs-dir", folder / "default", "--mounted-configs-dir", folder / "mounted"]
    command = [java("Kafka"), "-cp", f"{kafka_jars()}/*", "kafka.docker.KafkaDockerWrapper", "setup", *setup]
    done = installation.run("kafka", [str(word) for word in [*command, "--final-configs-dir", settings]])
    assert done.returncode == 0, done.stdout + done.stderr
    heap = installation.environment("kafka")["KAFKA_HEAP_OPTS"].split()
    classes = ["-XX:TieredStopAtLevel=1", "-cp", f"{kafka_jars()}/*", "kafka.Kafka"]
    run.spawn([java("Kafka"), *heap, *classes, str(settings / "server.properties")], folder / "broker.log")
    wait_until(lambda: listens(installation.kafka_host), deadline_s=START_S, what="Kafka's start")
    wait_until(lambda: installation.health("kafka").returncode == 0, deadline_s=START_S, what="a healthy Kafka")


def _start_postgres(run: Run, installation: Installation) -> None:
    """Do what the image does with an empty volume: initdb, access by password, then the scripts; then the server."""
    folder = run.fresh_folder("compose-postgres")
    environment = installation.environment("postgres")
    user = ordinary_user()
    if user is not None:
        shutil.chown(folder, user)
    secret = folder / "superuser"
    secret.write_text(environment["POSTGRES_PASSWORD"])
    secret.chmod(0o644)
    data = folder / "data"
    initdb = ["initdb", "--username=postgres", f"--pwfile={secret}", *shlex.split(environment["POSTGRES_INITDB_ARGS"])]
    subprocess.run(
        [programs() / initdb[0], *initdb[1:], "--no-sync", "-D", data],
        check=True,
        capture_output=True,
        user=user,
        group=user and pwd.getpwnam(user).pw_gid,
        extra_groups=() if user else None,
        cwd=folder,
    )
    with (data / "pg_hba.conf").open("a") as access:
        access.write("\nhost all all all scram-sha-256\n")
    options = [*installation.command("postgres")[1:], "-c", f"port={installation.postgres}", "-c", "fsync=off"]
    options += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"]
    log = installation.folder / "postgres.log"
    server = [str(programs() / "postgres"), "-D", str(data)]
    run.spawn([*server, *options], log, end=signal.SIGQUIT, user=user)
    wait_until(lambda: listens(installation.postgres), deadline_s=START_S, what="PostgreSQL's start")
    for script in sorted((ROOT / "deploy" / "postgres").glob("*.sql")):
        psql = ["psql", "-v", "ON_ERROR_STOP=1", "--username", "postgres", "--no-password", "--no-psqlrc"]
        place = ["--dbname", "postgres", "--host", str(data), "--port", str(installation.postgres)]
        done = installation.run("postgres", [*psql, *place, "-f", str(script)])
        assert done.returncode == 0, done.stderr
    wait_until(lambda: installation.health("postgres").returncode == 0, deadline_s=START_S, what="a healthy PostgreSQL")

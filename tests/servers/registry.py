"""A schema registry with Confluent's API: Apicurio Registry, as it is published."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.jars import java, registry_jar
from tests.servers.run import ServerFailed, wait_until

if TYPE_CHECKING:
    from tests.servers.run import Run

START_S = 90
# Measured: 260 MB resident, which answers 2.3 s after it is started.
JAVA_OPTIONS = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that all tests of the run share: isolate by a topic prefix of the test's own."""

    url: str


class RegistryServer:
    """A registry that can be killed and started again: its schemas and its port stay.

    Raises:
        ServerUnavailable: there is no Java here, or Maven cannot get the registry.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._jar = registry_jar()
        self._port = run.free_port()
        self._folder = run.fresh_folder("registry")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/apis/ccompat/v7"

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            ServerFailed: it does not.
        """
        settings = {
            "quarkus.http.host": "127.0.0.1",
            "quarkus.http.port": self._port,
            "apicurio.storage.sql.kind": "h2",
            # Durable when acknowledged: by default H2 writes half a second later.
            "apicurio.datasource.url": f"jdbc:h2:file:{self._folder}/schemas;WRITE_DELAY=0",
        }
        options = [*JAVA_OPTIONS, *(f"-D{name}={value}" for name, value in settings.items())]
        log = self._folder / "registry.log"
        process = self._process = self._run.spawn([java("the schema registry"), *options, "-jar", self._jar], log)

        def answers() -> bool:
            if process.poll() is not None:
                raise ServerFailed(f"the schema registry ended at once: {log.read_text()[-2000:]}")
            return _answers(self.url)

        wait_until(answers, deadline_s=START_S, what="the start of the schema registry")

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._run.ended(self._process)
            self._process = None


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/subjects", timeout=5) as answer:  # noqa: S310 - its own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

"""What the Java servers run on: Java, and jars as Maven Central publishes them, kept in a cache for later runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.run import ServerUnavailable

MAVEN_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Project:
    """A project file whose dependencies are fetched by one goal of Maven's dependency plugin.

    Attributes:
        server: what needs them, for messages.
    """

    server: str
    pom: Path
    goal: str

    def folder(self) -> Path:
        """The folder of what it names; the first call on a machine has Maven fetch it.

        Raises:
            ServerUnavailable: it is not there, and Maven cannot get it.
        """
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parcours-hub"
        folder = cache / f"{self.pom.parent.name}-{hashlib.sha256(self.pom.read_bytes()).hexdigest()[:12]}"
        if folder.exists():
            return folder
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f"{self.pom.parent.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                self._fetch(folder)
        return folder

    def _fetch(self, folder: Path) -> None:
        maven = shutil.which("mvn")
        if maven is None:
            raise ServerUnavailable(f"{self.server} needs Java 17 and Maven: no `mvn` was found")
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        command = [maven, "-q", "-B", "-f", str(self.pom), f"dependency:{self.goal}", f"-DoutputDirectory={part}"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=MAVEN_TIMEOUT_S)
        if done.returncode != 0:
            raise ServerUnavailable(
                f"Maven did not get what {self.server} needs: {(done.stdout + done.stderr)[-2000:]}"
            )
        part.rename(folder)


_TESTS = Path(__file__).parents[1]
KAFKA = Project("Kafka", _TESTS / "kafka" / "pom.xml", "copy-dependencies")
REGISTRY = Project("the schema registry", _TESTS / "registry" / "pom.xml", "unpack")


def java(server: str) -> str:
    """The Java program, for a server.

    Raises:
        ServerUnavailable: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=f"{home}/bin" if home else None) or shutil.which("java")
    if program is None:
        raise ServerUnavailable(f"{server} needs Java 17 and Maven: no `java` was found")
    return program


def kafka_jars() -> Path:
    """The folder of Kafka's jars."""
    return KAFKA.folder()


def registry_jar() -> Path:
    """The schema registry's jar."""
    return next(REGISTRY.folder().glob("*-runner.jar"))


if __name__ == "__main__":
    # Beforehand, so that no test waits for Maven within its own time.
    kafka_jars()
    registry_jar()

"""Apache Kafka's jars, as Maven Central publishes them, in a cache folder that later runs use again."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.run import ServerUnavailable

POM = Path(__file__).parents[1] / "kafka" / "pom.xml"
MAVEN_TIMEOUT_S = 600


def java() -> str:
    """The Java program.

    Raises:
        ServerUnavailable: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=f"{home}/bin" if home else None) or shutil.which("java")
    if program is None:
        raise ServerUnavailable("Kafka needs Docker, or Java 17 and Maven: no `java` was found")
    return program


def kafka_jars() -> Path:
    """The folder of the jars that the project file names; the first call on a machine has Maven fetch them.

    Raises:
        ServerUnavailable: they are not there, and Maven cannot get them.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parcours-hub"
    jars = cache / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if jars.exists():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerUnavailable("Kafka needs Docker, or Java 17 and Maven: no `mvn` was found")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.exists():
            _fetch(maven, jars)
    return jars


def _fetch(maven: str, jars: Path) -> None:
    part = jars.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={part}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=MAVEN_TIMEOUT_S)
    if done.returncode != 0:
        raise ServerUnavailable(f"Maven did not get Kafka's jars: {(done.stdout + done.stderr)[-2000:]}")
    part.rename(jars)

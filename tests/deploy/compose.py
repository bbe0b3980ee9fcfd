"""Reads `docker-compose.yml` as Compose does: merged, with variables from an environment file put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
# https://docs.docker.com/reference/compose-file/interpolation/, as far as the file uses it.
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<operator>:[-?])(?P<argument>[^}]*))?\})")


class Missing(Exception):
    """A variable that must be set is not."""


@dataclass(frozen=True)
class Service:
    """One service, with what a test runs natively."""

    name: str
    image: str
    command: list[str]
    entrypoint: list[str]
    environment: dict[str, str]
    health: list[str]
    depends_on: dict[str, str]
    volumes: list[str]
    whole: dict[str, Any] = field(repr=False)


def services(variables: Mapping[str, str]) -> dict[str, Service]:
    """Give every service by name.

    Raises:
        Missing: a variable without which nothing may start.
    """
    document = YAML(typ="safe").load(FILE.read_text())
    resolved = _resolved(document, variables)
    return {name: _service(name, found) for name, found in resolved["services"].items()}


def example_variables(**given: str) -> dict[str, str]:
    """Give what `.env.example` asks for: each empty one filled in, then what is given."""
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    pairs = dict(line.split("=", 1) for line in lines)
    return {
        name: value or f"{number:02}of{name.lower().replace('_', '')}"
        for number, (name, value) in enumerate(pairs.items())
    } | given


def _service(name: str, found: dict[str, Any]) -> Service:
    health = found.get("healthcheck", {}).get("test", [])
    assert not health or health[0] == "CMD", f"{name}: a health check without a shell in between"
    return Service(
        name=name,
        image=found["image"],
        command=found.get("command", []),
        entrypoint=found.get("entrypoint", []),
        environment=found.get("environment", {}),
        health=health[1:],
        depends_on={other: how["condition"] for other, how in found.get("depends_on", {}).items()},
        volumes=found.get("volumes", []),
        whole=found,
    )


def _resolved(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _replacement(match, variables), value)
    if isinstance(value, list):
        return [_resolved(each, variables) for each in value]
    if isinstance(value, dict):
        return {name: _resolved(each, variables) for name, each in value.items()}
    return value


def _replacement(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if match["escaped"]:
        return "$"
    value = variables.get(match["name"], "")
    if value or match["operator"] is None:
        return value
    if match["operator"] == ":?":
        raise Missing(f"{match['name']}: {match['argument']}")
    return str(match["argument"])

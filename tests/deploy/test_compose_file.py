"""What can be read off `docker-compose.yml` alone; `test_compose_native` runs what it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import SecretStr
from ruamel.yaml import YAML

from hub.settings import Settings
from hub.wiring.encryption import unencrypted
from tests.deploy.compose import FILE, ROOT, Missing, Service, example_variables, services

PASSWORDS = sorted(name for name in example_variables() if name.endswith("_PASSWORD"))
SERVICES = services(example_variables())
SERVERS = ("kafka", "postgres", "registry", "worker", "feed", "api")
OF_THE_HUB = tuple(name for name, service in SERVICES.items() if service.image == "parcours-hub:local")
JOBS = ("access", "migrate", "topics", "schemas")


def every(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(name, SERVICES.values(), ids=SERVICES.keys())


@pytest.mark.parametrize("name", PASSWORDS)
def test_without_a_password_nothing_starts(name: str) -> None:
    with pytest.raises(Missing, match=name):
        services(example_variables(**{name: ""}))


def test_the_example_holds_every_variable_that_the_file_asks_for_and_no_password() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", FILE.read_text()))
    assert asked == set(PASSWORDS)
    example = (ROOT / ".env.example").read_text()
    assert re.findall(r"^\w+_PASSWORD=.+$", example, re.MULTILINE) == []


@every("service")
def test_every_password_comes_from_the_variables(service: Service) -> None:
    given = set(example_variables().values())
    for name, value in service.environment.items():
        found = re.findall(r'(?:password|user_[\w-]+)="([^"]*)"|://\w+:([^@]*)@', value)
        found += [(value, "")] if name.endswith("PASSWORD") else []
        assert {quoted or in_url for quoted, in_url in found} <= given, name


@every("service")
def test_a_port_is_reached_from_this_machine_only(service: Service) -> None:
    assert all(port.startswith("127.0.0.1:") for port in service.whole.get("ports", []))


def test_only_what_asks_for_a_password_or_a_token_is_published() -> None:
    published = {name for name, service in SERVICES.items() if service.whole.get("ports")}
    assert published == {"kafka", "postgres", "api"}


@every("service")
def test_a_container_gets_no_privilege_and_limits(service: Service) -> None:
    whole = service.whole
    assert whole["cap_drop"] == ["ALL"]
    assert whole["security_opt"] == ["no-new-privileges:true"]
    assert {"memory", "pids"} <= set(whole["deploy"]["resources"]["limits"])
    assert {"max-size", "max-file"} <= set(whole["logging"]["options"])
    assert not {"privileged", "network_mode", "pid", "cap_add", "container_name"} & set(whole)


@every("service")
def test_an_image_is_pinned(service: Service) -> None:
    _, _, tag = service.image.rpartition(":")
    assert tag == "local" or re.fullmatch(r"\d+\.\d+(\.\d+)?(-\w+)?", tag)


@pytest.mark.parametrize("name", OF_THE_HUB)
def test_the_hubs_own_containers_cannot_write_but_where_they_must(name: str) -> None:
    service = SERVICES[name]
    assert service.whole["read_only"] is True
    key = next(volume for volume in service.volumes if volume.startswith("key:"))
    assert key.endswith(":ro") is (name != "migrate")


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_watched_and_started_again(name: str) -> None:
    service = SERVICES[name]
    assert service.whole["restart"] == "unless-stopped"
    assert service.health


@pytest.mark.parametrize("name", JOBS)
def test_a_job_runs_once_per_up(name: str) -> None:
    assert SERVICES[name].whole["restart"] == "no"


def test_the_api_and_the_feed_start_only_for_who_asks_for_them() -> None:
    # It needs an OpenID provider, which no file can bring along.
    assert SERVICES["api"].whole["profiles"] == ["api"]
    assert SERVICES["feed"].whole["profiles"] == ["feed"]
    assert services(example_variables(HUB_OIDC_ISSUER=""))["api"].environment["HUB_OIDC_ISSUER"] == ""


@pytest.mark.parametrize("name", ["worker", "feed", "api"])
def test_what_a_worker_or_the_api_needs_is_done_before_it_starts(name: str) -> None:
    order = started_before(name)
    assert order.index("migrate") < order.index("topics") < order.index("schemas")
    assert order.index("access") < order.index("registry") < order.index("schemas")
    for service in SERVICES.values():
        for other, condition in service.depends_on.items():
            expected = "service_completed_successfully" if other in JOBS else "service_healthy"
            assert condition == expected, f"{service.name} waits for {other}"


def started_before(name: str) -> list[str]:
    """Give what a service waits for, each after what it waits for itself."""
    found: list[str] = []
    for other in SERVICES[name].depends_on:
        found += [each for each in [*started_before(other), other] if each not in found]
    return found


def test_workers_can_be_many() -> None:
    worker = SERVICES["worker"].whole
    assert "container_name" not in worker
    assert "ports" not in worker


@pytest.mark.parametrize("name", OF_THE_HUB)
def test_every_variable_of_the_hub_is_a_setting(name: str) -> None:
    settings = {f"HUB_{field.upper()}" for field in Settings.model_fields}
    assert set(SERVICES[name].environment) <= settings


def test_every_volume_is_declared_and_used() -> None:
    document: dict[str, Any] = YAML(typ="safe").load(FILE.read_text())
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.volumes}
    assert {name for name in used if not name.startswith(".")} == set(document["volumes"])
    assert all((ROOT / name).exists() for name in used if name.startswith("."))


@pytest.mark.parametrize("name", OF_THE_HUB)
def test_no_connection_is_left_undecided(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    given = SERVICES[name].environment
    store, keys = (SecretStr(given[variable]) for variable in ("HUB_DATABASE", "HUB_KEY_DATABASE"))
    assert unencrypted(Settings(database=store, key_database=keys)) == {}


def test_the_workers_group_is_the_one_that_the_access_rules_allow() -> None:
    group = SERVICES["worker"].environment["HUB_KAFKA_GROUP"]
    assert f"allow User:hub --operation All --group {group}\n" in FILE.read_text()

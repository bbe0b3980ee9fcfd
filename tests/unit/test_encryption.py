"""A store on another machine whose URL does not ask for encryption is named, when a worker starts and by `hub init`."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hub.settings import Settings
from hub.wiring.encryption import unencrypted
from hub.wiring.worker import work
from tests.integration.commands import run
from tests.unit.telemetry import Lines

PASSWORD = "pw7xK2Qd9mZr"
REMOTE = f"postgresql://hub:{PASSWORD}@db.invalid/hub"


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)


def host_of(url: str) -> str | None:
    return unencrypted(Settings(database=SecretStr(url))).get("HUB_DATABASE")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (REMOTE, "db.invalid"),
        ("postgresql+psycopg://hub@10.0.0.7:5433/hub?connect_timeout=3", "10.0.0.7"),
        ("postgresql://hub@127.0.0.1,db.invalid/hub", "db.invalid"),
        ("postgresql:///hub?host=localhost:5432&host=db.invalid:5432", "db.invalid"),
        ("postgresql:///hub?hostaddr=10.0.0.7", "10.0.0.7"),
        ("postgresql://hub@[2001:db8::1]/hub", "2001:db8::1"),
    ],
)
def test_a_store_over_a_network_is_named(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///hub",
        "postgresql:///hub?host=/run/postgresql",
        "postgresql:///hub?host=@postgres",
        "postgresql://hub@LOCALHOST:5433/hub",
        "postgresql://hub@127.0.0.9/hub",
        "postgresql://hub@[::1]/hub",
        f"{REMOTE}?sslmode=verify-full",
        f"{REMOTE}?sslmode=disable",
        f"{REMOTE}?sslrootcert=system",
        "sqlite:////data/hub.db",
        "no URL",
    ],
)
def test_one_on_this_machine_or_with_a_decision_is_not(url: str) -> None:
    assert host_of(url) is None


def test_the_decision_may_be_in_libpqs_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    assert host_of(REMOTE) is None


def test_a_worker_says_so_once_when_it_starts(tmp_path: Path) -> None:
    lines = Lines()
    settings = Settings(data=tmp_path, database=SecretStr(REMOTE), key_database=SecretStr(f"{REMOTE}_keys"))
    work(settings, lines.log, lambda: True)
    found = [line for line in lines.found if line["event"] == "unencrypted"]
    assert [(line["setting"], line["host"], line["level"]) for line in found] == [
        ("HUB_DATABASE", "db.invalid", "warning"),
        ("HUB_KEY_DATABASE", "db.invalid", "warning"),
    ]
    assert PASSWORD not in lines.text


def test_init_says_so_before_it_connects(tmp_path: Path) -> None:
    ran = run(tmp_path, "init", env={"HUB_DATABASE": REMOTE, "HUB_KEY_DATABASE": f"{REMOTE}_keys"})
    assert "warning: HUB_DATABASE does not say whether the connection to db.invalid is encrypted" in ran.err
    assert PASSWORD not in ran.err

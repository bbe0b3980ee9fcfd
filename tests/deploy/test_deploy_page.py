"""What `docs/deploy.md` has others run: its SQL, its shell, the alert rules and the systemd unit."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from ruamel.yaml import YAML

from hub.settings import Settings
from hub.telemetry.metrics import Metrics
from tests.deploy.compose import ROOT, example_variables
from tests.integration.commands import Ran, run
from tests.integration.pages import blocks
from tests.servers.postgres import Postgres

PAGE = ROOT / "docs" / "deploy.md"
ALERTS = ROOT / "deploy" / "prometheus" / "hub-alerts.yml"
UNIT = ROOT / "deploy" / "systemd" / "parcours-hub-worker@.service"
SQL = [block.text for block in blocks(PAGE) if block.language == "sql"]


@pytest.fixture
def database(postgres: Postgres) -> str:
    """An empty database whose owner is the hub's user."""
    return postgres.create_database()


@pytest.fixture
def hub(database: str, postgres: Postgres, tmp_path: Path) -> Callable[..., Ran]:
    """The program on PostgreSQL, and on the log in a file."""
    environment = {"HUB_DATABASE": database, "HUB_KEY_DATABASE": postgres.create_database("keys")}

    def command(*arguments: str | Path) -> Ran:
        ran = run(tmp_path / "data", *arguments, env=environment)
        assert ran.code == 0, ran.err
        return ran

    command("init")
    return command


def execute(url: str, statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statements.encode())


def feed(hub: Callable[..., Ran], folder: Path) -> None:
    hub("simulate", "--people", "15", "--out", folder / "region.jsonl")
    hub("publish", "--raw", folder / "region.jsonl")
    hub("consume", "--until-caught-up")


def test_a_ledger_partitioned_by_case_takes_events_and_gives_the_same_rows_again(
    hub: Callable[..., Ran], database: str, tmp_path: Path
) -> None:
    (partitioning,) = [text for text in SQL if "PARTITION BY" in text]
    execute(database, partitioning)
    feed(hub, tmp_path)
    status = hub("--format", "json", "status").json
    assert status["accounting"]["adds_up"]
    assert status["accounting"]["accepted"] > 100
    before = hub("digest").out
    hub("rebuild")
    assert hub("digest").out == before
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        kept = connection.execute("select count(*), count(distinct tableoid) from ledger").fetchone()
    assert kept == (status["accounting"]["accepted"], 16)


def test_a_reader_sees_the_live_generation_also_after_a_rebuild_and_writes_nothing(
    hub: Callable[..., Ran], database: str, postgres: Postgres, tmp_path: Path
) -> None:
    reader, name = f"reader_{database.rpartition('/')[2]}", database.rpartition("/")[2]
    as_superuser, as_owner = (text for text in SQL if "hub_reader" in text)
    (to_read,) = [text for text in SQL if "read_from" in text]
    for text in (as_superuser, as_owner):
        execute(database, text.replace("hub_reader", reader).replace("DATABASE hub ", f"DATABASE {name} "))
    feed(hub, tmp_path)
    hub("rebuild")
    with psycopg.connect(
        host=postgres.host, port=postgres.port, user=reader, dbname=name, autocommit=True
    ) as connection:
        found = connection.execute(to_read.encode()).fetchone()
        assert found == ("g2_pathway",)
        counted = connection.execute("select count(*) from g2_pathway").fetchone()
        assert counted is not None
        assert counted[0] > 10
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from g2_pathway")
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from g2_pathway")


def test_the_pages_command_fills_in_every_password_with_one_of_its_own(tmp_path: Path) -> None:
    found = re.search(r"^ *(umask 077\n *while .* > \.env)$", PAGE.read_text(), re.MULTILINE)
    assert found
    shutil.copy(ROOT / ".env.example", tmp_path)
    subprocess.run(["/bin/sh", "-euc", found[1]], cwd=tmp_path, check=True)
    made = tmp_path / ".env"
    filled = dict(re.findall(r"^(\w+)=(\w+)$", made.read_text(), re.MULTILINE))
    assert set(filled) == set(example_variables())
    passwords = [value for name, value in filled.items() if name.endswith("_PASSWORD")]
    assert len(set(passwords)) == len(passwords)
    assert min(map(len, passwords)) >= 32
    assert made.stat().st_mode & 0o077 == 0


def test_every_alert_is_explained_on_the_page_and_asks_for_metrics_that_there_are() -> None:
    (group,) = YAML(typ="safe").load(ALERTS.read_text())["groups"]
    rules = {rule["alert"]: rule for rule in group["rules"]}
    listed = re.findall(r"`(Hub\w+)`", PAGE.read_text())
    assert sorted(listed) == sorted(rules)
    exist = {
        sample
        for family in Metrics(lambda: 0.0, version="").registry.collect()
        for sample in (family.name, f"{family.name}_total")
    }
    for name, rule in rules.items():
        assert set(re.findall(r"\bhub_\w+", rule["expr"])) <= exist, name
        assert {"summary"} <= set(rule["annotations"])
        assert rule["labels"]["severity"] in {"warning", "critical"}


def test_the_unit_runs_a_worker_with_settings_that_there_are() -> None:
    text = UNIT.read_text()
    assert re.findall(r"^ExecStart=\S+/hub (.+)$", text, re.MULTILINE) == ["consume"]
    settings = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"^Environment=(HUB_\w+)=", text, re.MULTILINE)) <= settings

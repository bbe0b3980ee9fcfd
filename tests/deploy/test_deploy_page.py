"""What `docs/deploy.md` has others run: its SQL, its shell, the alert rules and the systemd unit."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from ruamel.yaml import YAML

from hub.api.server import FINISH_S
from hub.cli.stopping import GRACE_S
from hub.settings import Settings
from hub.telemetry.metrics import Metrics
from hub.wiring.encryption import unencrypted
from hub.wiring.logs import kafka_connection
from hub.wiring.registries import registry_server
from hub.wiring.serving import CLOSE_S
from tests.deploy.compose import ROOT, example_variables, services
from tests.integration.commands import Ran, run
from tests.integration.pages import blocks
from tests.servers.postgres import Postgres

PAGE = ROOT / "docs" / "deploy.md"
ALERTS = ROOT / "deploy" / "prometheus" / "hub-alerts.yml"
API_UNIT = ROOT / "deploy" / "systemd" / "parcours-hub-api@.service"
UNIT = ROOT / "deploy" / "systemd" / "parcours-hub-worker@.service"
NAMES = {f"HUB_{name.upper()}" for name in Settings.model_fields}
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
    filled = dict(re.findall(r"^(\w+)=(.+)$", made.read_text(), re.MULTILINE))
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
    assert set(re.findall(r"^Environment=(HUB_\w+)=", text, re.MULTILINE)) <= NAMES


def test_the_apis_unit_runs_a_server_like_the_workers_runs_a_worker() -> None:
    text = API_UNIT.read_text()
    assert re.findall(r"^ExecStart=\S+/hub (.+)$", text, re.MULTILINE) == ["serve --port %i"]
    hardened = re.compile(
        r"^(?:Protect|Private|Restrict|Lock|SystemCall|NoNew|Capability|StateDir|User|UMask)\w*=.*$", re.MULTILINE
    )
    assert hardened.findall(text) == hardened.findall(UNIT.read_text())
    named = re.findall(r"parcours-hub-api@(\d+)", PAGE.read_text() + text)
    assert min(map(int, named)) >= 1024, "a port that the hub's user may take"


def test_whoever_stops_the_api_waits_longer_than_it_takes() -> None:
    (unit,) = re.findall(r"^TimeoutStopSec=(.*)$", API_UNIT.read_text(), re.MULTILINE)
    compose = services(example_variables())["api"].whole["stop_grace_period"]
    page = re.search(
        r"has (\d+)\s+seconds for the requests in hand; .* another (\d+)\. So (\d+) seconds",
        PAGE.read_text(),
        re.DOTALL,
    )
    assert page
    assert (float(page[1]), float(page[2])) == (FINISH_S, CLOSE_S)
    assert f"{page[3]}s" == f"{unit}s" == compose
    assert float(unit) > FINISH_S + CLOSE_S


def test_the_pages_proxy_lets_through_what_the_hub_takes_and_no_probe() -> None:
    (nginx,) = [block.text for block in blocks(PAGE) if block.language == "nginx"]
    limit = re.search(r"client_max_body_size (\d+)m;", nginx)
    assert limit
    assert int(limit[1]) * 1024 * 1024 == Settings().api_max_body_bytes
    locations = dict(re.findall(r"^    location (.+?) \{(.*?)^    \}", nginx, re.DOTALL | re.MULTILINE))
    assert set(locations) == {"/", "= /api/v1/changes", "= /accueil/nouveautes", "~ ^/(healthz|readyz|metrics)$"}
    assert "return 404" in locations["~ ^/(healthz|readyz|metrics)$"]
    streams = {where for where, said in locations.items() if "proxy_buffering off" in said}
    assert streams == {"= /api/v1/changes", "= /accueil/nouveautes"}
    # A location with a header of its own would get none of the server's.
    assert not [said for said in locations.values() if "proxy_set_header" in said]
    assert {"Host $http_host", "X-Forwarded-Proto $scheme"} <= set(re.findall(r"proxy_set_header (.*);", nginx))


def file_of_settings() -> str:
    """Give the page's `hub.env`."""
    found = re.search(r"^ *```ini\n(.*?)^ *```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return textwrap.dedent(found[1])


def of_the_unit(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def test_the_settings_of_the_page_fit_the_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = dict(line.split("=", 1) for line in file_of_settings().splitlines())
    assert set(pairs) <= NAMES
    assert of_the_unit("ProtectSystem") == ["strict"]
    assert pairs["HUB_DATA"] == f"/var/lib/{of_the_unit('StateDirectory')[0]}", "nothing else may be written"
    set_by_unit = {each.partition("=")[0] for each in of_the_unit("Environment")}
    assert set_by_unit.isdisjoint(pairs), "the file goes before the unit"

    monkeypatch.delenv("PGSSLMODE", raising=False)
    for name, value in pairs.items():
        monkeypatch.setenv(name, value)
    settings = Settings(metrics_port=9461)
    assert settings.log_format == "json"
    assert unencrypted(settings) == {}
    kafka_connection(settings)
    registry_server(settings)


def test_systemd_and_a_shell_read_the_settings_alike(tmp_path: Path) -> None:
    file = tmp_path / "hub.env"
    file.write_text(file_of_settings())
    (sourcing,) = re.findall(r"sh -euc '(set -a; \. )/etc/parcours-hub/hub\.env; ", PAGE.read_text())
    shown = subprocess.run(
        ["/bin/sh", "-euc", f"{sourcing}{file}; exec env"], env={}, capture_output=True, text=True, check=True
    )
    assert set(file.read_text().splitlines()) <= set(shown.stdout.splitlines())
    # systemd.exec(5): quotes, comments, continued lines and spaces at the end are what a shell reads otherwise.
    assert not re.search(r"""["'\\#;$`&]|\s$""", file.read_text().replace("\n", "|"))


@pytest.mark.parametrize("instance", ["9461", "9470", "19464"])
def test_an_instance_of_the_unit_has_a_port_for_its_metrics(instance: str) -> None:
    (setting,) = of_the_unit("Environment")
    name, _, value = setting.partition("=")
    assert name == "HUB_METRICS_PORT"
    assert Settings(metrics_port=int(value.replace("%i", instance))).metrics_port == int(instance)
    named = re.findall(r"parcours-hub-worker@(\d+)", PAGE.read_text() + UNIT.read_text())
    assert min(map(int, named)) >= 1024, "a port that the hub's user may take"


def test_whoever_stops_a_worker_waits_longer_than_the_worker_takes() -> None:
    (unit,) = of_the_unit("TimeoutStopSec")
    compose = services(example_variables())["worker"].whole["stop_grace_period"]
    page = re.search(
        r"longer than (\d+) seconds it gives up.*?So (\d+) seconds are enough", PAGE.read_text(), re.DOTALL
    )
    assert page
    assert float(page[1]) == GRACE_S
    assert f"{page[2]}s" == f"{unit}s" == compose
    assert float(unit) > GRACE_S

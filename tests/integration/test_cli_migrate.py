"""`hub migrate`: brings the databases of an older version up to date, and says what it would do."""

from __future__ import annotations

import base64
import sqlite3
from pathlib import Path

import pytest

from hub.ledger.migrating import STORE
from hub.privacy.keystore import REVISIONS as KEYS
from tests.integration.commands import done, run
from tests.integration.test_migrations import restored
from tests.servers.postgres import Postgres

KEY = {"HUB_KEY": base64.b64encode(b"k" * 32).decode()}


def of_version_0_1_0(folder: Path) -> Path:
    for name in ("hub", "keys"):
        restored(folder, name)
    return folder


def test_an_older_installation_is_upgraded_once(tmp_path: Path) -> None:
    data, newer, of_keys = of_version_0_1_0(tmp_path), STORE.names()[1:], KEYS.names()[1:]
    refused = run(data, "quarantine", "list", env=KEY)
    assert refused.code == 1
    assert "error[store_revision]" in refused.err
    assert "hub migrate" in refused.err
    checked = run(data, "migrate", "--check", "--format", "json", env=KEY)
    assert checked.code == 1
    assert checked.json == {"key_store": {"pending": of_keys}, "store": {"pending": newer}}
    upgraded = run(data, "migrate", env=KEY)
    assert upgraded.code == 0
    assert upgraded.out == (
        f"The key store was upgraded: {', '.join(of_keys)}.\nThe store was upgraded: {', '.join(newer)}.\n"
    )
    assert done(data, "migrate", "--check").out == "The key store is up to date.\nThe store is up to date.\n"
    assert done(data, "migrate", "--format", "json").json == {"key_store": {"applied": []}, "store": {"applied": []}}


def test_init_upgrades_what_is_there(tmp_path: Path) -> None:
    assert run(of_version_0_1_0(tmp_path), "init", env=KEY).code == 0
    assert run(tmp_path, "quarantine", "list", env=KEY).code == 0


def test_a_newer_store_is_left_to_its_version(tmp_path: Path) -> None:
    done(tmp_path, "init")
    connection = sqlite3.connect(tmp_path / "hub.db")
    connection.execute("update store_revision set version_num = '9999'")
    connection.commit()
    connection.close()
    for command in (("migrate",), ("migrate", "--check"), ("init",), ("status",)):
        refused = run(tmp_path, *command)
        assert refused.code == 1
        assert "newer version" in refused.err


def test_nothing_is_made_where_nothing_was(tmp_path: Path) -> None:
    refused = run(tmp_path, "migrate")
    assert refused.code == 1
    assert "hub init" in refused.err
    assert list(tmp_path.iterdir()) == []


def test_an_installation_on_postgresql_is_made_and_checked(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [postgres.create_database(), postgres.create_database()]
    monkeypatch.setenv("HUB_DATABASE", urls[0])
    monkeypatch.setenv("HUB_KEY_DATABASE", urls[1])
    refused = run(tmp_path, "migrate")
    assert refused.code == 1
    assert "is empty; run `hub init`" in refused.err
    done(tmp_path, "init")
    assert done(tmp_path, "migrate", "--check").out.count("up to date") == 2
    assert not list(tmp_path.glob("hub.db*")) + list(tmp_path.glob("keys.db*"))
    for url in urls:
        postgres.drop_database(url)

"""What `hub init`, which a deployment runs at every start, does where the key or the key store is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.commands import run
from tests.servers.postgres import Postgres


@pytest.fixture
def urls(postgres: Postgres) -> dict[str, str]:
    """The settings of an installation on PostgreSQL."""
    return {"HUB_DATABASE": postgres.create_database(), "HUB_KEY_DATABASE": postgres.create_database("keys")}


def test_no_new_key_is_made_beside_a_key_store(urls: dict[str, str], tmp_path: Path) -> None:
    assert run(tmp_path, "init", env=urls).code == 0
    key = tmp_path / "master.key"
    saved = key.rename(tmp_path / "saved")
    again = run(tmp_path, "init", env=urls)
    assert again.code == 1
    assert "restore it from its backup" in again.err
    assert not key.exists()
    saved.rename(key)
    assert run(tmp_path, "init", env=urls).code == 0


def test_no_new_key_store_is_made_beside_a_store(urls: dict[str, str], postgres: Postgres, tmp_path: Path) -> None:
    assert run(tmp_path, "init", env=urls).code == 0
    empty = postgres.create_database("keys")
    again = run(tmp_path, "init", env=urls | {"HUB_KEY_DATABASE": empty})
    assert again.code == 1
    assert "key_unavailable" in again.err
    assert "is empty" in again.err
    assert run(tmp_path, "status", env=urls | {"HUB_KEY_DATABASE": empty}).code == 1
    assert run(tmp_path, "init", env=urls).code == 0

"""The drill that `docs/deploy.md` asks for: dumps taken while the hub works, restored beside each other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.commands import Ran, run
from tests.servers.postgres import Postgres, programs


class Site:
    """A hub on PostgreSQL, and its stores restored elsewhere."""

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self._folder = folder
        self._postgres = postgres
        self._data = folder / "data"
        self.stores = {"HUB_DATABASE": postgres.create_database(), "HUB_KEY_DATABASE": postgres.create_database("keys")}

    def hub(self, *arguments: str | Path, at: dict[str, str] | None = None, expected: int = 0) -> Ran:
        ran = run(self._data, *arguments, env=at or self.stores)
        assert ran.code == expected, ran.err
        return ran

    def feed(self, seed: int) -> None:
        feed = self._folder / f"{seed}.jsonl"
        self.hub("simulate", "--people", "10", "--seed", str(seed), "--out", feed)
        self.hub("publish", "--raw", feed)
        self.hub("consume", "--until-caught-up")

    def dump(self, store: str) -> Path:
        file = self._folder / f"{store}.dump"
        url = self.stores[store].replace("+psycopg", "")
        subprocess.run([programs() / "pg_dump", "--format=custom", f"--file={file}", url], check=True)
        return file

    def restored(self, dump: Path) -> str:
        url = self._postgres.create_database("restored")
        subprocess.run([programs() / "pg_restore", f"--dbname={url.replace('+psycopg', '')}", dump], check=True)
        return url


@pytest.fixture
def site(postgres: Postgres, tmp_path: Path) -> Site:
    made = Site(tmp_path, postgres)
    made.hub("init")
    made.feed(1)
    return made


def test_a_ledger_dumped_before_its_key_store_is_restored_and_catches_up(site: Site) -> None:
    ledger = site.dump("HUB_DATABASE")
    before = site.hub("digest").out
    site.feed(2)
    keys = site.dump("HUB_KEY_DATABASE")
    elsewhere = {"HUB_DATABASE": site.restored(ledger), "HUB_KEY_DATABASE": site.restored(keys)}

    site.hub("migrate", "--check", at=elsewhere)
    assert site.hub("digest", at=elsewhere).out == before
    site.hub("rebuild", at=elsewhere)
    assert site.hub("digest", at=elsewhere).out == before
    site.hub("consume", "--until-caught-up", at=elsewhere)
    assert site.hub("digest", at=elsewhere).out == site.hub("digest").out
    assert site.hub("--format", "json", "status", at=elsewhere).json["accounting"]["adds_up"]


def test_a_key_store_older_than_its_ledger_is_noticed_and_nothing_is_changed(site: Site) -> None:
    keys = site.dump("HUB_KEY_DATABASE")
    site.feed(2)
    ledger = site.dump("HUB_DATABASE")
    elsewhere = {"HUB_DATABASE": site.restored(ledger), "HUB_KEY_DATABASE": site.restored(keys)}
    before = site.hub("digest", at=elsewhere).out
    refused = site.hub("rebuild", expected=1, at=elsewhere)
    assert "key_unavailable" in refused.err
    assert site.hub("digest", at=elsewhere).out == before

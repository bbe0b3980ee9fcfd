"""Store and key store belong together: any other pair is refused before anything is sealed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from hub.errors import KeyUnavailable, Usage
from hub.ledger import installation
from hub.ledger.database import open_database, reading, writing
from hub.settings import Settings
from hub.wiring import Hub
from hub.wiring.stores import upgrade_stores
from tests.integration.hubs import sums_of, take
from tests.integration.test_cli_migrate import KEY
from tests.integration.test_migrations import restored
from tests.unit.pathway.builders import registered

Make = Callable[[str], Settings]


@pytest.fixture(params=["files", "servers"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Make installations of one master key, with all but their log on files or on PostgreSQL."""
    key = SecretStr(KEY["HUB_KEY"])
    if request.param == "files":
        yield lambda name: made(Settings(data=tmp_path / name, key=key))
        return
    postgres = request.getfixturevalue("postgres")
    urls: list[str] = []

    def on_server(name: str) -> Settings:
        urls.extend([postgres.create_database(), postgres.create_database()])
        return made(
            Settings(data=tmp_path / name, key=key, database=SecretStr(urls[-2]), key_database=SecretStr(urls[-1]))
        )

    yield on_server
    for url in urls:
        postgres.drop_database(url)


def made(settings: Settings) -> Settings:
    Hub.create(settings).close()
    return settings


def mixed(one: Settings, other: Settings, folder: Path) -> Settings:
    """Give the settings of one installation with the key store of another."""
    if one.database is not None:
        return one.model_copy(update={"key_database": other.key_database})
    shutil.copytree(one.data, folder)
    for path in folder.glob("keys.db*"):
        path.unlink()
    for path in other.data.glob("keys.db*"):
        shutil.copy2(path, folder)
    return one.model_copy(update={"data": folder})


def forget(settings: Settings, *names: str) -> None:
    """Take the id away, as a store of an older version has none."""
    for name in names:
        url = settings.database if name == "hub" else settings.key_database
        engine = open_database(f"sqlite:///{settings.data / name}.db" if url is None else url.get_secret_value())
        with writing(engine) as connection:
            connection.execute(text("delete from installation"))
        engine.dispose()


def id_of(settings: Settings) -> str:
    with Hub(settings) as hub:
        return hub.installation_id


def test_an_installation_has_an_id_of_its_own_that_init_keeps(make: Make) -> None:
    first, second = make("first"), make("second")
    kept = id_of(first)
    assert len(bytes.fromhex(kept)) == 16
    assert kept != id_of(second)
    assert id_of(made(first)) == kept


def test_the_keys_of_another_installation_are_refused(make: Make, tmp_path: Path) -> None:
    first, second = make("first"), make("second")
    wrong = mixed(first, second, tmp_path / "mixed")
    for _ in range(2):
        with pytest.raises(KeyUnavailable, match="belongs to another installation"):
            Hub(wrong)
        with pytest.raises(KeyUnavailable, match="belongs to another installation"):
            Hub.create(wrong)
    assert id_of(first) != id_of(second)


@pytest.mark.parametrize("lacking", [("hub",), ("keys",), ("hub", "keys")])
@pytest.mark.parametrize("events", [0, 1])
def test_stores_without_an_id_get_one_by_an_upgrade(make: Make, lacking: tuple[str, ...], events: int) -> None:
    settings = make("first")
    with Hub(settings) as hub:
        take(hub, [registered()] * events)
        before = hub.installation_id
    forget(settings, *lacking)
    with pytest.raises(KeyUnavailable, match="hub init"):
        Hub(settings)
    upgrade_stores(settings, dry_run=False)
    with Hub(settings) as hub:
        assert (hub.installation_id == before) == (len(lacking) == 1)
        assert sums_of(hub).accepted == events


@pytest.mark.parametrize("lacking", [("hub",), ("keys",), ("hub", "keys")])
def test_keys_that_do_not_open_the_ledger_get_no_id(make: Make, tmp_path: Path, lacking: tuple[str, ...]) -> None:
    first, second = make("first"), make("second")
    with Hub(first) as hub:
        take(hub, [registered()])
    wrong = mixed(first, second, tmp_path / "mixed")
    forget(wrong, *lacking)
    for _ in range(2):
        with pytest.raises(KeyUnavailable, match="does not open the newest entry"):
            upgrade_stores(wrong, dry_run=False)


@pytest.mark.parametrize("alone", ["database", "key_database"])
def test_one_store_on_a_server_and_one_in_a_file_are_never_opened(tmp_path: Path, alone: str) -> None:
    settings = made(Settings(data=tmp_path))
    half = settings.model_copy(update={alone: SecretStr("postgresql://hub@db.example/hub")})
    for act in (Hub, Hub.create, lambda settings: upgrade_stores(settings, dry_run=True)):
        with pytest.raises(Usage, match="go together"):
            act(half)


def test_what_version_0_1_0_left_behind_gets_one_id(tmp_path: Path) -> None:
    for name in ("hub", "keys"):
        restored(tmp_path, name)
    settings = Settings(data=tmp_path, key=SecretStr(KEY["HUB_KEY"]))
    upgrade_stores(settings, dry_run=False)
    ids = []
    for name in ("hub", "keys"):
        engine = open_database(f"sqlite:///{tmp_path / name}.db")
        with reading(engine) as connection:
            ids.append(installation.read(connection))
        engine.dispose()
    assert ids == [id_of(settings)] * 2

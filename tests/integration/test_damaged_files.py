"""A key that will not do and a damaged file: named, with what to do, and once restored everything goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from hub.errors import KeyUnavailable, NotFound, StoreCorrupt, StoreUnavailable
from hub.ledger.database import writing
from hub.privacy.keys import MasterKey
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.failing import PEOPLE, STORES, check_it_goes_on, impatient
from tests.integration.feeds import deliver, ledger_of, region
from tests.integration.hubs import consume, digest_of


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with half of the region consumed and the other half published; tests work on copies."""
    folder = tmp_path_factory.mktemp("installed") / "data"
    lines = region(PEOPLE)
    with Hub.create(Settings(data=folder)) as hub:
        deliver(hub, lines[: len(lines) // 2])
        consume(hub)
        deliver(hub, lines[len(lines) // 2 :])
    assert sorted(path.name for path in folder.iterdir()) == sorted([*STORES, "master.key"]), "closing left no logs"
    return folder


@pytest.fixture
def data(installed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(installed, tmp_path / "data")


def missing(path: Path) -> None:
    path.unlink()


def readable_by_all(path: Path) -> None:
    path.chmod(0o644)


def another(path: Path) -> None:
    path.unlink()
    MasterKey.create_file(path, Random(1).randbytes)


def no_base64(path: Path) -> None:
    path.write_text("this is no key\n")


def cut_short(path: Path) -> None:
    path.write_text(path.read_text()[:20])


@pytest.mark.parametrize(
    ("harm", "remedy"),
    [
        (missing, "restore it from its backup"),
        (readable_by_all, "chmod 600"),
        (another, "give the key it was made with"),
        (no_base64, "44 characters"),
        (cut_short, "44 characters|expected 32"),
    ],
)
def test_a_key_that_will_not_do_is_refused_with_what_to_do(
    data: Path, harm: Callable[[Path], None], remedy: str
) -> None:
    key = data / "master.key"
    right = key.read_text()
    harm(key)
    with pytest.raises(KeyUnavailable, match=remedy) as refused:
        Hub(Settings(data=data))
    assert right.strip() not in str(refused.value)
    assert "this is no key" not in str(refused.value)
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    key.write_text(right)
    check_it_goes_on(data)


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def garbage_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(Random(2).randbytes(100))


def random_bytes_in_the_middle(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(Random(3).randbytes(size // 2))


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def something_else(path: Path) -> None:
    path.write_bytes(b"this is a letter to the tax office\n" * 1_000)


HARMS: Sequence[Callable[[Path], None]] = (
    truncated,
    garbage_header,
    random_bytes_in_the_middle,
    emptied,
    something_else,
    missing,
)


def use_everything(data: Path) -> None:
    """Do what reads every part of the three files."""
    with impatient(data) as hub:
        consume(hub)
        ledger_of(hub)
        digest_of(hub)
        hub.rebuild(lambda _done, _total: None)


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_file_is_named_and_once_restored_everything_goes_on(
    data: Path, installed: Path, harm: Callable[[Path], None], name: str
) -> None:
    harm(data / name)
    with pytest.raises((StoreCorrupt, StoreUnavailable, KeyUnavailable, NotFound)) as found:
        use_everything(data)
    assert any(word in str(found.value) for word in ("restore", "hub init")), str(found.value)
    shutil.rmtree(data)
    shutil.copytree(installed, data)
    check_it_goes_on(data)


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ("update ledger set payload = zeroblob(length(payload))", "restore"),
        ("update g1_fold set state = zeroblob(3)", "hub rebuild"),
        ("update g1_case_record set evidence = zeroblob(3)", "hub rebuild"),
        ("update g1_subject_fold set state = zeroblob(3)", "hub rebuild"),
    ],
)
def test_bytes_that_sqlite_cannot_tell_from_others_are_found_too(data: Path, change: str, remedy: str) -> None:
    with Hub(Settings(data=data)) as hub:
        with writing(hub.store) as connection:
            connection.execute(text(change))
        with pytest.raises(StoreCorrupt, match=remedy):
            use_everything(data)


def test_a_damaged_read_model_is_mended_by_a_rebuild(data: Path) -> None:
    with Hub(Settings(data=data)) as hub:
        with writing(hub.store) as connection:
            connection.execute(text("update g1_fold set state = zeroblob(3)"))
            connection.execute(text("update g1_case_record set evidence = zeroblob(3)"))
        hub.rebuild(lambda _done, _total: None)
    check_it_goes_on(data)

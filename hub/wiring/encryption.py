"""Which stores the settings name over a network without saying whether the connection is to be encrypted."""

from __future__ import annotations

import os
from collections.abc import Iterator

from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from hub.codec.loopback import is_loopback
from hub.settings import Settings
from hub.telemetry.logs import Log


def unencrypted(settings: Settings) -> dict[str, str]:
    """Give the host of each store, by its setting, that may be talked to in clear.

    Without `sslmode` libpq encrypts where the server offers it, with any certificate: whoever sits between may refuse
    the offer, and read the password and the rows.
    """
    stores = {"HUB_DATABASE": settings.database, "HUB_KEY_DATABASE": settings.key_database}
    found = ((name, next(_remote(url), None)) for name, url in stores.items() if url is not None)
    return {name: host for name, host in found if host is not None}


def warn_of_clear_text(settings: Settings, log: Log) -> None:
    """Say in the log which stores may be talked to in clear."""
    for setting, host in unencrypted(settings).items():
        log.warning("unencrypted", setting=setting, host=host)


def _remote(secret: SecretStr) -> Iterator[str]:
    try:
        url = make_url(secret.get_secret_value())
    except ArgumentError:
        return  # opening says what is wrong with it
    if url.get_backend_name() != "postgresql" or _is_decided(url):
        return
    for host in _hosts(url):
        # A path, and a name in Linux's abstract namespace, are sockets of this machine.
        if host and not host.startswith(("/", "@")) and not is_loopback(host):
            yield host


def _is_decided(url: URL) -> bool:
    # `system` makes libpq verify everything.
    return bool(url.query.get("sslmode") or os.environ.get("PGSSLMODE")) or url.query.get("sslrootcert") == "system"


def _hosts(url: URL) -> list[str]:
    given = (url.host, url.query.get("host"), url.query.get("hostaddr"))
    listed = [each if isinstance(each, str) else ",".join(each) for each in given if each]
    places = ",".join(listed).split(",")
    return [place.partition(":")[0] if place.count(":") == 1 else place for place in places]

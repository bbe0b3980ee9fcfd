"""PostgreSQL as a store: how the hub connects to it, and what its failures mean.

Source of the codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from hub.errors import HubError, StoreCorrupt, StoreUnavailable, Usage

if TYPE_CHECKING:
    from psycopg import Connection as DriverConnection

_CONNECT_TIMEOUT_S = 10
_STATEMENT_TIMEOUT_MS = 900_000
"""Longer than counting a ledger of ten years takes; what runs longer was forgotten by its client."""
_IDLE_TIMEOUT_MS = 300_000
"""As long as the workers' watchdog: a worker that folds for so long inside a transaction ends itself."""
_STATEMENTS_PREPARED = 400
"""Deletes, look-ups and inserts of two generations' tables; the driver's 100 would be prepared in turn, for ever."""
# Either side notices within a minute that the other's machine is gone; Linux's own two hours would keep its locks.
_ALIVE: Mapping[str, int] = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_VANISHED_MS = 60_000

_AWAY = (
    StoreUnavailable,
    (
        "does not answer, or broke the connection off{said}; check that the server runs, and the host, database, user "
        "and password of its URL, then try again"
    ),
)
_MALFORMED = (Usage, "cannot be opened as its URL asks{said}; correct the URL's parameters, which are those of libpq")
_LOCKED = (StoreUnavailable, "kept a row locked for another program for too long; nothing was kept, try again")
_CROSSED = (StoreUnavailable, "let another transaction go first; nothing was kept, try again")
_SLOW = (StoreUnavailable, "gave up a statement or a transaction that took too long; nothing was kept, try again")
_FULL = (
    StoreUnavailable,
    "has no disk, memory or connections left{said}; nothing was kept: free some, then try again",
)
_DISK = (StoreUnavailable, "cannot read or write its files{said}; check the server's disk and log, then try again")
_STANDBY = (StoreUnavailable, "takes no writes here: this was a reading, or it is a standby; give the primary's URL")
_LACKING = (StoreUnavailable, "lacks what this program needs{said}; run `hub migrate`, or `hub init`")
_REFUSED = (Usage, "does not let this user do that{said}; grant what docs/deploy.md lists, or give the right user")
_DAMAGED = (StoreCorrupt, "is damaged{said}; restore it from a backup")
# By the whole code, else by its class, the first two characters.
_FAILURES: Mapping[str, tuple[type[HubError], str]] = {
    "08": _AWAY,
    "25006": _STANDBY,
    "25P03": _SLOW,
    "28": _AWAY,
    "3D": _AWAY,
    "40": _CROSSED,
    "42501": _REFUSED,
    "42703": _LACKING,
    "42P01": _LACKING,
    "53": _FULL,
    "55P03": _LOCKED,
    "57014": _SLOW,
    "57P": _AWAY,
    "58": _DISK,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}


def engine_of(target: URL, *, busy_timeout_ms: int, connections: int) -> Engine:
    """Prepare connections to a server; what the URL's query sets itself stays as it is there.

    A connection that a restart of the server broke is replaced when it is next taken.
    """
    given = dict(target.query)
    asked = given.pop("options", "")
    connect: dict[str, Any] = {
        "connect_timeout": _CONNECT_TIMEOUT_S,
        "application_name": "parcours-hub",
        "client_encoding": "utf8",
        "tcp_user_timeout": _VANISHED_MS,
        **_ALIVE,
    }
    connect = {name: value for name, value in connect.items() if name not in given}
    connect["options"] = f"{_session(busy_timeout_ms)} {asked}".strip()
    engine = create_engine(
        target.set(drivername="postgresql+psycopg", query=given),
        connect_args=connect,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=connections,
        pool_recycle=1_800,
        pool_use_lifo=True,
        use_native_hstore=False,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _session(busy_timeout_ms: int) -> str:
    """Give the server's settings of a connection, as libpq's `options`."""
    options = {
        # 0 would wait for ever.
        "lock_timeout": max(1, busy_timeout_ms),
        "statement_timeout": _STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": _IDLE_TIMEOUT_MS,
        "tcp_user_timeout": _VANISHED_MS,
        "timezone": "UTC",
        "datestyle": "ISO",
        # Compiling takes longer than the short statements of the hub, and hits whichever is estimated badly.
        "jit": "off",
        # A plan kept from when a table was empty reads all of it once it has grown, until statistics are next gathered:
        # 13 ms instead of 0.1 with 150 000 rows. Planning anew takes 20 us (measured).
        "plan_cache_mode": "force_custom_plan",
    } | {f"tcp_{name}": value for name, value in _ALIVE.items()}
    return " ".join(f"-c {name}={value}" for name, value in options.items())


def is_empty(connection: Connection) -> bool:
    """Tell whether there is no table in the schema that the connection works in."""
    found = connection.exec_driver_sql("select from pg_tables where schemaname = current_schema() limit 1")
    return found.first() is None


def name(target: URL) -> str:
    """Name a store by its server and database, without user and password."""
    hosts = target.host or target.query.get("host") or "localhost"
    server = hosts if isinstance(hosts, str) else ",".join(hosts)
    port = f":{target.port}" if target.port else ""
    return f"postgresql://{server}{port}/{target.database or ''}"


def failure(error: DBAPIError) -> tuple[type[HubError], str] | None:
    """Tell a failure of the store from a defect of a statement; the text goes after the store's name."""
    code: str = getattr(error.orig, "sqlstate", None) or ""
    found = _FAILURES.get(code) or _FAILURES.get(code[:3]) or _FAILURES.get(code[:2])
    if found is None and (error.connection_invalidated or (isinstance(error, OperationalError) and not code)):
        found = _AWAY
    if found is None and error.statement is None and not code:
        found = _MALFORMED
    if found is None:
        return None
    kind, text = found
    return kind, text.format(said=_said(error.orig))


def scrub(error: DBAPIError) -> None:
    """Take the values out of an error's text: the server quotes keys and whole lines of COPY."""
    original = error.orig
    diagnostic, code = getattr(original, "diag", None), getattr(original, "sqlstate", None)
    if original is None or diagnostic is None or not code:
        return
    names = ("schema_name", "table_name", "column_name", "constraint_name")
    about = [f"{each[:-5]} {value}" for each in names if (value := getattr(diagnostic, each, None))]
    original.args = (", ".join([f"SQLSTATE {code}", *about]),)
    error.args = (f"({type(original).__name__}) {original}",)


def _said(error: BaseException | None) -> str:
    """Quote the server where it speaks of itself, in one line: such a message holds no value of a row."""
    diagnostic = getattr(error, "diag", None)
    text = str(getattr(diagnostic, "message_primary", None) or error or "").strip()
    reason = text.rpartition("FATAL:")[2].strip() if "FATAL:" in text else text
    return f" ({' '.join(reason.split())})" if reason else ""


def _prepare(connection: DriverConnection[Any], _record: object) -> None:
    from psycopg.types.array import ListBinaryDumper  # noqa: PLC0415 not every hub has this driver to load

    # An array as text takes ten times as long to write for `bytes`, a third longer for numbers (measured).
    connection.adapters.register_dumper(list, ListBinaryDumper)
    connection.prepared_max = _STATEMENTS_PREPARED
    # Acknowledged means durable, also where the server's own default is not; a stricter setting stays.
    connection.autocommit = True
    connection.execute(
        "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
    )
    connection.autocommit = False

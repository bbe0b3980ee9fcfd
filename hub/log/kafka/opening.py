"""Opening the library's clients, and what their errors mean."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from kafka import errors
from kafka.net.compat import KafkaNetClient

from hub.errors import HubError, LogUnavailable, NotFound, RecordTooLarge, Usage
from hub.log.kafka.connection import KafkaConnection

_PROBE_S = 3.0
_ALERT_S = 1.0

_LOGIN = (errors.SaslAuthenticationFailedError, errors.UnsupportedSaslMechanismError, errors.IllegalSaslStateError)
_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], type[HubError], str], ...] = (
    (
        _LOGIN,
        Usage,
        "Kafka refused the login; check HUB_KAFKA_MECHANISM, HUB_KAFKA_USERNAME and HUB_KAFKA_PASSWORD, or the token",
    ),
    ((errors.AuthorizationError,), Usage, "Kafka does not allow it to this user; give it the access (ACL)"),
    (
        (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError),
        RecordTooLarge,
        "a record is larger than the topic's max.message.bytes",
    ),
    ((errors.UnknownTopicOrPartitionError,), NotFound, "there is no such topic; run `hub topics create`"),
    (
        (errors.UnsupportedVersionError, errors.KafkaConfigurationError),
        Usage,
        "this Kafka cannot do what the hub needs, which is Kafka 2.8 or newer",
    ),
    (
        (errors.InvalidRecordError, errors.PolicyViolationError, errors.InvalidTimestampError),
        Usage,
        "Kafka refuses it by a rule of the topic or of the cluster",
    ),
    (
        (errors.NotEnoughReplicasError, errors.NotEnoughReplicasAfterAppendError),
        LogUnavailable,
        "fewer replicas than min.insync.replicas are in sync; restore the brokers",
    ),
    (
        (errors.InvalidTopicError,),
        Usage,
        "Kafka takes no topic of such a name, 249 letters at most; check HUB_KAFKA_TOPIC_PREFIX",
    ),
    ((errors.KafkaStorageError,), LogUnavailable, "a broker cannot use its disk; check its space and its health"),
)

# At DEBUG the library logs passwords, and the keys and values of records.
logging.getLogger("kafka").setLevel(logging.WARNING)


class Opened(NamedTuple):
    """A client of the library, and its connections, through which its view of the cluster is seen."""

    library: Any
    net: Any


def open_library(kind: Callable[..., Any], connection: KafkaConnection, config: dict[str, Any]) -> Opened:
    """Open a client of the library, or leave nothing behind; it never creates topics.

    Raises:
        LogUnavailable: no server answers, or not as it should.
        Usage: the login is refused, or the settings do not fit together.
    """
    nets: list[Any] = []

    def connect(**library_config: Any) -> Any:
        net = KafkaNetClient(**library_config)
        nets.append(net)
        # The library never passes its own setting on, and asking a broker about a topic would create it.
        net.cluster.config["allow_auto_create_topics"] = False
        _refuse_logins_once(net._manager, connection)
        return net

    try:
        opened = Opened(kind(**config, kafka_client=connect), nets[0])
        # From now on, a login refused may be accepted again when the broker has learned of it.
        del opened.net._manager.get_connection
    except BaseException as error:
        for net in nets:
            # Its I/O thread would go on trying for ever.
            with suppress(Exception):
                net.close()
        if isinstance(error, errors.KafkaTimeoutError):
            raise _unreachable(connection) from error
        if isinstance(error, (errors.KafkaError, OSError, RuntimeError)):
            raise translate(error, f"{connection.servers} cannot be used") from error
        raise
    return opened


def _refuse_logins_once(manager: Any, connection: KafkaConnection) -> None:
    """Have a refused login end the opening, with its cause: the library would try it again until its timeout."""
    refused: list[BaseException] = []
    get_connection = manager.get_connection

    def note(error: BaseException) -> None:
        without_token = connection.token_failure
        if isinstance(error, _LOGIN):
            refused.append(error)
        elif without_token is not None and not without_token.retriable:
            refused.append(without_token)

    def get(*arguments: Any, **named: Any) -> Any:
        if refused:
            raise refused[0]
        found = get_connection(*arguments, **named)
        found.init_future.add_errback(note)
        return found

    manager.get_connection = get


def _unreachable(connection: KafkaConnection) -> HubError:
    """Say why no server answered, which the library only logs."""
    if connection.token_failure is not None:
        return connection.token_failure
    reasons = "; ".join(f"{address}: {_probe(address, connection)}" for address in connection.addresses())
    return LogUnavailable(
        f"Kafka did not answer within {connection.timeout_ms / 1000:g} s ({reasons}); check HUB_KAFKA_SERVERS, "
        "HUB_KAFKA_SECURITY and the network"
    )


def _probe(address: str, connection: KafkaConnection) -> str:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PROBE_S) as plain:
            if connection.is_tls:
                with connection.tls_context().wrap_socket(plain, server_hostname=host.strip("[]")) as encrypted:
                    _hear_alert(encrypted)
    except OSError as error:
        text = str(error.args[1]) if error.args[1:] else type(error).__name__
        about_certificate = isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "")
        return f"{text}; check HUB_KAFKA_CERT_FILE" if about_certificate else text
    except ValueError:
        return "not of the form host:port"
    if connection.is_sasl:
        # A broker hangs up soon after it refused a login, at times before the library has read why.
        return "it accepts connections but hangs up: it refuses the login, or expects another HUB_KAFKA_SECURITY"
    return "it accepts connections but does not speak Kafka in this way"


def _hear_alert(encrypted: ssl.SSLSocket) -> None:
    """Wait for what a server says of the client's certificate, with TLS 1.3 only after the handshake.

    Raises:
        OSError: it refuses it, or that there is none.
    """
    encrypted.settimeout(_ALERT_S)
    with suppress(TimeoutError):
        encrypted.recv(1)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn the library's errors into the hub's; `doing` says what was not done."""
    try:
        yield
    except (errors.KafkaError, OSError, RuntimeError) as error:
        raise translate(error, doing) from error


def _named(error: BaseException) -> str:
    """Give the error's class, and the topics that it is about, as the cluster names them and its rights do."""
    name = type(error).__name__
    if isinstance(error, errors.TopicAuthorizationFailedError) and error.args and isinstance(error.args[0], set):
        return f"{name}: {', '.join(sorted(error.args[0]))}"
    return name


def translate(error: BaseException, doing: str) -> HubError:
    """Give the hub's error for one of the library's, without the contents of a record."""
    name = _named(error)
    if isinstance(error, HubError):
        return error
    for kinds, hub_error, text in _MEANINGS:
        if isinstance(error, kinds):
            return hub_error(f"{doing}: {text} ({name})")
    return LogUnavailable(f"{doing}: Kafka did not answer as it should ({name}); check the brokers")

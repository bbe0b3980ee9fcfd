"""The one error tree: every failure the hub reports, with a stable code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class HubError(Exception):
    """A failure that a caller can act on.

    `code` is stable and machine-readable; `retriable` says whether the same call may succeed later.
    The message says what was wrong, where, and what to do, and never repeats a personal value.
    """

    code = "hub_error"
    retriable = False


class ContractError(HubError):
    """A record that breaks the published contract: it belongs in quarantine, never in the ledger."""

    code = "contract_broken"


class Undecodable(ContractError):
    """The bytes are not a framed Avro record of the schema they name."""

    code = "undecodable"


class UnknownSchema(ContractError):
    """The frame names a schema id that the registry does not hold."""

    code = "unknown_schema"


class FieldDefect(NamedTuple):
    """What is wrong with one field of an event; `pointer` is a JSON pointer into its JSON form."""

    pointer: str
    text: str


class InvalidEvent(ContractError):
    """The record decodes, but a field is missing or malformed: `defects` names the first of them."""

    code = "invalid_event"

    def __init__(self, message: str, defects: Sequence[FieldDefect] = ()) -> None:
        super().__init__(message)
        self.defects = tuple(defects)


class ForbiddenNetwork(ContractError):
    """A network speaks for the other, or for the hub."""

    code = "forbidden_network"


class ContentConflict(ContractError):
    """An event id seen before arrives with other content: the first one stands."""

    code = "content_conflict"


class RecordTooLarge(ContractError):
    """A record is larger than the limit of the contract."""

    code = "record_too_large"


class SchemaIncompatible(HubError):
    """A schema would break a reader or a writer of a released version."""

    code = "schema_incompatible"


class LogUnavailable(HubError):
    """The log did not answer in time; an append may have landed, so append again with the same event ids."""

    code = "log_unavailable"
    retriable = True


class RegistryUnavailable(HubError):
    """The schema registry did not answer, or refused; nothing was read or written because of it."""

    code = "registry_unavailable"
    retriable = True


class LogIncident(HubError):
    """The log no longer holds what the stored offset points at: a topic recreated, truncated or expired."""

    code = "log_incident"


class StoreUnavailable(HubError):
    """The database is locked, full or away; nothing of the transaction was kept."""

    code = "store_unavailable"
    retriable = True


class StoreMissing(StoreUnavailable):
    """There is no store here, or nothing was ever made in it: `hub init` makes one."""

    code = "store_missing"
    retriable = False


class StoreCorrupt(HubError):
    """A file of the hub is damaged or is not what it should be."""

    code = "store_corrupt"


class StoreRevision(HubError):
    """A database's tables are those of another version of the hub: one of the two must be upgraded."""

    code = "store_revision"


class OffsetConflict(HubError):
    """Another worker moved the offset of this partition first; read it again and go on from there."""

    code = "offset_conflict"
    retriable = True


class EventConflict(HubError):
    """Another worker stored one of these event ids first; look up the known ids again and go on from there."""

    code = "event_conflict"
    retriable = True


class ProcessLost(HubError):
    """A process of a rebuild ended before its work was done; the live read model is as it was."""

    code = "process_lost"


class Contended(HubError):
    """Other workers changed what this batch concerns while it waited for them; nothing was kept, begin it again."""

    code = "contended"
    retriable = True


class KeyUnavailable(HubError):
    """The key-encryption key is missing, badly protected, or not the one these records were sealed with."""

    code = "key_unavailable"


class Forgotten(HubError):
    """The data key of this subject was destroyed by an erasure."""

    code = "forgotten"


class TokenInvalid(HubError):
    """The bearer token is missing, malformed, expired, forged, or not for this hub."""

    code = "token_invalid"


class FormRefused(HubError):
    """A form of the web pages comes from elsewhere, or from a login that ended: nothing of it was done."""

    code = "form_refused"


LoginDefect = Literal["expired", "cancelled", "refused", "weak", "nobody"]


class LoginFailed(HubError):
    """A login at the OpenID provider did not end in a session.

    Attributes:
        why: `expired` begin again; `cancelled` by the person; `refused` what the provider sent does not count;
            `weak` the login lacks a second factor; `nobody` gave its reader a role.
    """

    code = "login_failed"

    def __init__(self, message: str, why: LoginDefect) -> None:
        super().__init__(message)
        self.why = why


class IssuerUnavailable(HubError):
    """The OpenID provider did not answer, so that no token can be checked now."""

    code = "issuer_unavailable"
    retriable = True


class Denied(HubError):
    """This reader may not do this, or may not see this person, or there is no such person: nobody learns which."""

    code = "denied"


class PositionAhead(HubError):
    """The ledger does not reach the position from which a follower wants to go on: it was restored from a backup."""

    code = "position_ahead"


class TooManyRequests(HubError):
    """The reader made more requests than one may in a minute."""

    code = "too_many_requests"
    retriable = True

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ReadingSlowed(HubError):
    """The reader read unusually many people lately, and has to wait."""

    code = "reading_slowed"
    retriable = True

    def __init__(self, message: str, retry_after_s: int = 60) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ReadingStopped(HubError):
    """The reader read too many people and is stopped until the data protection officer releases them."""

    code = "reading_stopped"


_SHOWN = 3
"""Of many things wrong with a request, those that its error names; it holds them all."""


class ApiProblem(HubError):
    """The hub's API refused a client's request, or failed at it.

    Attributes:
        kind: which kind of failure, as the last part of the problem document's `type`.
        status: the answer's status.
        detail: what was wrong and what to do.
        errors: what is wrong with which part of the request: a JSON pointer into its body, or a parameter's name.
        request_id: by this the hub's log names the request.
        retry_after_s: in how many seconds to come back, where the hub said so.
    """

    code = "api_problem"

    def __init__(
        self,
        kind: str,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldDefect] = (),
        request_id: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        parts = "".join(f"; {each.pointer or 'the whole'}: {each.text}" for each in errors[:_SHOWN])
        super().__init__(f"{status} {kind}: {detail}{parts}" + (f" (request {request_id})" if request_id else ""))
        self.kind = kind
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in {429, 503}


class ApiUnavailable(HubError):
    """The hub's API did not answer a client; what was asked may have been done."""

    code = "api_unavailable"
    retriable = True


class NotFound(HubError):
    """No such case, person, fact or entry."""

    code = "not_found"


class Usage(HubError):
    """The request cannot be carried out as it was asked."""

    code = "usage"

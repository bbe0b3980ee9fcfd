"""`hub link`, `hub unlink`, `hub reject`: a person's decision about two case records, published like any event."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.recorded import recorded
from hub.cli.session import Session, session_of

if TYPE_CHECKING:
    from hub.domain.ids import CaseKey
    from hub.producers.publisher import Receipt
    from hub.wiring import Hub

Record = Annotated[str, typer.Argument(metavar="CASE", help="network/scope/local_id, a local id, or an event's id.")]
By = Annotated[str, typer.Option("--by", metavar="ADVISER", help="Who decides: the adviser's id.")]
Comment = Annotated[str | None, typer.Option("--comment", help="Why, in the decider's words.")]
Consume = Annotated[bool, typer.Option("--consume/--no-consume", help="Take it in at once, so that its effect shows.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("link", short_help="Decide that two case records are one person's.")(link)
    app.command("unlink", short_help="Undo it: each gets its own history back.")(unlink)
    app.command("reject", short_help="Never propose a pair again.")(reject)


def link(
    context: typer.Context,
    left: Record,
    right: Record,
    evidence: Annotated[
        str, typer.Option("--evidence", metavar="CODE", help="What shows it: a code of link_evidence.")
    ],
    by: By = "cli",
    comment: Comment = None,
    consume: Consume = True,
) -> None:
    """Decide that two case records are one person's: they share one pathway from then on."""
    _known("--evidence", "link_evidence", evidence)
    fields = {"type": "RecordsLinked", "evidence": evidence, "comment": comment}
    _decide(session_of(context), left, right, fields, by, consume=consume)


def unlink(
    context: typer.Context,
    left: Record,
    right: Record,
    reason: Annotated[str, typer.Option("--reason", metavar="CODE", help="Why: a code of unlink_reason.")],
    by: By = "cli",
    comment: Comment = None,
    consume: Consume = True,
) -> None:
    """Decide that two linked case records are not one person's: each gets its own history back."""
    _known("--reason", "unlink_reason", reason)
    fields = {"type": "RecordsUnlinked", "reason": reason, "comment": comment}
    _decide(session_of(context), left, right, fields, by, consume=consume)


def reject(
    context: typer.Context,
    left: Record,
    right: Record,
    by: By = "cli",
    comment: Comment = None,
    consume: Consume = True,
) -> None:
    """Decide that a suggested pair is no match: it is never proposed again."""
    _decide(session_of(context), left, right, {"type": "MatchRejected", "comment": comment}, by, consume=consume)


def _known(option: str, code_list: str, code: str) -> None:
    """The hub's own commands state no code that its lists do not hold."""
    from hub.domain.codes import LISTS

    if code not in LISTS[code_list]:
        raise typer.BadParameter(
            f"not a code of {code_list}; expected {', '.join(LISTS[code_list])}", param_hint=option
        )


def _decide(session: Session, left: str, right: str, fields: dict[str, Any], by: str, *, consume: bool) -> None:
    from hub.cli.feeding import caught_up
    from hub.cli.stopping import Stop

    with session.open() as hub:
        first, second = _named(hub, left, right, fields)
        with hub.publisher() as publisher:
            receipt = publisher.publish(_event(hub, first, second, fields, by))
        if consume:
            with Stop() as stop:
                caught_up(hub, session.output, stop)
        _show(session, hub, receipt, (first, second), consumed=consume)


def _named(hub: Hub, left: str, right: str, fields: dict[str, Any]) -> tuple[CaseKey, CaseKey]:
    from hub.projections.finding import case_named

    through = {"RecordsLinked": "hub link", "RecordsUnlinked": "hub unlink", "MatchRejected": "hub reject"}
    with recorded(hub, through[fields["type"]], fields["comment"]) as look:
        look.entry.kind = "decide"
        first, second = (case_named(look.connection, look.tables, name) for name in (left, right))
        look.show_cases([first, second])
    return first, second


def _event(hub: Hub, left: CaseKey, right: CaseKey, fields: dict[str, Any], by: str) -> dict[str, Any]:
    now = hub.now()
    stamp = now.isoformat(timespec="microseconds")
    meta = {
        "event_id": str(uuid.uuid4()),
        "network": "hub",
        "sequence": int(now.timestamp() * 1_000_000),
        "occurred_at": stamp,
        "recorded_at": stamp,
        "actor_id": by,
        "organisation": "hub",
    }
    return {"meta": meta, "left": left._asdict(), "right": right._asdict(), **fields}


def _show(session: Session, hub: Hub, receipt: Receipt, pair: tuple[CaseKey, CaseKey], *, consumed: bool) -> None:
    together = _together(hub, pair) if consumed else None
    if session.output.as_json:
        session.output.document({**receipt._asdict(), "consumed": consumed, "one_pathway": together})
        return
    session.output.line(
        f"decision {receipt.event_id} published at {receipt.topic}/{receipt.partition}/{receipt.offset}"
    )
    if together is None:
        session.output.line("`hub consume --until-caught-up` takes it in.")
    else:
        session.output.line(
            "The two case records share one pathway." if together else "Each case record has a pathway of its own."
        )


def _together(hub: Hub, pair: tuple[CaseKey, CaseKey]) -> bool:
    from hub.errors import NotFound
    from hub.ledger.database import reading
    from hub.projections import generations
    from hub.projections.finding import find

    with reading(hub.store) as connection:
        tables = generations.live(connection)
        try:
            first, second = (find(connection, tables, "/".join(case)).pathway_no for case in pair)
        except NotFound:
            return False
    return first is not None and first == second

"""`hub suggestions`: pairs of case records for a person to look at, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.recorded import Why, recorded
from hub.cli.session import session_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hub.domain.ids import CaseKey
    from hub.projections.suggestions import Suggestion


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("suggestions", short_help="Show case records that may be one person's.")(suggestions)


def suggestions(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many pairs.")] = 20,
    reason: Why = None,
) -> None:
    """Show pairs of case records that may be one person's, best first, with what they have in common."""
    from hub.projections.suggestions import suggestions as of_rows

    session = session_of(context)
    with session.open() as hub, recorded(hub, "hub suggestions", reason) as look:
        found = of_rows(look.connection, look.tables, limit)
        look.show_cases(case for each in found for case in (each.left, each.right))
    if session.output.as_json:
        session.output.document([_document(each) for each in found])
    elif found:
        session.output.screen(_table(found))
        session.output.say("`hub link A B --evidence CODE` joins a pair, `hub reject A B` never proposes it again")
    else:
        session.output.line("Aucun rapprochement à examiner.")


def _document(found: Suggestion) -> dict[str, object]:
    return {**found._asdict(), "left": found.left._asdict(), "right": found.right._asdict()}


def _table(found: list[Suggestion]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("Score", justify="right", style="bold")
    table.add_column("Dossiers", overflow="fold")
    table.add_column("Pourquoi")
    for each in found:
        records = Text(f"{_name(each.left)}\n{_name(each.right)}")
        why = Text(", ".join(each.reasons) or "aucun trait en commun")
        table.add_row(str(each.score), records, why.append(_held_back(each), style="yellow"))
    return table


def _name(case: CaseKey) -> str:
    return "/".join(case)


def _held_back(found: Suggestion) -> str:
    from hub.projections import labels

    if found.skipped_because is None:
        return ""
    because = {
        "unlinked": "cette paire a été dissociée",
        "separated": "d'autres dossiers de ces parcours sont tenus à part",
        "ambiguous": "plusieurs dossiers d'un réseau ont ces traits",
    }
    return f"\n{labels.link_rule(found.rule)}, mais {because.get(found.skipped_because, found.skipped_because)}"

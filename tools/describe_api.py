"""Writes the tables of the API's page from the OpenAPI document: `python tools/describe_api.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from hub.api.app import Application
from hub.api.exchange import PREFIX
from hub.api.openapi import operations_of
from hub.api.problems import KINDS
from hub.client.rows import SECTIONS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"
METHODS: Mapping[str, str] = {
    "publish": "publish, publish_batch",
    "read_pathway": "pathway",
    "read_timeline": "timeline",
    "read_history": "history",
    "read_facts": "facts",
    "explain_fact": "explain",
    "read_event": "event",
    "state_a_reason": "state_reason",
    "read_accesses": "accesses",
    "make_report": "report",
    "list_access_entries": "access_entries",
    "list_access_alarms": "alarms",
    "release_reader": "release",
    "list_caseload": "caseload",
    "list_alerts": "alerts",
    "list_contradictions": "contradictions",
    "list_notices": "notices",
    "search_people": "search",
    "look_up_at_intake": "look_up",
    "list_suggestions": "suggestions",
    "decide": "decide",
    "read_decision": "decision",
    "delegation_figures": "figures",
    "read_me": "me",
    "read_status": "status",
    "list_quarantine": "quarantine",
    "read_quarantined": "quarantined",
    "redrive": "redrive",
    "follow_changes": "changes",
}
"""The client's methods by operation; `section` has those of `SECTIONS`."""
_PERSON = "/pathways/{person_id}/"
_TO_DO: Mapping[int, str] = {
    400: "correct the request",
    401: "get a new token, once; [login.md](login.md#when-a-token-is-refused)",
    403: "for a person: state a reason first; else ask who may",
    404: "check the address, or what it names",
    405: "use the method that the operation has",
    408: "send the request faster, or a smaller one",
    409: "see the operation",
    411: "send the body with its length",
    413: "send less at once",
    415: "say `application/json` in `Content-Type`, and do not compress",
    422: "correct what `errors` names",
    429: "come back after `Retry-After` seconds",
    431: "send fewer and smaller headers",
    500: "tell the operator the `X-Request-Id`",
    503: "come back after `Retry-After` seconds",
}
_SPECIAL: Mapping[str, str] = {
    "content_conflict": "give the changed fact an event id of its own",
    "forbidden_network": "publish with the token of that network's system",
    "reading_stopped": "ask the data protection officer to release you",
    "position_ahead": "read your people anew, then follow from now on",
    "malformed_request": "speak HTTP/1.1",
}


def main() -> None:
    """Write the page."""
    PAGE.write_text(described(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def described(page: str) -> str:
    """Give the page with its tables as they should be."""
    for name, lines in {"operations": operations(), "failures": failures(), "sections": sections()}.items():
        before, begin, rest = page.partition(f"<!-- {name} -->")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if not end:
            raise SystemExit(f"docs/api.md has no place for its {name}")
        page = before + "\n".join([begin, "", *lines, "", end]) + after
    return page


def operations() -> Iterator[str]:
    """Give the rows of the table of operations; the sections of a pathway are one."""
    yield "| Operation | | Client |"
    yield "|---|---|---|"
    is_told = False
    for path, method, operation in operations_of(Application().openapi()):
        short = path.removeprefix(PREFIX)
        if short.removeprefix(_PERSON) in SECTIONS.values():
            if not is_told:
                yield f"| `GET {_PERSON}`[section](#one-person) | Read the rows of one kind | `section` |"
            is_told = True
            continue
        methods = ", ".join(f"`{name}`" for name in METHODS[operation["operationId"]].split(", "))
        yield f"| `{method.upper()} {short}` | {operation['summary']} | {methods} |"


def failures() -> Iterator[str]:
    """Give the rows of the table of failures."""
    yield "| Status | Kind | | To do |"
    yield "|---|---|---|---|"
    by_status = sorted(KINDS.items(), key=lambda each: (each[1].status, each[0]))
    for status, kinds in groupby(by_status, key=lambda each: each[1].status):
        for name, kind in kinds:
            yield f"| {status} | `{name}` | {kind.title} | {_SPECIAL.get(name, _TO_DO[status])} |"


def sections() -> Iterator[str]:
    """Give the sections with the client's types."""
    yield ", ".join(f"`{name}` (`{row.__name__}`)" for row, name in SECTIONS.items()) + "."


if __name__ == "__main__":
    main()

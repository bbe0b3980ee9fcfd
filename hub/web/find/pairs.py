"""Two case records side by side: how they compare, what was decided, and what may be decided now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from hub.api.documents.decisions import Link, OfPair, Reject, Unlink
from hub.api.queries.pairs import Decided, Pair, Recent
from hub.api.queries.suggestions import Proposed, Side
from hub.audit.moments import day_in_france
from hub.domain import codes
from hub.domain.access import READ_AFTER, Reader
from hub.domain.identity import suggest
from hub.domain.identity.evidence import latest
from hub.domain.identity.suggest import Agreement
from hub.domain.ids import CaseKey
from hub.domain.pathway.leg import case_text
from hub.projections import labels, remarks
from hub.projections.suggestions import NEAR
from hub.web import words
from hub.web.find.intake import scope_in_words
from hub.web.form import Fields
from hub.web.naming.names import UNNAMED, Names

ACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"rapprocher": ("preuve", "precision"), "ecarter": ("pourquoi",), "dissocier": ("raison", "detail")}
)
"""What a form may do, and the fields that go with it."""
FIELDS = ("action", "formulaire", "etat", *(field for of in ACTIONS.values() for field in of))
LONGEST_TEXT = 1_000
DAYS_TO_UNDO = READ_AFTER.days
EVIDENCE = [(code, words.capital(words.typed(text))) for code, text in codes.LISTS["link_evidence"].items()]
UNLINK_REASONS = [(code, words.capital(words.typed(text))) for code, text in codes.LISTS["unlink_reason"].items()]
_HELD_BACK: Mapping[str, str] = MappingProxyType(
    {
        "unlinked": "cette paire a été dissociée",
        "separated": "d’autres dossiers de ces parcours sont tenus à part",
        "ambiguous": "plusieurs dossiers d’un même réseau ont ces traits",
    }
)
_AGREEMENTS: Mapping[Agreement, tuple[str, str]] = MappingProxyType(
    {
        "same": ("identique", "success"),
        "near": ("proche", "warning"),
        "different": ("différent", "error"),
        "absent": ("absent", "info"),
    }
)
_STRONG, _FAIR = 95, 88


class Trait(NamedTuple):
    """A trait as both records say it, and how the two compare, in a word and the kind of a badge."""

    label: str
    left: str | None
    right: str | None
    word: str
    kind: str


class Shown(NamedTuple):
    """A case record; `href` leads to the pathway where the reader accompanies the person."""

    network: str
    local_id: str
    scope: str | None
    name: str
    birth_date: str | None
    href: str | None
    is_open: bool | None
    opened_at: datetime | None
    closed_at: datetime | None
    site: str | None


class Said(NamedTuple):
    """A decision in words: who took it is `vous`, or an adviser of a network."""

    event_id: str
    kind: Literal["link", "unlink", "reject"]
    what: str
    who: str
    at: datetime
    code: str | None


class Compared(NamedTuple):
    """A pair as its page shows it; `mark` is another text once anything was decided.

    `may_link`, `may_reject` and `may_unlink` say what there is to decide, whoever may; `until` is the last day on which
    the reader, who accompanies nobody of the two any more, sees the pair, and may take back a link.
    """

    left: Shown
    right: Shown
    traits: list[Trait]
    strength: str
    reasons: str
    held_back: str | None
    is_one_pathway: bool
    rules: str
    decided: Said | None
    may_link: bool
    may_reject: bool
    may_unlink: bool
    until: date | None
    mark: str


class Listed(NamedTuple):
    """A suggestion in a list."""

    address: str
    left: Shown
    right: Shown
    strength: str
    reasons: str
    held_back: str | None


class Past(NamedTuple):
    """A decision in a list: about whom of the reader's, and between which networks."""

    address: str
    name: str
    networks: list[str]
    said: Said


def compared(pair: Pair, reader: Reader, names: Names = UNNAMED) -> Compared:
    """Lay out a pair."""
    left, right, standing = pair.left, pair.right, pair.standing
    one, other = left.record.evidence, right.record.evidence
    decided, apart = standing.decided, standing.decided is not None and standing.decided.kind != "link"
    is_own = left.is_own or right.is_own
    return Compared(
        _shown(left, pair.legs.get(case_text(left.record.case)), names),
        _shown(right, pair.legs.get(case_text(right.record.case)), names),
        _traits(left, right),
        strength(suggest.score(one, other)),
        _reasons(suggest.reasons(one, other)),
        _held_back(*standing.held_back) if standing.held_back else None,
        standing.is_one_pathway,
        " ; ".join(words.typed(labels.link_rule(rule)) for rule in standing.rules),
        said(decided, reader, names) if decided else None,
        may_link=is_own and not standing.is_one_pathway,
        may_reject=is_own and not standing.is_one_pathway and (not apart or standing.held_back is not None),
        may_unlink=standing.is_one_pathway and (is_own or (decided is not None and decided.is_undone_by("unlink"))),
        until=None if is_own or decided is None else day_in_france(decided.at) + READ_AFTER,
        mark=standing.mark,
    )


def listed(found: Proposed, address: str) -> Listed:
    """Lay out a suggestion for a list."""
    held_back = found.found.skipped_because
    left, right = _shown(found.left, None, UNNAMED), _shown(found.right, None, UNNAMED)
    return Listed(
        address,
        left,
        right,
        strength(found.found.score),
        _reasons(found.found.reasons),
        _held_back(found.found.rule, held_back) if held_back and found.found.rule != NEAR else None,
    )


def past(found: Recent, reader: Reader, address: str, names: Names = UNNAMED) -> Past:
    """Lay out a decision for a list."""
    row = found.whose.row
    return Past(
        address,
        words.full_name(row.family_name, row.given_name),
        [found.mine.case.network, found.other.case.network],
        said(found.decided, reader, names),
    )


def said(decided: Decided, reader: Reader, names: Names = UNNAMED) -> Said:
    """Put a decision into words."""
    what = {"link": "Dossiers rapprochés", "unlink": "Dossiers dissociés", "reject": "Rapprochement écarté"}
    lists = {"link": "link_evidence", "unlink": "unlink_reason"}
    who = "vous"
    if not decided.is_by(reader):
        of = labels.network(decided.network)
        who = names.of(decided.network, decided.adviser) if decided.adviser else f"une personne ({of})"
    code = words.typed(codes.label(lists[decided.kind], decided.code)) if decided.code else None
    return Said(decided.event_id, decided.kind, what[decided.kind], who, decided.at, code)


def strength(score: int) -> str:
    """Say how near two records are."""
    if score >= _STRONG:
        return "Ressemblance très forte"
    return "Ressemblance forte" if score >= _FAIR else "Ressemblance moyenne"


def _reasons(reasons: tuple[str, ...]) -> str:
    return "En commun : " + ", ".join(words.typed(each) for each in reasons) if reasons else "Aucun trait en commun"


def _held_back(rule: str, because: str) -> str:
    return words.capital(
        words.typed(f"{labels.link_rule(rule)}, mais {_HELD_BACK.get(because, 'une décision s’y oppose')}.")
    )


def _traits(left: Side, right: Side) -> list[Trait]:
    one, other = left.record.evidence, right.record.evidence
    return [
        Trait(
            words.capital(words.typed(labels.fact(trait))),
            _value(trait, latest(one, trait)),
            _value(trait, latest(other, trait)),
            *_AGREEMENTS[agreement],
        )
        for trait, agreement in suggest.agreements(one, other).items()
    ]


def _value(trait: str, text: str) -> str | None:
    said = remarks.claimed(trait, text, words.short_day)
    return (words.typed(said) if trait in remarks.CODED else said) or None


def _shown(side: Side, leg: Any, names: Names) -> Shown:
    evidence, case = side.record.evidence, side.record.case
    family = latest(evidence, "family_name") or latest(evidence, "birth_name")
    return Shown(
        case.network,
        case.local_id,
        scope_in_words(case),
        words.full_name(family, latest(evidence, "given_name")),
        _value("birth_date", latest(evidence, "birth_date")),
        f"/parcours/{side.whose.row.person_id}" if side.is_own else None,
        None if leg is None else leg.status == "open",
        None if leg is None else leg.opened_at,
        None if leg is None else leg.closed_at,
        names.site(leg.site) if leg is not None and leg.site else None,
    )


def read(fields: Fields, left: CaseKey, right: CaseKey) -> OfPair | None:
    """Read what a form decides about two case records; None where something is wrong with it."""
    both = {"left": left._asdict(), "right": right._asdict()}
    match fields.values["action"]:
        case "rapprocher":
            evidence = fields.choice("preuve", dict(EVIDENCE), "Indiquez ce qui montre que c’est la même personne.")
            said = {"kind": "link", "evidence": evidence, "comment": fields.text("precision", LONGEST_TEXT)}
            return None if fields.wrong else Link.model_validate(both | said)
        case "ecarter":
            if not fields.values["pourquoi"]:
                fields.refuse("pourquoi", "Dites en quelques mots pourquoi ce sont deux personnes.")
            said = {"kind": "reject", "comment": fields.text("pourquoi", LONGEST_TEXT)}
            return None if fields.wrong else Reject.model_validate(both | said)
        case "dissocier":
            reason = fields.choice("raison", dict(UNLINK_REASONS), "Indiquez pourquoi les dossiers sont à séparer.")
            said = {"kind": "unlink", "reason": reason, "comment": fields.text("detail", LONGEST_TEXT)}
            return None if fields.wrong else Unlink.model_validate(both | said)
        case _:
            fields.refuse("action", "Choisissez de rapprocher, d’écarter ou de dissocier.")
            return None

"""Near matches for a person to look at: scored and explained, never applied on their own."""

from __future__ import annotations

from hub.domain.identity.evidence import Evidence, KeyedHash

SUGGEST_FROM = 80
"""The score from which two case records are worth a person's look."""


def score(left: Evidence, right: Evidence) -> int:
    """Say how near two records are, 0 to 100, whichever comes first."""
    raise NotImplementedError


def reasons(left: Evidence, right: Evidence) -> tuple[str, ...]:
    """Say in French, for the adviser, what two records have in common, strongest first."""
    raise NotImplementedError


def blocking_keys(evidence: Evidence, keyed_hash: KeyedHash) -> tuple[bytes, ...]:
    """Give few keys, sorted, of which near matches share at least one: an indexed self-join finds the pairs to score."""
    raise NotImplementedError

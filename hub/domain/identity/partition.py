"""Disjoint sets of case records that never bring together two that must stay apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from hub.domain.ids import CaseKey


class Partition:
    """Every case on its own at first; `apart` are the pairs that no join may bring together.

    A union-find whose roots know the roots that they must stay apart from, so that a join costs about the size of the
    smaller such set and not that of the clusters.
    """

    __slots__ = ("_apart", "_parent", "_size")

    def __init__(self, cases: Iterable[CaseKey], apart: Iterable[tuple[CaseKey, CaseKey]]) -> None:
        self._parent = {case: case for case in cases}
        self._size = dict.fromkeys(self._parent, 1)
        self._apart: defaultdict[CaseKey, set[CaseKey]] = defaultdict(set)
        for left, right in apart:
            self._apart[left].add(right)
            self._apart[right].add(left)

    def together(self, left: CaseKey, right: CaseKey) -> bool:
        """Tell whether two cases are in one cluster."""
        return self._root(left) == self._root(right)

    def join(self, left: CaseKey, right: CaseKey) -> bool:
        """Join the clusters of two cases, and tell whether they are in one now: not if that joins a pair kept apart."""
        kept, lost = self._root(left), self._root(right)
        if kept == lost:
            return True
        if lost in self._apart[kept]:
            return False
        if self._weight(kept) < self._weight(lost):
            kept, lost = lost, kept
        self._parent[lost] = kept
        self._size[kept] += self._size.pop(lost)
        for other in self._apart.pop(lost, ()):
            self._apart[other].discard(lost)
            self._apart[other].add(kept)
            self._apart[kept].add(other)
        return True

    def clusters(self) -> tuple[tuple[CaseKey, ...], ...]:
        """Give the clusters, each sorted, in the order of their first cases."""
        members: defaultdict[CaseKey, list[CaseKey]] = defaultdict(list)
        for case in sorted(self._parent):
            members[self._root(case)].append(case)
        return tuple(tuple(cases) for cases in members.values())

    def _weight(self, root: CaseKey) -> int:
        return self._size[root] + len(self._apart[root])

    def _root(self, case: CaseKey) -> CaseKey:
        root = case
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[case] != root:
            self._parent[case], case = root, self._parent[case]
        return root

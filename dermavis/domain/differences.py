"""What differs between two contents: a list of changes, each at its path, which applied to the first give the second.

A content is JSON: mappings, lists, texts, numbers, booleans, nothing. The order of a mapping's keys means nothing. A
list whose items carry an ``id`` each is compared by it; any other list is one value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Path = tuple[str, ...]
"""The keys that lead to a value; an item of a list is named by its id."""


class Kind(StrEnum):
    """How a value differs. ``ORDERED``: a list holds the same items in another order; its values are their ids."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    ORDERED = "ordered"


@dataclass(frozen=True)
class Change:
    """One difference; ``before`` is None where something is added, ``after`` where something is removed."""

    path: Path
    kind: Kind
    before: Any = None
    after: Any = None


def difference(before: Any, after: Any) -> list[Change]:
    """Return what differs, by path; nothing for equal contents."""
    return list(_changes((), before, after))


def apply(before: Any, changes: Sequence[Change]) -> Any:
    """Return ``before`` with the changes made in it; ``before`` stays as it is. Raises KeyError for another content."""
    content = deepcopy(before)
    for change in changes:
        content = _made(content, change.path, change)
    return content


def value_at(content: Any, path: Path) -> Any:
    """Return what stands at a path; None where nothing does."""
    for step in path:
        inner = _by_id(content) if isinstance(content, list) else content
        content = inner.get(step) if isinstance(inner, Mapping) else None
    return content


def _changes(path: Path, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(path, before, after)
        return
    ones, others = _by_id(before), _by_id(after)
    if ones is not None and others is not None:
        yield from _of_mappings(path, ones, others)
        kept = [key for key in ones if key in others] + [key for key in others if key not in ones]
        if kept != list(others):
            yield Change(path, Kind.ORDERED, kept, list(others))
    elif not _same(before, after):
        yield Change(path, Kind.CHANGED, before, after)


def _of_mappings(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in [*before, *(key for key in after if key not in before)]:
        if key not in after:
            yield Change((*path, key), Kind.REMOVED, before=before[key])
        elif key not in before:
            yield Change((*path, key), Kind.ADDED, after=after[key])
        else:
            yield from _changes((*path, key), before[key], after[key])


def _by_id(value: Any) -> dict[str, Any] | None:
    """A list of items by their ids, in its order; None for a list of anything else."""
    if not isinstance(value, list):
        return None
    ids = [item.get("id") if isinstance(item, Mapping) else None for item in value]
    if any(not isinstance(one, str) for one in ids) or len(set(ids)) < len(ids):
        return None
    return {item["id"]: item for item in value}


def _same(one: Any, other: Any) -> bool:
    """Whether two values say the same: True is not 1, and a list's order counts."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _made(content: Any, path: Path, change: Change) -> Any:
    """The content with one change made in it, below ``path``."""
    if not path:
        if change.kind is not Kind.ORDERED:
            return deepcopy(change.after)
        items = _by_id(content) or {}
        return [items[key] for key in change.after]
    key, rest = path[0], path[1:]
    inner = _by_id(content) if isinstance(content, list) else content
    if inner is None:
        raise KeyError(key)
    if rest or change.kind in (Kind.CHANGED, Kind.ORDERED):
        inner[key] = _made(inner[key], rest, change)
    elif change.kind is Kind.REMOVED:
        del inner[key]
    else:
        inner[key] = deepcopy(change.after)
    return list(inner.values()) if isinstance(content, list) else inner

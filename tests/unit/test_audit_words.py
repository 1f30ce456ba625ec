"""Every action that the code writes into the audit has French words; found by walking the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dermavis.domain.audit_words import ACTION_WORDS, GROUPS, action_words, actions_of, detail_words
from dermavis.domain.case_states import Transition

ROOT = Path(__file__).resolve().parents[2]
ACTION_PLACE = {"audit": 0, "record_reading": 2, "record_soon": 2}
MADE_OF = {"case.": {f"case.{step.value}" for step in Transition}}
"""What an action that is put together can become, by its beginning."""

PASSED_ON = {"dermavis/services/audit_trail.py", "dermavis/services/readings.py", "dermavis/services/work.py"}
"""Where an action is a parameter: its callers are read instead (see ``PASSING``)."""
PASSING = {"_read": 4}


def written(source: str, path: str = "") -> Iterator[str]:
    """The actions that a source writes; one that cannot be told apart is given as "?" and its place."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if not isinstance(function, ast.Call):
            continue
        called = function.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        place = ACTION_PLACE.get(name, PASSING.get(name) if path in PASSED_ON else None)
        if place is not None and len(function.args) > place:
            yield from _values(function.args[place], tree, f"{path}:{function.lineno}", path in PASSED_ON)


def _values(node: ast.expr, tree: ast.Module, where: str, passed_on: bool) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _values(node.body, tree, where, passed_on)
        yield from _values(node.orelse, tree, where, passed_on)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        beginning = str(node.values[0].value)
        yield from MADE_OF.get(beginning, {f"?{where}"} if beginning != "message." else _message_kinds(tree))
    elif isinstance(node, ast.Name) and _assigned(node.id, tree):
        for value in _assigned(node.id, tree):
            yield from _values(value, tree, where, passed_on)
    elif not passed_on:
        yield f"?{where}"


def _assigned(name: str, tree: ast.Module) -> list[ast.expr]:
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == name for one in node.targets)
    ]


def _message_kinds(tree: ast.Module) -> set[str]:
    kept = [
        node.args[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_keep"
    ]
    return {f"message.{kind}" for node in kept for kind in _values(node, tree, "message kind", False)}


def all_written() -> set[str]:
    found: set[str] = set()
    for folder in ("dermavis", "blueprints"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(written(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))))
    return found


def test_the_walk_finds_what_is_planted() -> None:
    planted = """
def f(work, system, actor, token, step, kind):
    work.audit("planted.plain", case_id=1)
    work.audit("planted.yes" if token else "planted.no")
    action = "planted.named" if token else "planted.other"
    work.audit(action)
    work.audit(f"case.{step.value}")
    record_reading(system, actor, "planted.read")
    work.audit(f"strange.{kind}")
"""
    found = set(written(planted, "planted.py"))
    plain = {"plain", "yes", "no", "named", "other", "read"}
    assert {f"planted.{name}" for name in plain} <= found
    assert "case.claim" in found
    assert "?planted.py:9" in found


def test_every_action_written_has_its_words() -> None:
    found = all_written()
    assert {"photo.read", "case.claim", "message.question", "sign_in.completed", "audit.export"} <= found
    assert found - set(ACTION_WORDS) == set()


def test_the_filter_offers_every_action_once() -> None:
    offered = [action for _, actions in GROUPS.values() for action in actions]
    assert len(offered) == len(set(offered)) == len(ACTION_WORDS)
    assert actions_of("readings") == tuple(GROUPS["readings"][1])
    assert actions_of("photo.read") == ("photo.read",)
    assert actions_of("photo") == ()


def test_a_code_of_a_newer_release_is_shown_as_it_is() -> None:
    assert action_words("tomorrow.done") == "tomorrow.done"


@pytest.mark.parametrize(
    ("action", "detail", "kind", "words"),
    [
        ("photo.read", {"role": "original"}, "photo", "plein format"),
        ("photo.read", {}, "photo", ""),
        ("list.read", {"cases": ["a", "b"]}, "worklist.queue", "à répondre · 2 demandes"),
        ("list.read", {"cases": "a"}, "elsewhere", ""),
        ("role.added", {"role": "expert"}, "person", "Expert"),
        ("role.added", {"role": "wizard"}, "person", ""),
        ("charter.publish", {"version": 3}, "charter", "version 3"),
        ("charter.publish", {"version": "<b>"}, "charter", ""),
        ("team.members", {"count": 1}, "team", "1 membre"),
        ("case.claim", {"to": "claimed"}, "transition", ""),
    ],
)
def test_details_are_told_in_a_few_words(
    action: str, detail: dict[str, object], kind: str, words: str
) -> None:
    assert detail_words(action, detail, kind).replace("\u00a0", " ") == words

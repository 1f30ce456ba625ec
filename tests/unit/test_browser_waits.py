"""What a browser test waits for in a page is an answer, not the promise of one, which Playwright takes for a yes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
PROMISE = re.compile(r"\basync\b|\bawait\b|\bPromise\b|\.then\(")


def promises_waited_for(source: str) -> Iterator[int]:
    """Yield the line of each ``wait_for_function`` that is given a promise."""
    tree = ast.parse(source)
    constants = {
        target.id: ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".wait_for_function"):
            asked = ast.unparse(node)
            asked += "".join(text for name, text in constants.items() if re.search(rf"\b{name}\b", asked))
            if PROMISE.search(asked):
                yield node.lineno


def test_no_test_waits_for_a_promise() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in promises_waited_for(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_promise_is_found_however_it_is_written() -> None:
    assert list(promises_waited_for('page.wait_for_function("async () => true")')) == [1]
    assert list(promises_waited_for('KEPT = "() => new Promise(go)"\npage.wait_for_function(KEPT)')) == [2]
    assert list(promises_waited_for('page.wait_for_function(f"() => {READ}().then(one => one)")')) == [1]
    assert list(promises_waited_for('page.wait_for_function("() => document.title")')) == []

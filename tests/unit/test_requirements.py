"""requirements.txt pins what the code imports and what that brings: nothing missing, nothing idle."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
OURS = {"app", "blueprints", "dermavis", "migrations", "tests"}

# Used without an import: the server that runs app.py, the driver that SQLAlchemy loads by name.
RUN_BY_NAME = {"gunicorn", "psycopg"}


def test_each_package_that_the_code_imports_is_pinned() -> None:
    imported = _imported_packages("app.py", "blueprints", "dermavis", "migrations")

    assert {"flask", "sqlalchemy"} <= imported  # the search finds what is known to be there
    assert imported <= _pinned("requirements.txt").keys()


def test_each_pinned_package_is_imported_or_brought_by_one_that_is() -> None:
    pinned = _pinned("requirements.txt")
    needed: set[str] = set()
    for name in _imported_packages("app.py", "blueprints", "dermavis", "migrations") | RUN_BY_NAME:
        _add_with_what_it_brings(Requirement(str(pinned[name])), needed)

    assert "werkzeug" in needed  # the walk follows what a package brings
    assert needed == pinned.keys()


def test_testing_pins_what_the_tests_import_and_repeats_no_package() -> None:
    runtime, testing = _pinned("requirements.txt"), _pinned("requirements-dev.txt")
    imported = _imported_packages("tests", "bin")

    assert "pytest" in imported
    assert imported <= runtime.keys() | testing.keys()
    assert runtime.keys().isdisjoint(testing)


def test_this_environment_runs_the_pinned_versions() -> None:
    for name, requirement in (_pinned("requirements.txt") | _pinned("requirements-dev.txt")).items():
        assert requirement.specifier.contains(distribution(name).version), name


def _pinned(file: str) -> dict[str, Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    requirements = [Requirement(line) for line in lines if line]
    assert all(str(requirement.specifier).startswith("==") for requirement in requirements)
    return {_name(requirement.name): requirement for requirement in requirements}


def _imported_packages(*places: str) -> set[str]:
    brought_by = packages_distributions()
    modules = {
        module for place in places for path in _python_files(ROOT / place) for module in _imports(path)
    }
    outside = {module for module in modules if module not in OURS and module not in sys.stdlib_module_names}
    assert outside <= brought_by.keys(), f"not installed: {outside - brought_by.keys()}"
    return {_name(brought_by[module][0]) for module in outside}


def _python_files(place: Path) -> list[Path]:
    return [place] if place.suffix == ".py" else sorted(place.rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def _add_with_what_it_brings(requirement: Requirement, needed: set[str]) -> None:
    name = _name(requirement.name)
    if name in needed and not requirement.extras:
        return
    needed.add(name)
    for text in distribution(name).requires or []:
        brought = Requirement(text)
        extras = requirement.extras or {""}
        if brought.marker is None or any(brought.marker.evaluate({"extra": extra}) for extra in extras):
            _add_with_what_it_brings(brought, needed)


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

"""The layers of docs/architecture.md: the project keeps them, and a planted breach of each rule is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BREACHES = {
    "a service that imports a blueprint": (
        "dermavis/services/planted.py",
        "import blueprints\n",
        "dermavis/ does not know the blueprints",
    ),
    "a blueprint that builds its own system": (
        "blueprints/planted.py",
        "import dermavis.bootstrap\n",
        "Imports run one way",
    ),
    "a service that starts the web": (
        "dermavis/services/planted.py",
        "import app\n",
        "Nothing imports app.py",
    ),
    "a domain rule that reads the tables": (
        "dermavis/domain/planted.py",
        "import dermavis.models\n",
        "Imports run one way",
    ),
    "an adapter that knows the tables": (
        "dermavis/adapters/planted.py",
        "import dermavis.models\n",
        "Imports run one way",
    ),
    "a table that knows an adapter": (
        "dermavis/models/planted.py",
        "import dermavis.adapters\n",
        "Imports run one way",
    ),
    "a service that speaks HTTP": (
        "dermavis/services/planted.py",
        "from flask import request\n",
        "Flask appears only in app.py and blueprints/",
    ),
    "a domain rule that asks the database": (
        "dermavis/domain/planted.py",
        "from sqlalchemy import select\n",
        "The domain knows no web",
    ),
    "a domain rule that draws lots": (
        "dermavis/domain/planted.py",
        "import secrets\n",
        "The domain knows no web",
    ),
    "a blueprint that asks the database": (
        "blueprints/planted.py",
        "from sqlalchemy import select\n",
        "Blueprints hold no query",
    ),
}


@pytest.fixture
def copy_of_the_code(tmp_path: Path) -> Path:
    """The code and its rules, in a folder where a breach may be planted."""
    for folder in ("blueprints", "dermavis"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def test_the_project_keeps_its_layers(copy_of_the_code: Path) -> None:
    code, said = _check_layers(copy_of_the_code)

    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_of_the_layers_is_caught(copy_of_the_code: Path, breach: str) -> None:
    path, content, rule = BREACHES[breach]
    (copy_of_the_code / path).write_text(content)

    code, said = _check_layers(copy_of_the_code)

    assert code == 1
    broken = [line for line in said.splitlines() if "BROKEN" in line]
    assert any(line.startswith(rule) for line in broken), said


def _check_layers(folder: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr

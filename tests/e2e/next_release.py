"""The release after this one: the same DermAvis with other static files, another worker and renewed secrets."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.fixtures.servers import ROOT

PARTS = ("app.py", "blueprints", "dermavis", "migrations", "static", "templates")
SCRIPTS = "static/js/wizard"


def write_next_release(folder: Path) -> Path:
    """Write it to a folder. Its later screens need what only its own first modules give: nothing may be mixed."""
    root = folder / "next-release"
    root.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part)  # with what is compiled: it starts sooner
        else:
            shutil.copy(source, root / part)
    change(root / SCRIPTS / "words.js", lambda text: f"{text}\nexport const NEXT = 'next';\n")
    for screen in ("history", "review", "receipt"):
        change(root / SCRIPTS / f"screens/{screen}.js", asks_for_more)
    change(
        root / SCRIPTS / "main.js",
        lambda text: f"{text}\nimport {{ NEXT }} from './words.js';\ndocument.body.dataset.release = NEXT;\n",
    )
    change(root / "app.py", lambda text: text.replace('"flask secret key"', '"flask secret key, renewed"'))
    return root


def asks_for_more(text: str) -> str:
    """Make a module need what the module of an earlier release does not give."""
    return f"import {{ NEXT as release }} from '../words.js';\n{text}\nexport const madeBy = release;\n"


def change(path: Path, how: Callable[[str], str]) -> None:
    """Write a file anew. Raises AssertionError when that changes nothing."""
    before = path.read_text("utf-8")
    path.write_text(how(before), "utf-8")
    assert path.read_text("utf-8") != before, path

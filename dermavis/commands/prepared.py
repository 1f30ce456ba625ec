"""A glance that spares a second start its slowest second: is everything there that ``prepare`` would make?

It reads a demonstration's SQLite file with the standard library alone, and says yes only when nothing is left to do;
web and worker check tables and key themselves before they serve.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from dermavis.settings import Settings

REVISION = re.compile(r'^revision = "(\w+)"', re.MULTILINE)
DOWN_REVISION = re.compile(r'^down_revision = "(\w+)"', re.MULTILINE)
VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


def is_prepared(settings: Settings) -> bool:
    """Tell whether this demonstration was prepared already, by this version of the tables."""
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    if not settings.demonstration or not path.is_absolute() or not path.exists():
        return False
    if not settings.master_key and not settings.master_key_file.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            at = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            people = connection.execute("SELECT 1 FROM persons WHERE demonstration LIMIT 1").fetchone()
    except sqlite3.Error:
        return False
    return at is not None and at[0] in newest_revisions() and people is not None


def newest_revisions() -> set[str]:
    """Return the revisions that no other one follows; there is one, or the migrations are at fault."""
    texts = [path.read_text("utf-8") for path in VERSIONS.glob("*.py")]
    known = {found for text in texts for found in REVISION.findall(text)}
    return known - {found for text in texts for found in DOWN_REVISION.findall(text)}

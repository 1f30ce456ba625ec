"""Questions that every request asks: statements of columns, written once, asked past the ORM.

To write a statement and to compile its key costs more than to ask it, and so does each object that the ORM keeps.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.orm import Session


def ask(session: Session, statement: Executable, **values: Any) -> CursorResult[Any]:
    """Ask a statement of columns with its bound values; what the session has changed is written first."""
    if session.autoflush:
        session.flush()
    return session.connection().execute(statement, values)

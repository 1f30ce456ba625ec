"""Failures as services tell them, and those that pass by themselves."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from dermavis.adapters.traces import kinds_of, trace_of

__all__ = ["is_passing", "kinds_of", "trace_of"]


def is_passing(error: BaseException) -> bool:
    """Whether the database was only too busy or away for a moment: the same request may succeed soon."""
    if isinstance(error, NoConnection | OperationalError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated

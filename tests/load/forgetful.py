"""The application as it is before anything was opened: what lists remember of names is forgotten at each request."""

from __future__ import annotations

from flask import Flask

import app
from dermavis.services import lists


def create_app() -> Flask:
    """Return the application."""
    made = app.create_app()
    made.before_request(lists.forget)
    return made

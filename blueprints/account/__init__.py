"""To come."""

from flask import Flask


def register(app: Flask) -> None:
    """Install nothing yet."""

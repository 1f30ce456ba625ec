"""What every request passes through: where it comes from, who asks, and how a refusal is shown."""

from flask import Flask

from blueprints.entrance import errors, guard, login


def register(app: Flask) -> None:
    """Install the guard, the sign-in state and the error pages."""
    guard.register(app)
    login.register(app)
    errors.register(app)

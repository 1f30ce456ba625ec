"""What every request passes through: where it comes from, who asks, and how a refusal is shown."""

from flask import Flask

from blueprints.entrance import doorway, errors, guard, health, information, login, overload, tracing, typed


def register(app: Flask) -> None:
    """Install the guard, the sign-in state and the error pages, in the order in which a request meets them."""
    tracing.register(app)
    overload.register(app)
    guard.register(app)
    login.register(app)
    doorway.register(app)
    typed.register(app)
    guard.register_tokens(app)
    errors.register(app)
    health.register(app)
    information.register(app)

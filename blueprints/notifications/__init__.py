"""A person's list of notifications, how they want to be told, and the browsers that may be pushed to."""

from __future__ import annotations

from flask import Flask

from blueprints.entrance.guard import csrf
from blueprints.notifications import pages, subscriptions


def register(app: Flask) -> None:
    """Install the pages and the interface of the browsers.

    The service worker renews a subscription without any page, hence without a form's token: where the request comes
    from is checked instead, as for the whole JSON interface.
    """
    app.register_blueprint(pages.blueprint)
    csrf.exempt(subscriptions.blueprint)
    app.register_blueprint(subscriptions.blueprint)

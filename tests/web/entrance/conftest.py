"""A page of the application that takes a form, and browsers that come to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services import devices
from dermavis.services.work import System, writing
from tests.factories import World
from tests.signing_in import sign_in


@pytest.fixture
def app(system: System, application: Callable[..., Flask]) -> Flask:
    """An application of this test's own, for a page that the others do not have."""
    return application(system, own=True)


@pytest.fixture
def echo(app: Flask) -> list[dict[str, list[str]]]:
    """A page of the application that takes a form, and what it took."""
    taken: list[dict[str, list[str]]] = []

    def take() -> str:
        if request.method == "POST":
            taken.append(request.form.to_dict(flat=False))
        return "taken"

    app.add_url_rule("/cases/echo/messages", "echo", take, methods=["GET", "POST"])
    app.add_url_rule("/api/v1/echo", "api_echo", take, methods=["GET", "POST"])
    return taken


@pytest.fixture
def kept_device(system: System, world: World, client: FlaskClient) -> FlaskClient:
    """The requester's browser, signed in on an enrolled device."""
    who = world.who(Role.REQUESTER)
    with writing(system) as work:
        device_id, _ = devices.enrol(work, who.person_id, "Essai")
    sign_in(client, who, device_id=device_id)
    return client

"""What several tests of the pages begin with."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests.factories import World
from tests.signing_in import sign_in


@pytest.fixture
def coordinator(client: FlaskClient, world: World) -> FlaskClient:
    """A browser in which the coordinator is signed in."""
    sign_in(client, world.who(Role.COORDINATOR))
    return client

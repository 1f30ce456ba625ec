"""``/administration/service``: what administrators and support see of the service itself."""

from __future__ import annotations

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.models import Heartbeat
from dermavis.services.schedule import schedule
from dermavis.services.work import System, writing
from tests.clock import FakeClock
from tests.factories import World
from tests.signing_in import sign_in


def test_an_administrator_sees_what_is_wrong_and_what_waits(
    client: FlaskClient, system: System, world: World, clock: FakeClock
) -> None:
    with writing(system) as work:
        schedule(work, "housekeeping", work.now)
        work.session.add(Heartbeat(name="worker.mail", at=work.now))
    clock.advance(minutes=7)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    told = client.get("/administration/service").text
    for words in ("worker", "échéances (rappels", "Rangement quotidien", "7\u00a0min", "courriels"):
        assert words in told, words
    assert "Tout fonctionne" not in told


def test_all_well_is_said_too_and_support_sees_it(client: FlaskClient, system: System, world: World) -> None:
    with writing(system) as work:
        work.session.add(Heartbeat(name="worker.mail", at=work.now))
    sign_in(client, world.who(Role.SUPPORT))
    assert client.get("/administration").location == "/administration/service"
    assert "Tout fonctionne" in client.get("/administration/service").text

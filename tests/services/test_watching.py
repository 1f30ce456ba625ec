"""The worker watches the service: a sign of life while all is well, and a letter that does not need the outbox."""

from __future__ import annotations

import dataclasses

import pytest

from dermavis.adapters.heartbeat import HeartbeatRefused, open_heartbeat
from dermavis.domain.ports import DeliveryFailed, Mail
from dermavis.models import Heartbeat
from dermavis.services.watching import watch
from dermavis.services.work import System, writing
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.telling import Listener

TO = "astreinte@exemple.fr"


def beat(system: System) -> None:
    with writing(system) as work:
        work.session.merge(Heartbeat(name="worker.push", at=work.now))


def alerted(system: System) -> System:
    return dataclasses.replace(system, settings=dataclasses.replace(system.settings, alert_mail=TO))


def test_the_sign_of_life_comes_while_all_is_well_and_stops_when_it_is_not(
    system: System, world: World, clock: FakeClock
) -> None:
    with Listener() as outside:
        system = dataclasses.replace(system, heartbeat=open_heartbeat(f"{outside.url}/ping/secret"))
        beat(system)
        watch(system)
        assert outside.asked == ["/ping/secret"]
        clock.advance(minutes=3)
        watch(system)
        assert outside.asked == ["/ping/secret"]
        beat(system)
        watch(system)
        assert outside.asked == ["/ping/secret"] * 2


def test_an_outside_that_does_not_answer_is_no_trouble_and_its_address_is_not_told(
    system: System, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    system = dataclasses.replace(system, heartbeat=open_heartbeat("http://127.0.0.1:9/ping/secret"))
    beat(system)
    watch(system)
    assert "the sign of life did not arrive: ConnectionError" in caplog.text
    assert "secret" not in caplog.text
    with pytest.raises(HeartbeatRefused, match="https://"):
        open_heartbeat("ping")


def test_a_letter_tells_what_has_been_wrong_for_a_while_again_after_six_hours_and_when_it_is_over(
    system: System, world: World, clock: FakeClock
) -> None:
    system = alerted(system)

    def subjects() -> list[str]:
        return [letter.subject for letter in letters(system)][::-1]

    watch(system)
    assert subjects() == []
    clock.advance(minutes=4)
    watch(system)
    watch(system)
    assert [("worker_silent" in subject) for subject in subjects()] == [True]
    assert "/administration/service" in letters(system)[0].text
    clock.advance(hours=7)
    watch(system)
    assert len(subjects()) == 2
    beat(system)
    watch(system)
    watch(system)
    assert len(subjects()) == 3
    assert subjects().count("DermAvis · tout est rentré dans l’ordre") == 1


def test_an_alert_that_could_not_be_mailed_is_tried_again(
    system: System, world: World, clock: FakeClock
) -> None:
    class Away:
        def send(self, mail: Mail) -> None:
            raise DeliveryFailed("away")

    system = alerted(system)
    watch(system)
    clock.advance(minutes=4)
    watch(dataclasses.replace(system, mail=Away()))
    assert letters(system) == []
    watch(system)
    assert len(letters(system)) == 1

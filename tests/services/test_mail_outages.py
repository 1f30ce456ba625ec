"""A mail server that is away for hours or days, and comes back: what is tried when, and what is told once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from dermavis.domain.ports import DeliveryFailed, Mail, MailSender
from dermavis.domain.roles import Role
from dermavis.models import OutboxItem, Team
from dermavis.services.notices import announce_to_team, mark_read
from dermavis.services.work import System, writing
from tests.announced import deliver, outbox, outcomes, sent_case, tell, the_case
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters

pytestmark = pytest.mark.postgres


class _Away:
    """A mail server that takes nothing while it is ``out``."""

    def __init__(self, mail: MailSender) -> None:
        self.mail, self.out = mail, True

    def send(self, letter: Mail) -> None:
        """Hand the letter over, or raise DeliveryFailed."""
        if self.out:
            raise DeliveryFailed("SMTPConnectError")
        self.mail.send(letter)


@pytest.mark.parametrize("read", [False, True])
def test_after_days_without_mail_what_presses_is_told_once_whichever_try_comes_first(
    system: System, world: World, clock: FakeClock, read: bool
) -> None:
    server = _Away(system.mail)
    out, expert = replace(system, mail=server), world.actor(Role.EXPERT)
    case_id = sent_case(system, world)
    with writing(system) as work:
        work.session.get_one(Team, world.team_id).email = "equipe@exemple.fr"
    for _ in range(3):
        with writing(system) as work:
            announce_to_team(work, "submitted_urgent", the_case(work, case_id))
        deliver(out, "mail")
        clock.advance(days=2)
    if read:
        with writing(system, expert) as work:
            mark_read(work)
    server.out = False
    for item in outbox(system, "mail"):  # the tries come back one after the other, the oldest first
        with writing(system) as work:
            work.session.get_one(OutboxItem, item.id).not_before = work.now + timedelta(days=1)
    for item in sorted(outbox(system, "mail"), key=lambda row: row.created_at):
        with writing(system) as work:
            work.session.get_one(OutboxItem, item.id).not_before = work.now
        deliver(out, "mail")
        clock.advance(seconds=50)
    told = Counter(letter.to for letter in letters(system))
    assert {"equipe@exemple.fr", world.who(Role.EXPERT).email} <= set(told)
    assert set(told.values()) == {1}
    assert "given_up" not in outcomes(system, "mail")
    with writing(system) as work:
        announce_to_team(work, "submitted_urgent", the_case(work, case_id))
    deliver(out, "mail")
    assert Counter(letter.to for letter in letters(system))["equipe@exemple.fr"] == 2, (
        "what is newer presses again"
    )


def test_what_presses_is_tried_more_often_and_a_mail_server_that_is_back_gets_all_at_once(
    system: System, world: World, clock: FakeClock
) -> None:
    server = _Away(system.mail)
    out = replace(system, mail=server)
    case_id = sent_case(system, world, state="answered")
    requester, secretary = world.actor(Role.REQUESTER), world.actor(Role.SITE_SECRETARY)
    tell(system, case_id, "patient_reached", requester)
    tell(system, case_id, "message", secretary)
    waits: dict[str, timedelta] = {}
    for _ in range(40):
        clock.advance(minutes=31)
        deliver(out, "mail")
        for item in outbox(system, "mail"):
            waits[item.urgency] = max(waits.get(item.urgency, timedelta(0)), item.not_before - clock.now())
    assert waits == {"high": timedelta(minutes=30), "normal": timedelta(hours=2)}
    server.out = False
    first = min(item.not_before for item in outbox(system, "mail"))
    clock.set(first)
    deliver(out, "mail")
    assert outcomes(system, "mail") == ["sent", "sent"]

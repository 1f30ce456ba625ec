"""A sent case to announce things about, phones to push to, and what ended up in the outbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from dermavis.adapters.push import WebPushSender
from dermavis.domain.roles import Role
from dermavis.models import Case, Notification, OutboxItem, PushSubscription, UserSession
from dermavis.services.notices import announce
from dermavis.services.outbox import deliver_due
from dermavis.services.sessions import hash_of, open_session
from dermavis.services.subscriptions import subscribe
from dermavis.services.timers import run_due
from dermavis.services.vault import new_case_key
from dermavis.services.work import Actor, System, Work, reading, writing
from tests.clock import FakeClock
from tests.factories import World
from tests.receivers import Phone, PushReceiver


def with_receiver(system: System, receiver: PushReceiver) -> System:
    """Return the system with pushes let through to a test receiver."""
    push = WebPushSender(
        system.settings.keys_dir / "vapid.pem", "mailto:essai@exemple.fr", system.clock, [receiver.host]
    )
    return replace(system, push=push)


def sent_case(system: System, world: World, **changes: Any) -> UUID:
    """Write a case as it stands after its sending, and return its id."""
    case_id = uuid4()
    with writing(system) as work:
        fields: dict[str, Any] = {
            "network_id": world.network_id,
            "number": f"D-{case_id.int % 9000 + 1000}",
            "site_id": world.site_id,
            "created_by": world.who(Role.REQUESTER).person_id,
            "requester_id": world.who(Role.REQUESTER).person_id,
            "centre_id": world.centre_id,
            "team_id": world.team_id,
            "state": "submitted",
            "data_key": (key := new_case_key(work, case_id)).wrapped,
            "key_version": key.version,
            "created_at": work.now,
            "updated_at": work.now,
            "sent_at": work.now,
            "submitted_at": work.now,
        }
        work.session.add(Case(id=case_id, **(fields | changes)))
    return case_id


def let_pass(system: System, clock: FakeClock, **duration: float) -> None:
    """Move the clock on, and have happen what is due by then."""
    clock.advance(**duration)
    while run_due(system):
        pass


def let_pair(system: System) -> None:
    """Have done what the clock does at once, as finding the pairs of the patients written."""
    while run_due(system):
        pass


def times_told(system: System, case_id: UUID, event: str) -> int:
    """Return how many lines of people's lists tell of an event of a case."""
    with reading(system) as work:
        lines = select(func.count()).where(Notification.case_id == case_id, Notification.event == event)
        return work.session.scalar(lines) or 0


def the_case(work: Work, case_id: UUID) -> Case:
    """Return a case inside a unit of work."""
    return work.session.get_one(Case, case_id)


def signed_in(system: System, actor: Actor) -> Actor:
    """Return the actor with a session of their own."""
    with writing(system) as work:
        token = open_session(work, actor.person_id, organization_id=actor.organization_id)
        row = work.session.scalars(select(UserSession).where(UserSession.token_hash == hash_of(token))).one()
        return replace(actor, session_id=row.id)


def subscribed(system: System, actor: Actor, phone: Phone) -> Actor:
    """Sign the actor in on a phone that takes pushes, and return them with that session."""
    actor = signed_in(system, actor)
    with writing(system, actor) as work:
        subscribe(work, phone.target)
    return actor


def outbox(system: System, channel: str = "") -> list[OutboxItem]:
    """Return what is in the outbox, in the order of writing."""
    with reading(system) as work:
        wanted = [OutboxItem.channel == channel] if channel else []
        rows = list(work.session.scalars(select(OutboxItem).where(*wanted).order_by(OutboxItem.not_before)))
        work.session.expunge_all()
        return rows


def tell(system: System, case_id: UUID, event: str, *people: Actor) -> None:
    """Announce an event of a case to people."""
    with writing(system) as work:
        announce(work, event, the_case(work, case_id), [person.person_id for person in people])


def deliver(system: System, *channels: str) -> None:
    """Send everything that is due."""
    for channel in channels or ("push", "mail"):
        while deliver_due(system, channel, lambda: 0.0):
            pass


def outcomes(system: System, channel: str) -> list[str]:
    """Return how each row of a channel ended."""
    return [item.outcome for item in outbox(system, channel)]


def phones_of(system: System, actor: Actor) -> int:
    """Return how many phones take a person's pushes."""
    with reading(system) as work:
        mine = PushSubscription.person_id == actor.person_id
        return len(work.session.scalars(select(PushSubscription.id).where(mine)).all())

"""Tells the demonstration through the services: the clock is set back, and people do what people do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from dermavis.demonstration.answers import opinion_for
from dermavis.demonstration.cases import EPISODES, SUBJECTS, Episode
from dermavis.demonstration.people import People, create_people
from dermavis.demonstration.requests import attach_pictures, request_for
from dermavis.domain.case_states import Transition, Who
from dermavis.models import Appointment, DueRow, Notification, OutboxItem, Team
from dermavis.services import (
    answering,
    changing,
    claiming,
    conversation,
    drafts,
    entered_in_error,
    following,
    pooling,
    referrals,
    sending,
)
from dermavis.services.access import find_case
from dermavis.services.child_cases import Asked
from dermavis.services.moves import move
from dermavis.services.photos import photos_of
from dermavis.services.referring import choose_referral
from dermavis.services.revisions import last_revision
from dermavis.services.work import Actor, System, Work, writing

UNREAD_FOR = timedelta(days=3)


@dataclass
class StoryClock:
    """A clock that stands where the story is."""

    at: datetime

    def now(self) -> datetime:
        """Return the story's present."""
        return self.at


@dataclass
class Teller:
    """The story's system, its clock and its people."""

    system: System
    clock: StoryClock
    people: People

    @contextmanager
    def acting(self, key: str, at: datetime) -> Iterator[Work]:
        """One thing that a person does at an instant."""
        self.clock.at = at
        with writing(self.system, self.actor(key)) as work:
            yield work

    def actor(self, key: str) -> Actor:
        """Return a person of the story as services want them."""
        return self.people.actor(self.system, key)


def load(system: System) -> None:
    """Write the demonstration into an empty database. Nothing is sent to anybody."""
    now = system.clock.now()
    clock = StoryClock(now - timedelta(days=300))
    told = replace(system, clock=clock)
    teller = Teller(told, clock, create_people(told))
    for episode in sorted(EPISODES, key=lambda episode: -episode.hours_ago):
        _tell(teller, episode, now)
    clock.at = now
    _settle(told, now)


def _tell(teller: Teller, episode: Episode, now: datetime) -> None:
    sent_at = now - timedelta(hours=episode.hours_ago)
    case_id = _write_draft(teller, episode, sent_at - timedelta(minutes=9))
    if episode.end in {"draft", "incomplete_draft"}:
        return
    with teller.acting(episode.requester, sent_at) as work:
        sending.send(work, case_id, 1)
    if episode.end in {"pooled", "pooled_incomplete"}:
        _hold_one(teller, episode, case_id, sent_at)
        return
    _leave_pool(teller, episode, case_id, sent_at + timedelta(minutes=40))
    if episode.end == "cancelled":
        with teller.acting(episode.requester, sent_at + timedelta(hours=2)) as work:
            changing.cancel(work, case_id, "healed_since")
    elif episode.end not in {"submitted", "sent_back"}:
        _answer(teller, episode, case_id, sent_at, now)


def _write_draft(teller: Teller, episode: Episode, at: datetime) -> UUID:
    case_id = uuid4()
    subject = SUBJECTS[episode.subject]
    content = request_for(teller.system, episode, subject, at)
    with teller.acting(episode.requester, at) as work:
        drafts.save(work, case_id, content, 0)
        attach_pictures(work, case_id, content, subject.look, episode.patient)
    return case_id


def _hold_one(teller: Teller, episode: Episode, case_id: UUID, sent_at: datetime) -> None:
    """The oldest of the pool waits for a family; the board shows why."""
    if episode.requester == "tilleuls":
        with teller.acting("corbin", sent_at + timedelta(minutes=30)) as work:
            pooling.hold(work, [case_id], "Famille à joindre")
            pooling.write_note(work, case_id, "Fille à rappeler jeudi, elle a la carte Vitale.")


def _leave_pool(teller: Teller, episode: Episode, case_id: UUID, at: datetime) -> None:
    with teller.acting(episode.requester, at) as work:
        pooled = find_case(work, case_id).state == "pooled"
    if not pooled:
        return
    with teller.acting("corbin", at) as work:
        if episode.end == "sent_back":
            pooling.send_back(work, case_id, "insufficient_pictures", "La photo de près est floue.")
        else:
            pooling.release(work, case_id)


def _answer(teller: Teller, episode: Episode, case_id: UUID, sent_at: datetime, now: datetime) -> None:
    claimed_at = sent_at + timedelta(hours=max(1.0, episode.answered_after - 0.2))
    claimed_at = min(claimed_at, now - timedelta(minutes=50))
    with teller.acting(episode.expert, claimed_at) as work:
        claiming.claim(work, case_id)
    if episode.end == "claimed":
        return
    after = claimed_at + timedelta(minutes=6)
    if episode.end == "on_hold":
        with teller.acting(episode.expert, after) as work:
            conversation.ask(
                work, case_id, "Une photo de l’ensemble avec un repère, s’il vous plaît.", ["region"], []
            )
    elif episode.end == "declined":
        with teller.acting(episode.expert, after) as work:
            claiming.decline(work, case_id, "needs_examination", "Examen clinique nécessaire, sans urgence.")
    elif episode.end == "in_error":
        with teller.acting(episode.requester, after) as work:
            entered_in_error.mark_error(work, case_id, "wrong_patient")
    else:
        _sign_and_follow(teller, episode, case_id, after)


def _sign_and_follow(teller: Teller, episode: Episode, case_id: UUID, at: datetime) -> None:
    if episode.refers_to:
        _choose_centre(teller, episode, case_id, at)
    with teller.acting(episode.expert, at) as work:
        case = find_case(work, case_id)
        answering.sign(work, case_id, opinion_for(work, case, episode), last_revision(work, case).number)
    if episode.refers_to:
        teller.clock.at = at + timedelta(minutes=1)
        referrals.leave(teller.system, case_id)
    if episode.end == "answered":
        return
    with teller.acting(episode.requester, at + timedelta(hours=2)) as work:
        following.acknowledge(work, case_id)
    if episode.end != "closed":
        return
    with teller.acting(episode.requester, at + timedelta(days=6)) as work:
        following.tell_aftermath(work, case_id, "followed", "yes", "")
        case = find_case(work, case_id)
        if case.state == "answered":
            # What is still open was given meanwhile, outside of the demonstration.
            _settle_appointment(work, case_id)
            move(work, case, Transition.CLOSE, Who.REQUESTER)


def _choose_centre(teller: Teller, episode: Episode, case_id: UUID, at: datetime) -> None:
    """The expert sends the request on with the opinion: the operation is another centre's."""
    with teller.acting(episode.expert, at - timedelta(minutes=1)) as work:
        centre = teller.people.places[episode.refers_to]
        team_id = work.session.scalars(select(Team.id).where(Team.organization_id == centre)).one()
        photos = tuple(row.id for row in photos_of(work, find_case(work, case_id)))
        asked = Asked(
            team_id, "Exérèse avec contrôle des marges chez vous ?", "soon", photos, "told_by_patient"
        )
        choose_referral(work, case_id, asked)


def _settle_appointment(work: Work, case_id: UUID) -> None:
    work.session.execute(
        update(Appointment).where(Appointment.case_id == case_id).values(state="done", updated_at=work.now)
    )
    case = find_case(work, case_id)
    if case.downstream == "to_plan":
        case.downstream = "done"


def _settle(system: System, now: datetime) -> None:
    """Nothing of the past is sent any more, and nothing of it happens by itself."""
    done: dict[str, Any] = {"done_at": now, "outcome": "demonstration"}
    with writing(system) as work:
        work.session.execute(update(OutboxItem).where(OutboxItem.done_at.is_(None)).values(**done))
        work.session.execute(update(DueRow).where(DueRow.done_at.is_(None)).values(**done))
        work.session.execute(
            update(Notification).where(Notification.at < now - UNREAD_FOR).values(read_at=Notification.at)
        )

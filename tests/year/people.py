"""What people do with what reaches them: each act is a use case of the service, tried once, at their own pace."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.models import Notification
from dermavis.services import (
    changing,
    conversation,
    drafts,
    following,
    redirecting,
    second_round,
    sending,
    treating_copies,
)
from dermavis.services.unread_opinions import note_reached
from dermavis.services.work import Work, reading
from tests import cases, treating
from tests.year.answering import Answering
from tests.year.region import ASKING, HABITS

URGENT = {
    "opinion_now",
    "opinion_now_unread",
    "patient_reached",
}


class People(Answering):
    """The people of a region."""

    # What reaches somebody

    def hear(self, name: str, event: str, case_id: UUID) -> None:
        """Somebody's phone or mailbox tells them of an event: they turn to it, or not."""
        pressing = event.endswith("_urgent")
        act = _REACTIONS.get(event) or _REACTIONS.get(event.removesuffix("_urgent"))
        habit = HABITS[name]
        if act is None or self.region.is_away(name) or self.region.random.random() >= habit.heeds:
            return
        at = self.region.clock.now() + self._pause(habit.hours)
        if not pressing and event not in URGENT:
            at = self._by_day(name, at)
        self.plan(at, lambda: self._turn_to(name, event, case_id, act))

    def come_back(self, name: str) -> None:
        """Somebody returns from an absence, and turns to what their list holds."""
        with reading(self.region.system) as work:
            rows = work.session.execute(
                select(Notification.event, Notification.case_id).where(
                    Notification.person_id == self.region.id_of(name),
                    Notification.read_at.is_(None),
                    Notification.case_id.is_not(None),
                )
            ).all()
        for event, case_id in dict.fromkeys((row.event, row.case_id) for row in rows):
            self.hear(name, event, case_id)

    def _turn_to(self, name: str, event: str, case_id: UUID, act: str) -> None:
        if name not in self.region.gone and not self.region.is_away(name):
            getattr(self, act)(name, case_id, event)

    # Requesters

    def ask(self, name: str, urgency: str, addressing: dict[str, Any], forgets: bool) -> None:
        """Somebody begins a request, and sends it unless they are called away."""
        if name in self.region.gone:
            return
        case_id = uuid4()
        content = cases.content(urgency=urgency, addressing=addressing)
        if self._chance(0.4):
            doctor = self.region.random.choice(("requester", "other_requester", "stranger"))
            content["patient"] = treating.treated_by(self.region.world, doctor)
        self.act(name, "draft", lambda work: drafts.save(work, case_id, content, 0))
        if not forgets and not self._sends(name, case_id) and urgency != "routine":
            self.act(
                name,
                "draft",
                lambda work: drafts.save(work, case_id, content | {"urgency": "routine"}, 1),
            )
            self._sends(name, case_id)

    def _sends(self, name: str, case_id: UUID) -> bool:
        revision = self._state(case_id).draft_revision
        return self.act(name, "send", lambda work: sending.send(work, case_id, revision))

    def turns_to_draft(self, name: str, case_id: UUID, _event: str) -> None:
        """A draft that was never sent, or came back: sent, or left again."""
        if self._state(case_id).state == State.DRAFT:
            self._sends(name, case_id)

    def reads(self, name: str, case_id: UUID, _event: str) -> None:
        """Open the opinion; a critical one is confirmed, mostly. What follows is told, or not."""
        if not self.act(name, "open", lambda work: following.open_case(work, case_id)):
            return
        if self._chance(0.85):
            self.act(name, "acknowledge", lambda work: following.acknowledge(work, case_id))
        if self._chance(0.1):
            words = lambda work: conversation.write(work, case_id, "Et pour la fratrie ?")  # noqa: E731
            self._later(name, 20, lambda: self.act(name, "question_after", words) and None)
        if self._chance(0.5):
            told = lambda work: following.tell_aftermath(work, case_id, "followed", "yes", "")  # noqa: E731
            self._later(name, 100, lambda: self.act(name, "aftermath", told) and None)
        if self._state(case_id).downstream == State.TO_PLAN and self._chance(0.3):
            self._later(name, 30, lambda: self.plans(name, case_id, ""))

    def reads_copy(self, name: str, case_id: UUID, _event: str) -> None:
        """A treating doctor reads their copy, and mostly says so."""
        if self.act(
            name, "open_copy", lambda work: treating_copies.open_copy(work, case_id)
        ) and self._chance(0.7):
            self.act(name, "copy", lambda work: treating_copies.acknowledge_copy(work, case_id))

    def answers_precision(self, name: str, case_id: UUID, _event: str) -> None:
        """Answer what the expert asked."""
        self.act(name, "precision", lambda work: conversation.write(work, case_id, "Depuis trois semaines."))

    def chooses_next(self, name: str, case_id: UUID, _event: str) -> None:
        """A declined request goes elsewhere, or is given up."""
        if self._chance(0.2):
            self.act(name, "cancel", lambda work: changing.cancel(work, case_id, "other", "Vu ailleurs."))
            return

        def elsewhere(work: Work) -> None:
            found = redirecting.choices(work, case_id)
            places = [*([found.chosen] if found.chosen else []), *found.others]
            redirecting.redirect(work, case_id, places[0].team_id if places else UUID(int=0))

        self.act(name, "redirect", elsewhere)

    def sees_to_it(self, name: str, case_id: UUID, event: str) -> None:
        """An opinion that nobody read: its doctor reads it, the secretary calls them, the centre calls the patient."""
        if name in ASKING:
            self.reads(name, case_id, event)
        elif name == "site_secretary":
            self.hear(self.region.names[self._state(case_id).requester_id], "opinion", case_id)
        elif event == "opinion_now_unread":
            self.act(name, "reached", lambda work: note_reached(work, case_id, "patient"))

    def replies(self, name: str, case_id: UUID, _event: str) -> None:
        """A question after the opinion: a word, or nothing to say."""
        if self._chance(0.7):
            self.act(name, "reply", lambda work: conversation.write(work, case_id, "Oui, de même."))
        else:
            self.act(name, "settle", lambda work: second_round.settle(work, case_id))


_REACTIONS: dict[str, str] = {
    "submitted": "claims",
    "returned_to_queue": "claims",
    "late": "claims",
    "claim_reminder": "answers",
    "became_urgent": "answers",
    "handed_over": "answers",
    "answered_precision": "answers",
    "returned_unanswered": "answers",
    "question_after": "replies",
    "question_waits": "replies",
    "opinion": "reads",
    "opinion_copy": "reads_copy",
    "opinion_now": "reads",
    "opinion_corrected": "reads",
    "opinion_completed": "reads",
    "opinion_unread": "sees_to_it",
    "opinion_now_unread": "sees_to_it",
    "patient_reached": "reads",
    "precision": "answers_precision",
    "precision_reminder": "answers_precision",
    "declined": "chooses_next",
    "declined_reminder": "chooses_next",
    "draft_reminder": "turns_to_draft",
    "sent_back": "turns_to_draft",
    "pooled": "looks_over",
    "pool_reminder": "looks_over",
    "appointment_reminder": "asks_after",
    "appointment_past": "asks_after",
}
"""Event → what somebody who heeds it does."""

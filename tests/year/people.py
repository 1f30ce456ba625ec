"""What people do with what reaches them: each act is a use case of the service, tried once, at their own pace."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.errors import Refusal
from dermavis.models import Case, Notification
from dermavis.services import (
    answering,
    appointments,
    changing,
    claiming,
    conversation,
    drafts,
    following,
    pooling,
    redirecting,
    second_round,
    sending,
    taking_back,
)
from dermavis.services.unread_opinions import note_reached
from dermavis.services.work import Work, reading
from tests import cases
from tests.year.acting import Acting
from tests.year.region import ASKING, HABITS

URGENT = {"opinion_now", "opinion_now_unread", "patient_reached", "submitted_urgent", "late_urgent"}


class People(Acting):
    """The people of a region."""

    # What reaches somebody

    def hear(self, name: str, event: str, case_id: UUID) -> None:
        """Somebody's phone or mailbox tells them of an event: they turn to it, or not."""
        act = _REACTIONS.get(event)
        habit = HABITS[name]
        if act is None or self.region.is_away(name) or self.region.random.random() >= habit.heeds:
            return
        at = self.region.clock.now() + self._pause(habit.hours)
        if event not in URGENT:
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

    # Experts

    def claims(self, name: str, case_id: UUID, _event: str) -> None:
        """Take a request, and answer it later; one in ten is forgotten, one in ten is sat on for days."""
        if not self.act(name, "claim", lambda work: claiming.claim(work, case_id)):
            return
        chance = self.region.random.random()
        if 0.1 <= chance < 0.2:
            self.sits_on(name, case_id)
        elif chance >= 0.2:
            self._later(name, HABITS[name].hours, lambda: self.answers(name, case_id, ""))

    def sits_on(self, name: str, case_id: UUID) -> None:
        """Write a word of the opinion now and then, so that it does not return to the queue, until it is long late."""
        case = self._state(case_id)
        if case.claimed_by != self.region.id_of(name) or case.state != State.CLAIMED or case.late_at is None:
            return
        self.act(name, "sit_on", lambda work: self._writes_a_word(work, case_id))
        if self.region.clock.now() < case.late_at + timedelta(days=2):
            self.plan(self.region.clock.now() + timedelta(hours=2), lambda: self.sits_on(name, case_id))

    def _writes_a_word(self, work: Work, case_id: UUID) -> int:
        begun = answering.draft_of(work, work.session.get_one(Case, case_id))
        return answering.save_draft(work, case_id, {"teaching": work.now.isoformat()}, begun.revision)

    def answers(self, name: str, case_id: UUID, _event: str) -> None:
        """Ask, decline, confide, give back, or sign."""
        chance = self.region.random.random()
        if chance < 0.12:
            question = lambda work: conversation.ask(work, case_id, "Depuis quand ?", ["overview"], [])  # noqa: E731
            self.act(name, "ask", question)
        elif chance < 0.19:
            self.act(name, "decline", lambda work: claiming.decline(work, case_id, "no_capacity"))
        elif chance < 0.24:
            self._confides(name, case_id)
        elif chance < 0.28:
            self.act(name, "release", lambda work: claiming.release(work, case_id))
        elif self._signs(name, case_id, {}):
            if self._chance(0.06):
                self.plan(
                    self.region.clock.now() + timedelta(seconds=9), lambda: self._regrets(name, case_id)
                )
            if self._chance(0.06):
                amends = {"amends": "correction", "amends_why": "Dose mal écrite."}
                self._later(name, 30, lambda: self._signs(name, case_id, amends) and None)

    def _confides(self, name: str, case_id: UUID) -> None:
        other = next(row for row in ("expert", "other_expert", "super_user") if row != name)
        to = self.region.id_of(other)
        if self.act(name, "hand_over", lambda work: claiming.hand_over(work, case_id, to)):
            self._later(other, 5, lambda: HABITS[other].heeds > 0 and self.answers(other, case_id, ""))

    def _regrets(self, name: str, case_id: UUID) -> None:
        if self.act(name, "take_back", lambda work: taking_back.take_back(work, case_id, 1)):
            self._later(name, 2, lambda: self._signs(name, case_id, {}) and None)

    def _signs(self, name: str, case_id: UUID, more: dict[str, Any]) -> bool:
        chance = self.region.random.random()
        answer = cases.opinion(**more)
        if chance < 0.2:
            call = {
                "whom": "Dr Hennequin",
                "phone": "",
                "at": self.region.clock.now().isoformat(),
                "note": "",
            }
            answer |= {"destination": "admission" if chance < 0.1 else "emergency", "calls": [call]}
        elif chance < 0.4:
            answer |= {"destination": "surgery", "within_two_weeks": True}
        elif chance < 0.5:
            answer |= {"destination": "in_person"}
        elif chance < 0.6:
            answer |= {"follow_up_weeks": 6}
        if name in self.region.gone:
            return False
        try:
            cases.sign_now(self.region.world, case_id, name, answer)
        except Refusal as refusal:
            self.refused[f"sign: {refusal.code}"] = self.refused.get(f"sign: {refusal.code}", 0) + 1
            return False
        self.done["sign"] = self.done.get("sign", 0) + 1
        return True

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

    # Coordinators and secretaries

    def looks_over(self, name: str, case_id: UUID, _event: str) -> None:
        """A member's request: sent on, sent back, or held."""
        chance = self.region.random.random()
        if chance < 0.6:
            self.act(name, "pool_release", lambda work: pooling.release(work, case_id))
        elif chance < 0.8:
            back = lambda work: pooling.send_back(work, case_id, "insufficient_history", "À préciser.")  # noqa: E731
            self.act(name, "send_back", back)
        else:
            self.act(name, "hold", lambda work: pooling.hold(work, [case_id], "Famille à joindre") and None)

    def plans(self, name: str, case_id: UUID, _event: str) -> None:
        """Give the appointment; what became of it is told afterwards, or not."""
        here = self.region.clock.now().astimezone(ZoneInfo(HABITS[name].zone)).date()
        day: date = here + timedelta(days=self.region.random.randrange(2, 15))
        given = self.act(
            name, "plan", lambda work: appointments.plan(work, case_id, day.isoformat(), "14:00")
        )
        if given and self._chance(0.5):
            became = self.region.random.choice(["done", "done", "missed", "not_needed"])
            after = datetime.combine(day + timedelta(days=2), time(10), ZoneInfo(HABITS[name].zone))
            self.plan(
                after.astimezone(self.region.clock.now().tzinfo),
                lambda: (
                    self.act(name, "became", lambda work: appointments.tell(work, case_id, became)) and None
                ),
            )

    def asks_after(self, name: str, case_id: UUID, _event: str) -> None:
        """An appointment that is past: what became of it; one not given yet: given."""
        state = self._state(case_id).downstream
        if state == State.PLANNED:
            self.act(name, "became", lambda work: appointments.tell(work, case_id, "done"))
        elif state in {State.TO_PLAN, State.MISSED}:
            self.plans(name, case_id, "")


_REACTIONS: dict[str, str] = {
    "submitted": "claims",
    "submitted_urgent": "claims",
    "returned_to_queue": "claims",
    "late": "claims",
    "late_urgent": "claims",
    "claim_reminder": "answers",
    "handed_over": "answers",
    "answered_precision": "answers",
    "returned_unanswered": "answers",
    "question_after": "replies",
    "question_waits": "replies",
    "opinion": "reads",
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

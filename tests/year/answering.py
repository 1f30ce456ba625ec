"""What experts do: they take, sit on, ask, decline, confide, refer up, sign, take back and correct."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from dermavis.domain.case_states import State
from dermavis.domain.errors import Refusal
from dermavis.models import Case
from dermavis.services import answering, claiming, conversation, referring, taking_back
from dermavis.services.work import Work
from tests import cases, referrals
from tests.year.arranging import Arranging
from tests.year.region import HABITS


class Answering(Arranging):
    """The experts of a region."""

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
        elif self._signs(name, case_id, {}, further=self._chance(0.15) and self._refers(name, case_id)):
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

    def _refers(self, name: str, case_id: UUID) -> bool:
        up = referrals.up(self.region.world)
        return self.act(name, "refer", lambda work: referring.choose_referral(work, case_id, up))

    def _signs(self, name: str, case_id: UUID, more: dict[str, Any], *, further: bool = False) -> bool:
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
        if further:
            self.referred.add(case_id)
        return True

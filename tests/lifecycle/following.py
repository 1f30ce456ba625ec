"""What follows the opinion: it is read, asked about, acted upon; the appointment; the end."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from dermavis.domain.case_states import State
from dermavis.services import appointments, conversation, following
from tests.lifecycle.doing import Doing, arranger, asker, writer
from tests.lifecycle.standing import ANSWERED, TO_HONOUR, WAITING

S = State


class Following(Doing):
    """What the requester's side does with an opinion, words included."""

    @rule(who=writer)
    def writes(self, who: str) -> None:
        model, name = self.model, self.name_of(who)
        may = model.on_team(name) or (
            model.owns(name) and model.state in WAITING | ANSWERED | {S.DECLINED, S.POOLED}
        )
        text = self.text()
        if self.does("write", who, may, lambda work: conversation.write(work, self.case_id, text)):
            model.written(name)

    @rule(who=asker)
    def opens(self, who: str) -> None:
        may = self.model.reads(self.name_of(who))
        if self.does("open", who, may, lambda work: following.open_case(work, self.case_id)):
            self.model.opened(self.name_of(who))

    @rule(who=asker)
    def acknowledges(self, who: str) -> None:
        may = self.model.answered_for(self.name_of(who))
        if self.does("acknowledge", who, may, lambda work: following.acknowledge(work, self.case_id)):
            self.model.acknowledged(self.name_of(who))

    @rule(who=asker, done=st.sampled_from(["followed", "not_yet"]))
    def tells_aftermath(self, who: str, done: str) -> None:
        model = self.model
        may = model.answered_for(self.name_of(who))
        act = lambda work: following.tell_aftermath(work, self.case_id, done, "yes", "")  # noqa: E731
        if self.does("aftermath", who, may, act) and done != "not_yet" and not model.something_open:
            model.state = S.CLOSED

    @rule(who=asker)
    def closes(self, who: str) -> None:
        model = self.model
        may = model.answered_for(self.name_of(who)) and model.state is S.ANSWERED and not model.something_open
        if self.does("close", who, may, lambda work: following.close(work, self.case_id)):
            model.state = S.CLOSED

    @rule(who=arranger, days=st.integers(1, 60))
    def plans(self, who: str, days: int) -> None:
        may = self.model.arranges(self.name_of(who)) and self.model.downstream is not S.NONE
        day = (self.clock.now() + timedelta(days=days)).date()
        act = lambda work: appointments.plan(work, self.case_id, day.isoformat(), "14:00")  # noqa: E731
        if self.does("plan", who, may, act):
            self.model.planned(day.toordinal())

    @rule(who=arranger, became=st.sampled_from(["done", "missed", "not_needed"]))
    def tells_appointment(self, who: str, became: str) -> None:
        model, end = self.model, State(became)
        starts = {S.DONE: {S.TO_PLAN, S.PLANNED}, S.MISSED: {S.PLANNED}, S.NOT_NEEDED: TO_HONOUR}[end]
        may = model.arranges(self.name_of(who)) and model.downstream in starts | {end}
        if self.does("tell", who, may, lambda work: appointments.tell(work, self.case_id, became)):
            model.touched = model.touched or model.downstream is not end
            model.downstream = end

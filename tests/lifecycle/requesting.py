"""What is done with a request before its opinion: by who asks, and by the coordination."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from dermavis.domain.case_states import State
from dermavis.domain.treating_doctor import OBJECTION
from dermavis.services import changing, drafts, pooling, redirecting, sending
from tests.lifecycle.doing import Doing, asker, coordinator
from tests.lifecycle.standing import SECRETARY, WAITING

S = State


class Requesting(Doing):
    """The requester's deeds, and the coordinator's."""

    @rule(who=asker, stale=st.booleans(), objects=st.booleans())
    def saves(self, who: str, stale: bool, objects: bool = False) -> None:
        """A draft, with or without the patient's objection to their doctor's copy; one that went out once stays."""
        revision = self.found.case.draft_revision
        objects = objects or (self.model.numbered and self.model.objects)
        patient = self.content["patient"] | ({OBJECTION: True} if objects else {})
        content = self.content | {"question": self.text(), "patient": patient}
        may = self.model.edits(self.name_of(who)) and not stale
        if self.does(
            "save", who, may, lambda work: drafts.save(work, self.case_id, content, revision - stale)
        ):
            self.model.target, self.model.objects = "here", objects

    @rule(who=asker)
    def sends(self, who: str) -> None:
        model, name = self.model, self.name_of(who)
        drafted = model.state is S.DRAFT
        may = model.sends(name) and (drafted or model.numbered)
        revision = self.found.case.draft_revision
        if (
            not self.does("send", who, may, lambda work: sending.send(work, self.case_id, revision))
            or not drafted
        ):
            return
        if model.begun_by == model.requester == SECRETARY:
            model.requester = name
        model.revisions += 1
        model.numbered = True
        if model.site == "pooled_site":
            model.state, model.pooled = S.POOLED, True
        else:
            model.submitted()

    @rule(who=asker)
    def discards(self, who: str) -> None:
        may = self.model.edits(self.name_of(who)) and not self.model.numbered
        if self.does("discard", who, may, lambda work: drafts.discard(work, self.case_id)):
            self.model.state = S.CANCELLED

    @rule(who=asker)
    def completes(self, who: str) -> None:
        may = self.model.owns(self.name_of(who)) and self.model.state in WAITING | {S.POOLED}
        text = self.text()
        act = lambda work: changing.complete(work, self.case_id, {"question": text}, self.model.revisions)  # noqa: E731
        if self.does("complete", who, may, act):
            self.model.revised()

    @rule(who=asker)
    def cancels(self, who: str) -> None:
        model, name = self.model, self.name_of(who)
        sent_back = model.state is S.DRAFT and model.numbered
        stoppable = sent_back or model.state in WAITING | {S.POOLED, S.DECLINED}
        may = (model.owns(name) and stoppable) or (model.state is S.CANCELLED and model.reads(name))
        if self.does("cancel", who, may, lambda work: changing.cancel(work, self.case_id, "healed_since")):
            model.state = S.CANCELLED

    @rule(who=asker, there=st.booleans())
    def redirects(self, who: str, there: bool) -> None:
        model, name = self.model, self.name_of(who)
        place = "there" if there else "here"
        is_there = model.state is S.SUBMITTED and model.centre == place and model.redirected
        may = model.owns(name) and model.state is S.DECLINED and place not in model.asked
        team = self.world.other_team_id if there else self.world.team_id
        allowed_now = may or (is_there and model.reads(name))
        if (
            self.does(
                "redirect", who, allowed_now, lambda work: redirecting.redirect(work, self.case_id, team)
            )
            and may
        ):
            model.target = place
            model.redirected = True
            model.revisions += 1
            model.submitted()

    # The coordination

    @rule(who=coordinator)
    def pool_releases(self, who: str) -> None:
        may = self.model.coordinates(self.name_of(who))
        if self.does("pool_release", who, may, lambda work: pooling.release(work, self.case_id)):
            self.model.submitted()

    @rule(who=coordinator)
    def pool_sends_back(self, who: str) -> None:
        may = self.model.coordinates(self.name_of(who))
        act = lambda work: pooling.send_back(work, self.case_id, "consent_missing", "À revoir.")  # noqa: E731
        if self.does("send_back", who, may, act):
            self.model.state = S.DRAFT

    @rule(who=coordinator, waits=st.booleans())
    def pool_holds(self, who: str, waits: bool) -> None:
        may = self.model.coordinates(self.name_of(who))
        words = "Famille à joindre" if waits else ""
        self.does("hold", who, may, lambda work: pooling.hold(work, [self.case_id], words))

    @rule(who=coordinator)
    def pool_completes(self, who: str) -> None:
        may = self.model.coordinates(self.name_of(who))
        traits = {"address": self.text()}
        act = lambda work: pooling.complete(work, self.case_id, traits, {}, self.model.revisions)  # noqa: E731
        if self.does("pool_complete", who, may, act):
            self.model.revised()

    @rule(who=coordinator, there=st.booleans())
    def pool_addresses(self, who: str, there: bool) -> None:
        may = self.model.coordinates(self.name_of(who))
        team = self.world.other_team_id if there else self.world.team_id
        before = len(self.found.rows["case_revisions"])
        if self.does("address_to", who, may, lambda work: pooling.address_to(work, self.case_id, team)):
            self.model.target = "there" if there else "here"
            self.model.revisions = len(self.found.rows["case_revisions"])
            assert self.model.revisions - before in {0, 1}

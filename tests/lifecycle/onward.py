"""To whom else the opinion goes: another centre that answers too, and the patient's treating doctor."""

from __future__ import annotations

from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dermavis.domain.case_states import State
from dermavis.services import changing, claiming, treating_copies
from dermavis.services.child_cases import Asked
from dermavis.services.referring import choose_referral, drop_referral
from tests.lifecycle.doing import Doing, anybody, asker, doctor, holder
from tests.lifecycle.standing import SIGNERS

S = State
beyond = st.one_of(st.just("stranger_expert"), st.sampled_from(tuple(SIGNERS)), anybody)
AGREED = "told_by_patient"


class Onward(Doing):
    """A referral is chosen, signed with the opinion, and becomes a case elsewhere; a copy is opened and read."""

    @rule(who=holder, agreed=st.sampled_from([AGREED, AGREED, ""]))
    def refers(self, who: str, agreed: str) -> None:
        model, name = self.model, self.name_of(who)
        team = self.world.other_team_id if model.elsewhere == "there" else self.world.team_id
        asked = Asked(team, self.text(), "routine", (), agreed)
        may = model.holds(name) and model.elsewhere not in model.asked and agreed != ""
        if self.does("refer", who, may, lambda work: choose_referral(work, self.case_id, asked)):
            model.referring.add(name)

    @rule(who=holder)
    def drops_referral(self, who: str) -> None:
        model, name = self.model, self.name_of(who)
        if self.does("drop_referral", who, model.holds(name), lambda work: drop_referral(work, self.case_id)):
            model.referring.discard(name)

    # The case elsewhere

    @property
    def second_id(self) -> UUID:
        assert self.second is not None
        found: UUID = self.second.case.id
        return found

    @precondition(lambda self: self.model.second is not None)
    @rule(who=beyond)
    def second_claims(self, who: str) -> None:
        name, second = self.name_of(who), self.model.second
        assert second is not None
        free = second.state is S.SUBMITTED
        may = self.model.signs_second(name) and (
            free or (second.state is S.CLAIMED and second.holder == name)
        )
        if self.does_there("second_claim", who, may, lambda work: claiming.claim(work, self.second_id)):
            second.state, second.holder = S.CLAIMED, name

    @precondition(lambda self: self.model.second is not None)
    @rule(who=beyond)
    def second_declines(self, who: str) -> None:
        """It returns to the requester, who reads it and chooses what next; who referred it is told."""
        name, second = self.name_of(who), self.model.second
        assert second is not None
        free = second.state is S.SUBMITTED
        may = self.model.signs_second(name) and (
            free or (second.state is S.CLAIMED and second.holder == name)
        )
        told = self._told_of_decline()
        act = lambda work: claiming.decline(work, self.second_id, "no_capacity")  # noqa: E731
        if self.does_there("second_decline", who, may, act):
            second.state = S.DECLINED
            assert self._told_of_decline() == told + 1, "who referred it is told"

    @precondition(lambda self: self.model.second is not None)
    @rule(who=asker)
    def second_cancels(self, who: str) -> None:
        model, name, second = self.model, self.name_of(who), self.model.second
        assert second is not None
        may = model.owns_second(name) and second.state in {S.SUBMITTED, S.CLAIMED, S.DECLINED}
        again = second.state is S.CANCELLED and model.reads_second(name)
        act = lambda work: changing.cancel(work, self.second_id, "healed_since")  # noqa: E731
        if self.does_there("second_cancel", who, may or again, act):
            second.state = S.CANCELLED

    def _told_of_decline(self) -> int:
        return self.found.values("notifications", "event").count("referral_declined")

    # The treating doctor

    @rule(who=doctor)
    def opens_copy(self, who: str) -> None:
        name = self.name_of(who)
        may = self.model.reads_opinion(name)
        act = lambda work: treating_copies.open_copy(work, self.case_id)  # noqa: E731
        if self.does("open_copy", who, may, act):
            self.model.copy_opened(name)

    @rule(who=doctor)
    def acknowledges_copy(self, who: str) -> None:
        name = self.name_of(who)
        may = self.model.has_copy(name)
        act = lambda work: treating_copies.acknowledge_copy(work, self.case_id)  # noqa: E731
        if self.does("acknowledge_copy", who, may, act):
            self.model.copy_acknowledged(name)

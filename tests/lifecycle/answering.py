"""What the centre does: it takes a case, gives it back, asks, declines, signs, takes back."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from dermavis.domain.case_states import State
from dermavis.models import Case
from dermavis.services import answering, claiming, conversation, second_round, taking_back
from dermavis.services.regrading import regrade
from dermavis.services.work import Work
from tests import cases
from tests.lifecycle.doing import Doing, anybody, holder, signer
from tests.lifecycle.standing import ANSWERED, SIGNERS, WAITING

S = State
CALL = {"whom": "Dr Hennequin", "phone": "0639980011", "at": "2026-03-12T08:50:00+00:00", "note": ""}
DESTINATIONS = st.sampled_from(["gp", "gp", "surgery", "in_person", "emergency"])


class Answering(Doing):
    """The expert's deeds, the junior's, and their colleagues'."""

    @rule(who=st.one_of(st.sampled_from(tuple(SIGNERS)), signer))
    def claims(self, who: str) -> None:
        model, name = self.model, self.name_of(who)
        free = model.state is S.SUBMITTED
        may = model.signs_here(name) and model.state in WAITING and (free or model.holder == name)
        if self.does("claim", who, may, lambda work: claiming.claim(work, self.case_id)) and free:
            model.state, model.holder = S.CLAIMED, name

    @rule(who=holder)
    def releases(self, who: str) -> None:
        may = self.model.holds(self.name_of(who))
        if self.does("release", who, may, lambda work: claiming.release(work, self.case_id)):
            self.model.released()

    @rule(who=holder, to=st.one_of(st.sampled_from(tuple(SIGNERS)), anybody))
    def hands_over(self, who: str, to: str) -> None:
        model, name = self.model, self.name_of(who)
        colleague = to in SIGNERS and to != name and SIGNERS[to] == SIGNERS.get(name)
        person = self.world.who(to).person_id
        act = lambda work: claiming.hand_over(work, self.case_id, person, "À toi.")  # noqa: E731
        if self.does("hand_over", who, model.holds(name) and colleague, act):
            model.holder = to

    @rule(who=holder)
    def asks(self, who: str) -> None:
        may = self.model.holds(self.name_of(who))
        text = self.text()
        if self.does(
            "ask", who, may, lambda work: conversation.ask(work, self.case_id, text, ["overview"], [])
        ):
            self.model.state = S.ON_HOLD

    @rule(who=st.one_of(signer, holder))
    def declines(self, who: str) -> None:
        name = self.name_of(who)
        from_queue = self.model.state is S.SUBMITTED and self.model.signs_here(name)
        may = self.model.holds(name) or from_queue
        if self.does("decline", who, may, lambda work: claiming.decline(work, self.case_id, "no_capacity")):
            self.model.state = S.DECLINED

    @rule(who=signer, urgency=st.sampled_from(["routine", "soon"]))
    def regrades(self, who: str, urgency: str) -> None:
        may = self.model.signs_here(self.name_of(who)) and self.model.state in WAITING
        self.does("regrade", who, may, lambda work: regrade(work, self.case_id, urgency))

    @rule(who=st.one_of(signer, st.just("junior")))
    def writes_opinion(self, who: str) -> None:
        model, name = self.model, self.name_of(who)
        prepares = model.holds(name) or (name == "junior" and model.on_team(name) and model.state in WAITING)
        amends = model.signs_here(name) and model.state in ANSWERED and not model.is_leaving
        text = self.text()

        def act(work: Work) -> None:
            case = work.session.get_one(Case, self.case_id)
            drafted = answering.draft_of(work, case)
            answering.save_draft(work, self.case_id, cases.opinion(safety_net=text), drafted.revision)

        self.does("write_opinion", who, prepares or amends, act)

    @rule(who=signer, destination=DESTINATIONS, why=st.booleans())
    def signs(self, who: str, destination: str, why: bool) -> None:
        model, name = self.model, self.name_of(who)
        first = model.holds(name)
        again = model.signs_here(name) and model.state in ANSWERED and why and not model.is_leaving
        answer = self.answer(destination, why)
        seen, version = model.revisions, len(model.versions)
        act = lambda work: answering.sign(work, self.case_id, answer, seen, version)  # noqa: E731
        if self.does("sign", who, first or again, act):
            model.signed(name, destination)

    @rule(who=holder)
    def takes_back(self, who: str) -> None:
        model, name = self.model, self.name_of(who)
        version = len(model.versions)
        if model.taken_back is not None:
            version = model.taken_back[1]
        is_last = model.last is not None and model.last.signer == name and model.is_leaving
        may = is_last and model.signs_here(name)
        twice = model.taken_back == (name, version) and model.reads_opinion(name)
        act = lambda work: taking_back.take_back(work, self.case_id, version)  # noqa: E731
        if self.does("take_back", who, may or twice, act) and not twice:
            self._took_back(name)

    def _took_back(self, name: str) -> None:
        """An appointment that somebody arranged in these seconds may stand as they left it, or as it was."""
        model = self.model
        stood = model.versions[-1].before.downstream
        model.took_back(name)
        if model.touched:
            stands = State(self.found.case.downstream)
            assert stands in {model.downstream, stood}
            model.downstream = stands

    @rule(who=signer)
    def settles(self, who: str) -> None:
        may = self.model.signs_here(self.name_of(who)) and self.model.state in ANSWERED
        if self.does("settle", who, may, lambda work: second_round.settle(work, self.case_id)):
            self.model.settled()

    def answer(self, destination: str, why: bool) -> dict[str, Any]:
        firm = destination == "surgery"
        answer = cases.opinion(destination=destination, within_two_weeks=firm, safety_net=self.text())
        if destination == "emergency":
            answer["calls"] = [CALL]
        if self.model.versions and why:
            answer |= {"amends": "correction", "amends_why": "Dose mal écrite."}
        answer["lesions"][0]["lesion"] = self.content["lesions"][0]["id"]
        return answer

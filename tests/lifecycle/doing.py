"""How a deed is done, refused or accepted as the model says, and what is looked at after each."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import ClassVar
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import update

from dermavis.domain.case_states import State
from dermavis.domain.errors import Forbidden, NotFound, Refusal
from dermavis.domain.permission_map import allowed
from dermavis.domain.permissions import Permission
from dermavis.domain.treating_doctor import COPY
from dermavis.models import Case, DueRow
from dermavis.services.access import facts_of, find_case
from dermavis.services.work import Actor, Work, reading, writing
from tests import cases
from tests.clock import START, FakeClock
from tests.factories import World
from tests.lifecycle import always, linked
from tests.lifecycle.model import Model
from tests.lifecycle.standing import APART, ASKERS, DOCTORS, EVERYBODY, HELD, SECRETARY, SIGNERS

S = State

anybody = st.sampled_from(EVERYBODY)
asker = st.one_of(st.just("@asker"), st.just("@asker"), st.sampled_from(tuple(ASKERS)), anybody)
holder = st.one_of(st.just("@holder"), st.just("@holder"), st.just("@holder"), anybody)
signer = st.one_of(st.just("@holder"), st.sampled_from(tuple(SIGNERS)), anybody)
writer = st.one_of(st.just("@asker"), st.just("@holder"), anybody)
coordinator = st.one_of(st.just("coordinator"), st.just("coordinator"), anybody)
doctor = st.one_of(st.sampled_from(DOCTORS), anybody)
arranger = st.one_of(st.just("@asker"), st.just("centre_secretary"), anybody)


class Doing(RuleBasedStateMachine):
    """One case and its model. ``@asker`` and ``@holder`` are whoever has that part when the deed is done."""

    world: ClassVar[World]
    clock: ClassVar[FakeClock]
    deeds: ClassVar[list[tuple[str, bool]]]
    actors: ClassVar[dict[tuple[str, bool], Actor]]
    model: Model
    found: always.Snapshot
    second: always.Snapshot | None

    def __init__(self) -> None:
        super().__init__()
        self.clock.set(START)
        self.case_id = uuid4()
        self.content = cases.content()
        self.second = None
        self.turns = itertools.count()
        self.texts = itertools.count()

    def teardown(self) -> None:
        with writing(self.world.system) as work:
            work.session.execute(update(DueRow).values(done_at=work.now, outcome="over"))

    def name_of(self, who: str) -> str:
        if who == "@asker":
            return "requester" if self.model.requester == SECRETARY else self.model.requester
        if who == "@holder":
            return self.model.holder or "expert"
        return who

    def actor(self, name: str) -> Actor:
        """Who somebody is; it changes once, when the absent colleague is back."""
        key = (name, self.clock.now() <= self.model.away_until)
        if key not in self.actors:
            self.actors[key] = self.world.actor(name)
        return self.actors[key]

    def text(self) -> str:
        return f"Texte {next(self.texts)}."

    def refusal(self, name: str, act: Callable[[Work], object]) -> Refusal | None:
        try:
            with writing(self.world.system, self.actor(name)) as work:
                act(work)
        except Refusal as refusal:
            return refusal
        return None

    def does(self, deed: str, who: str, expected: bool, act: Callable[[Work], object]) -> bool:
        """Have somebody do it, and compare with what the model expects; return whether it was accepted."""
        name, before, second = self.name_of(who), self.found, self.second
        accepted = self._is_accepted(deed, name, expected, act, self.model.reads(name))
        always.check_change(before, self.found, deed, accepted)
        assert self.second == second, f"{deed} changed the case that began elsewhere"
        return accepted

    def does_there(self, deed: str, who: str, expected: bool, act: Callable[[Work], object]) -> bool:
        """Have somebody do something with the case that began elsewhere: of the first, at most people are told."""
        name, first, before = self.name_of(who), self.found, self.second
        assert before is not None
        accepted = self._is_accepted(deed, name, expected, act, self.model.reads_second(name))
        assert self.second is not None
        always.check_change(before, self.second, deed, accepted)
        unlike = {table for table in first.rows if first.rows[table] != self.found.rows[table]}
        assert unlike <= ({"notifications", "outbox"} if accepted else set())
        return accepted

    def _is_accepted(
        self, deed: str, name: str, expected: bool, act: Callable[[Work], object], reads: bool
    ) -> bool:
        refusal = self.refusal(name, act)
        accepted = refusal is None
        if refusal is not None:
            assert refusal.message.endswith((".", "?")), refusal.message
            blind = isinstance(refusal, NotFound) or (deed == "save" and isinstance(refusal, Forbidden))
            assert reads or blind, f"{name} learns that the case is there: {refusal.code}"
        said = "accepted" if refusal is None else f"refused ({refusal.code})"
        assert accepted == expected, f"{deed} by {name} in {self.model.state}: {said}"
        self.deeds.append((deed, accepted))
        self.look()
        return accepted

    def look(self) -> None:
        """Read both cases as they stand."""
        system = self.world.system
        self.found = always.snapshot(system, self.case_id)
        second_id = linked.second_of(system, self.case_id)
        self.second = always.snapshot(system, second_id) if second_id is not None else None

    @invariant()
    def a_second_passes(self) -> None:
        self.model.now = self.clock.advance(seconds=1)

    @invariant()
    def the_case_is_whole(self) -> None:
        always.check(self.world.system, self.case_id, self.found)
        if self.model.doctor in APART and self.model.doctor != self.model.requester:
            linked.check_news_of_copies(self.found, self.world.who(self.model.doctor).person_id)

    @invariant()
    def what_began_elsewhere_is_whole_and_where_the_model_says(self) -> None:
        model, second = self.model.second, self.second
        assert (second is None) == (model is None), "a case began elsewhere, or did not"
        if second is None or model is None:
            return
        always.check(self.world.system, second.case.id, second)
        linked.check_linked(self.world.system, self.found, second.case.id)
        assert second.case.state == model.state
        if model.state is S.CLAIMED:
            assert second.case.claimed_by == self.world.who(model.holder).person_id
        with reading(self.world.system) as work:
            facts = facts_of(work, work.session.get_one(Case, second.case.id))
            for name in EVERYBODY:
                reads = allowed(self.actor(name).facts, Permission.CASE_READ, facts)
                assert reads == self.model.reads_second(name), f"{name} reads the second case: {reads}"

    @invariant()
    def the_case_is_where_the_model_says(self) -> None:
        model, case = self.model, self.found.case
        assert (case.state, case.downstream) == (model.state, model.downstream)
        assert (case.asked_again_at is not None) == model.asks_again
        assert len(self.found.rows["case_revisions"]) == model.revisions
        if model.state in HELD:
            assert case.claimed_by == self.world.who(model.holder).person_id
        signed = {row.id: row.version for row in self.found.rows["opinions"] if row.signed_at is not None}
        rows = {(row.kind, signed[row.opinion_id]): row.state for row in self.found.rows["deliveries"]}
        given = {("requester", place): row.requester.state for place, row in enumerate(model.versions, 1)}
        given |= {(COPY, place): row.copy.state for place, row in enumerate(model.versions, 1) if row.copy}
        assert {key: state for key, state in rows.items() if key[0] in {"requester", COPY}} == given
        if model.downstream is S.PLANNED:
            planned = max(self.found.rows["appointments"], key=lambda row: row.created_at).planned_for
            assert planned.date().toordinal() == model.day, (
                "the date that was noted is not the one that stands"
            )

    @invariant()
    def only_who_may_reads_it(self) -> None:
        """By the map for everybody, by the door itself for two of them at a time."""
        turn = next(self.turns)
        with reading(self.world.system) as work:
            case = work.session.get_one(Case, self.case_id)
            facts = facts_of(work, case)
            for place, name in enumerate(EVERYBODY):
                actor = self.actor(name)
                reads = self.model.reads(name)
                assert allowed(actor.facts, Permission.CASE_READ, facts) == reads, (
                    f"{name} reads: {not reads}"
                )
                opinion = allowed(actor.facts, Permission.OPINION_READ, facts)
                assert opinion == self.model.reads_opinion(name), f"{name} reads the opinion: {opinion}"
                if (place - turn) % len(EVERYBODY) < 2:
                    assert self._opens_the_door(name) == reads

    def _opens_the_door(self, name: str) -> bool:
        with reading(self.world.system, self.actor(name)) as work:
            try:
                find_case(work, self.case_id)
            except NotFound:
                return False
            return True

"""Accounts that are revoked and restored: out at once, with what was begun."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, Notification, Person, UserSession
from dermavis.services import enrolment, invitations, password_changes, revocations, sign_in
from dermavis.services.absences import stands_in_for
from dermavis.services.claiming import claim
from dermavis.services.doors import may_open
from dermavis.services.sessions import find_session, open_session
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import deliver, outbox
from tests.clock import FakeClock
from tests.enrolling import NEW, enrolling, invite, mailed, shown_code, token_of
from tests.entering import HERE
from tests.factories import PASSWORD, World


def test_a_revoked_person_is_out_at_once(system: System, world: World) -> None:
    who = world.who(Role.REQUESTER)
    password_changes.forgotten(system, who.email, HERE)
    (link,) = mailed(system, "password_reset")
    with writing(system) as work:
        token = open_session(work, who.person_id)
    assert find_session(system, token) is not None

    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id)

    assert find_session(system, token) is None
    with pytest.raises(InvalidInput):
        sign_in.with_password(system, who.email, PASSWORD, HERE)
    with pytest.raises(NotFound):
        password_changes.find_reset(system, token_of(link))
    with reading(system) as work:
        rows = work.session.scalars(select(UserSession).where(UserSession.person_id == who.person_id)).all()
    assert rows
    assert all(row.revoked_at is not None for row in rows)


def test_an_administrator_cannot_revoke_themselves_or_a_stranger_anybody(
    system: System, world: World
) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with pytest.raises(Forbidden), writing(system, administrator) as work:
        revocations.revoke_person(work, administrator.person_id)
    with pytest.raises(Forbidden), writing(system, world.actor(Role.EXPERT)) as work:
        revocations.revoke_person(work, world.who(Role.REQUESTER).person_id)


def test_a_restored_account_opens_again_with_its_own_factors(system: System, world: World) -> None:
    who = world.who(Role.REQUESTER)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id)
        revocations.restore_person(work, who.person_id)

    assert sign_in.with_password(system, who.email, PASSWORD, HERE).stage == "second_factor"


def test_a_revoked_person_cannot_finish_an_enrolment(system: System, clock: FakeClock, world: World) -> None:
    invited = invite(world)
    session_id = enrolling(system, invitations.accept(system, token_of(invited.link), NEW, NEW, HERE))
    code = shown_code(system, session_id, clock)
    with writing(system) as work:
        work.session.execute(update(Person).where(Person.id == invited.person_id).values(state="revoked"))
        work.session.execute(update(UserSession).values(revoked_at=work.now))

    with pytest.raises(Conflict):
        enrolment.with_authenticator(system, session_id, code, HERE)


def test_who_leaves_work_unfinished_is_followed_by_a_colleague_who_reads_it_and_is_told(
    system: System, world: World
) -> None:
    who, colleague = world.who(Role.REQUESTER), world.who(Role.NURSE_REQUESTER)
    case_id = cases.sent(world)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        left = revocations.unfinished(work, who.person_id)
        assert left.cases == 1
        assert colleague.person_id in dict(left.colleagues)
        assert world.who(Role.SITE_SECRETARY).person_id not in dict(left.colleagues)
        revocations.revoke_person(work, who.person_id, str(colleague.person_id))

    with writing(system, world.actor(Role.EXPERT)) as work:
        claim(work, case_id)
    cases.sign_now(world, case_id)

    with reading(system) as work:
        told = select(Notification.person_id).where(Notification.event == "opinion")
        assert colleague.person_id in set(work.session.scalars(told))
        assert may_open(work, work.session.get_one(Case, case_id), colleague.person_id)
        assert not may_open(work, work.session.get_one(Case, case_id), world.who("stranger").person_id)


def test_nobody_is_left_behind_unsaid(system: System, world: World) -> None:
    cases.sent(world)
    who = world.who(Role.REQUESTER)
    for answer in ("", str(uuid4()), str(world.who(Role.EXPERT).person_id)):
        with pytest.raises(InvalidInput), writing(system, world.actor(Role.ADMINISTRATOR)) as work:
            revocations.revoke_person(work, who.person_id, answer)

    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id, revocations.NOBODY)
        assert work.session.get_one(Person, who.person_id).state == "revoked"


def test_what_is_to_be_sent_anew_is_unfinished_too(system: System, world: World) -> None:
    cases.in_error(world)
    who = world.who(Role.REQUESTER)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        assert revocations.unfinished(work, who.person_id).cases == 1
    with pytest.raises(InvalidInput), writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id, "")


def test_who_comes_back_does_their_work_again(system: System, world: World) -> None:
    who, colleague = world.who(Role.REQUESTER), world.who(Role.NURSE_REQUESTER)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id, str(colleague.person_id))
        work.session.flush()
        assert stands_in_for(work.session, colleague.person_id, work.now) == {who.person_id}
        revocations.restore_person(work, who.person_id)
        work.session.flush()
        assert stands_in_for(work.session, colleague.person_id, work.now) == frozenset()


def test_what_an_expert_held_returns_to_the_team_at_once(system: System, world: World) -> None:
    held, waiting = cases.claimed(world), cases.on_hold(world)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, world.who(Role.EXPERT).person_id, revocations.NOBODY)
    with writing(system, world.actor("other_expert")) as work:
        for case_id in (held, waiting):
            assert work.session.get_one(Case, case_id).state == "submitted"
            claim(work, case_id)
        told = select(Notification.person_id).where(Notification.event == "returned_to_queue")
        assert world.who("other_expert").person_id in set(work.session.scalars(told))


def test_news_that_had_not_left_reaches_who_takes_over(
    system: System, world: World, clock: FakeClock
) -> None:
    who, colleague = world.who(Role.REQUESTER), world.who(Role.NURSE_REQUESTER)
    case_id = cases.just_signed(world)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id, str(colleague.person_id))
    clock.advance(minutes=1)
    for _ in range(2):
        deliver(system, "mail")
    sent = {
        row.person_id
        for row in outbox(system, "mail")
        if row.case_id == case_id and row.event == "opinion" and row.outcome == "sent"
    }
    assert sent == {colleague.person_id}


def test_nobody_is_nobody_even_where_an_absence_named_somebody(system: System, world: World) -> None:
    away = world.who("other_requester").person_id
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        assert stands_in_for(work.session, world.who(Role.SUBSTITUTE).person_id, work.now) == {away}
        revocations.revoke_person(work, away, revocations.NOBODY)
        work.session.flush()
        assert stands_in_for(work.session, world.who(Role.SUBSTITUTE).person_id, work.now) == frozenset()

"""Invitations: links that open once, and lead to an account with its second factor."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AccessToken, Membership, OutboxItem, Person
from dermavis.services import enrolment, invitations, sign_in
from dermavis.services.invitations import Invited, Newcomer
from dermavis.services.letters import carried_by
from dermavis.services.sessions import find_session
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.enrolling import JEANNE, NEW, enrolling, invite, mailed, shown_code, token_of
from tests.entering import HERE
from tests.factories import World


def test_an_invitation_leads_to_an_account_with_an_authenticator(
    system: System, clock: FakeClock, world: World
) -> None:
    invited = invite(world)
    token = token_of(invited.link)
    assert mailed(system, "invitation") == [invited.link]
    invitation = invitations.find_invitation(system, token)
    assert invitation.name == "Dr Jeanne Novel"
    assert invitation.email == "jeanne.novel@example.org"
    assert invitation.places == (("Maison de santé des Tilleuls", "Médecin requérant"),)

    session_id = enrolling(system, invitations.accept(system, token, NEW, NEW, HERE))
    done = enrolment.with_authenticator(system, session_id, shown_code(system, session_id, clock), HERE)

    assert done.opened is not None
    found = find_session(system, done.opened.token)
    assert found is not None
    assert found.actor is not None
    assert found.actor.roles == {Role.REQUESTER}
    assert len(done.recovery_codes) == 10
    with pytest.raises(NotFound):
        invitations.find_invitation(system, token)
    assert sign_in.with_password(system, "jeanne.novel@example.org", NEW, HERE).stage == "second_factor"


@pytest.mark.parametrize("seconds", [-25, 25])
def test_enrolment_forgives_the_clock_as_sign_in_does(
    system: System, clock: FakeClock, world: World, seconds: int
) -> None:
    opened = invitations.accept(system, token_of(invite(world).link), NEW, NEW, HERE)
    session_id = enrolling(system, opened)

    code = shown_code(system, session_id, clock, seconds)

    assert enrolment.with_authenticator(system, session_id, f"{code[:3]} {code[3:]}\n", HERE).opened


def test_the_code_used_at_enrolment_is_not_good_for_a_sign_in(
    system: System, clock: FakeClock, world: World
) -> None:
    session_id = enrolling(system, invitations.accept(system, token_of(invite(world).link), NEW, NEW, HERE))
    code = shown_code(system, session_id, clock)
    enrolment.with_authenticator(system, session_id, code, HERE)
    half = find_session(system, sign_in.with_password(system, JEANNE.email, NEW, HERE).token)
    assert half is not None

    with pytest.raises(InvalidInput, match="déjà servi"):
        sign_in.with_code(system, half.id, code, HERE)


def test_reloading_the_qr_code_shows_the_same_one(system: System, world: World) -> None:
    session_id = enrolling(system, invitations.accept(system, token_of(invite(world).link), NEW, NEW, HERE))

    first, second = (enrolment.seed_for(system, session_id) for _ in range(2))

    assert first == second
    assert re.fullmatch(r"[A-Z2-7]{32}", first.secret)
    assert first.uri.startswith("otpauth://totp/DermAvis:")


def test_an_invitation_leads_to_an_account_with_mailed_codes(
    system: System, clock: FakeClock, world: World
) -> None:
    session_id = enrolling(system, invitations.accept(system, token_of(invite(world).link), NEW, NEW, HERE))
    enrolment.send_code(system, session_id, HERE)
    with reading(system) as work:
        item = work.session.scalars(select(OutboxItem).where(OutboxItem.event == "email_code")).one()
        code = carried_by(work, item)["code"]

    assert enrolment.with_email(system, session_id, code, HERE).opened
    assert sign_in.with_password(system, JEANNE.email, NEW, HERE).stage == "second_factor"


def test_whoever_is_interrupted_opens_the_link_again_and_the_first_visit_ends(
    system: System, clock: FakeClock, world: World
) -> None:
    token = token_of(invite(world).link)
    first = invitations.accept(system, token, NEW, NEW, HERE)
    other_password = "une autre phrase assez longue"
    second = invitations.accept(system, token, other_password, other_password, HERE)

    assert find_session(system, first.token) is None
    session_id = enrolling(system, second)
    enrolment.with_authenticator(system, session_id, shown_code(system, session_id, clock), HERE)
    assert sign_in.with_password(system, JEANNE.email, other_password, HERE)
    with pytest.raises(NotFound):
        invitations.accept(system, token, NEW, NEW, HERE)


def test_a_password_without_a_second_factor_opens_nothing(system: System, world: World) -> None:
    invitations.accept(system, token_of(invite(world).link), NEW, NEW, HERE)

    with pytest.raises(InvalidInput, match="incorrects"):
        sign_in.with_password(system, JEANNE.email, NEW, HERE)


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [("court", "court", "password"), ("jeannenovel12", "jeannenovel12", "password"), (NEW, "autre", "again")],
)
def test_a_bad_choice_of_password_is_told_beside_its_field_and_uses_nothing_up(
    system: System, world: World, password: str, again: str, field: str
) -> None:
    token = token_of(invite(world).link)

    with pytest.raises(InvalidInput) as refusal:
        invitations.accept(system, token, password, again, HERE)

    assert list(refusal.value.errors) == [field]
    assert invitations.find_invitation(system, token)


def test_an_invitation_lives_seven_days(system: System, clock: FakeClock, world: World) -> None:
    token = token_of(invite(world).link)
    clock.advance(days=6, hours=23)
    assert invitations.find_invitation(system, token)

    clock.advance(hours=1)

    with pytest.raises(NotFound):
        invitations.accept(system, token, NEW, NEW, HERE)


def test_a_second_invitation_ends_the_first(system: System, world: World) -> None:
    first = invite(world)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        second = invitations.invite_again(work, first.person_id)

    assert invitations.find_invitation(system, token_of(second.link))
    with pytest.raises(NotFound):
        invitations.find_invitation(system, token_of(first.link))


def test_somebody_known_gets_the_role_and_no_link(system: System, world: World) -> None:
    expert = world.who(Role.EXPERT)

    invited = invite(world, Newcomer(expert.email.upper(), "X", "Y"), Role.SITE_SECRETARY)

    assert invited == Invited(expert.person_id, "")
    with reading(system) as work:
        held = [
            (row.organization_id, row.role)
            for row in work.session.scalars(
                select(Membership).where(Membership.person_id == expert.person_id)
            )
        ]
    assert (world.site_id, "site_secretary") in held


def test_only_administrators_of_the_network_invite(system: System, world: World) -> None:
    with pytest.raises(Forbidden), writing(system, world.actor(Role.EXPERT)) as work:
        invitations.invite(work, JEANNE, world.site_id, Role.REQUESTER)

    with reading(system) as work:
        assert work.session.scalar(select(Person).where(Person.last_name == "Novel")) is None


def test_a_wrong_newcomer_is_told_field_by_field(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        invite(world, Newcomer("not an address", " ", ""))

    assert set(refusal.value.errors) == {"email", "first_name", "last_name"}


def test_links_are_kept_as_hashes_only(system: System, world: World) -> None:
    token = token_of(invite(world).link)

    with reading(system) as work:
        row = work.session.scalars(select(AccessToken)).one()
        item = work.session.scalars(select(OutboxItem)).one()
    assert len(row.token_hash) == 32
    assert token.encode() not in row.token_hash + (item.secret_sealed or b"")
    assert token not in str(item.payload)

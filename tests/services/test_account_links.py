"""Invitations, forgotten passwords and lost authenticators: links that open once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AccessToken, AuditEvent, Membership, OutboxItem, Person, UserSession
from dermavis.services import (
    enrolment,
    factor_resets,
    invitations,
    password_changes,
    revocations,
    second_factor,
    sign_in,
)
from dermavis.services.invitations import Invited, Newcomer
from dermavis.services.letters import carried_by
from dermavis.services.sessions import find_session, open_session
from dermavis.services.sign_in import Opened, Visitor
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import PASSWORD, TOTP_SECRET, World

HERE = Visitor("192.0.2.10", "iPhone, Safari")
NEW = "un cerf traverse la route"
JEANNE = Newcomer(" Jeanne.Novel@Example.org ", "Jeanne", "Novel", title="Dr")


def invite(world: World, newcomer: Newcomer = JEANNE, role: Role = Role.REQUESTER) -> Invited:
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        return invitations.invite(work, newcomer, world.site_id, role)


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


def mailed(system: System, event: str) -> list[str]:
    """Return the links of the letters of one kind, oldest first."""
    with reading(system) as work:
        items = work.session.scalars(
            select(OutboxItem).where(OutboxItem.event == event).order_by(OutboxItem.created_at)
        )
        return [carried_by(work, item)["link"] for item in items]


def enrolling(system: System, opened: Opened) -> UUID:
    found = find_session(system, opened.token)
    assert found is not None
    assert found.stage == "enrolment"
    assert found.actor is None
    return found.id


def shown_code(system: System, session_id: UUID, clock: FakeClock, seconds: int = 0) -> str:
    """What an authenticator shows that has just read the QR code."""
    secret = enrolment.seed_for(system, session_id).secret
    return second_factor.totp_code(secret, clock.now() + timedelta(seconds=seconds))


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


def test_a_forgotten_password_is_set_by_a_link_and_the_second_factor_is_still_asked(
    system: System, clock: FakeClock, world: World
) -> None:
    who = world.who(Role.REQUESTER)
    half = find_session(system, sign_in.with_password(system, who.email, PASSWORD, HERE).token)
    assert half is not None
    whole = sign_in.with_code(
        system, half.id, second_factor.totp_code(TOTP_SECRET, clock.now()), HERE, keep_device=True
    )
    password_changes.forgotten(system, who.email.upper(), HERE)
    (link,) = mailed(system, "password_reset")
    assert password_changes.find_reset(system, token_of(link)) == who.email

    password_changes.reset(system, token_of(link), NEW, NEW, HERE)

    assert find_session(system, whole.token) is None
    known = Visitor("192.0.2.10", "", (whole.device_token or "",))
    with pytest.raises(InvalidInput):
        sign_in.with_password(system, who.email, PASSWORD, known)
    assert sign_in.with_password(system, who.email, NEW, known).stage == "second_factor"
    with pytest.raises(NotFound):
        password_changes.reset(system, token_of(link), PASSWORD, PASSWORD, HERE)


def test_a_reset_link_lives_an_hour(system: System, clock: FakeClock, world: World) -> None:
    password_changes.forgotten(system, world.who(Role.REQUESTER).email, HERE)
    (link,) = mailed(system, "password_reset")
    clock.advance(minutes=59)
    assert password_changes.find_reset(system, token_of(link))

    clock.advance(minutes=1)

    with pytest.raises(NotFound):
        password_changes.reset(system, token_of(link), NEW, NEW, HERE)


def test_eight_at_once_use_a_reset_link_once(system: System, world: World) -> None:
    password_changes.forgotten(system, world.who(Role.REQUESTER).email, HERE)
    token = token_of(mailed(system, "password_reset")[0])

    def use(number: int) -> bool:
        chosen = f"une phrase assez longue {number}"
        try:
            password_changes.reset(system, token, chosen, chosen, HERE)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(use, range(8))).count(True) == 1


def test_a_forgotten_password_of_nobody_sends_nothing_and_says_nothing(system: System, world: World) -> None:
    password_changes.forgotten(system, "nobody@example.org", HERE)
    assert mailed(system, "password_reset") == []

    password_changes.forgotten(system, world.who(Role.REQUESTER).email, HERE)
    assert len(mailed(system, "password_reset")) == 1
    with reading(system) as work:
        events = work.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "password.forgotten")
        ).all()
    assert len(events) == 2


def test_an_invited_person_who_forgot_is_invited_again(system: System, world: World) -> None:
    invite(world)

    password_changes.forgotten(system, JEANNE.email, HERE)

    assert len(mailed(system, "invitation")) == 2
    assert mailed(system, "password_reset") == []


def test_a_lost_authenticator_takes_two_administrators(
    system: System, clock: FakeClock, world: World
) -> None:
    who = world.who(Role.REQUESTER)
    first, second = world.actor(Role.ADMINISTRATOR), world.actor("other_administrator")
    with writing(system) as work:
        codes = second_factor.new_recovery_codes(work, who.person_id)
        signed_in = open_session(work, who.person_id)
    with writing(system, first) as work:
        reset_id = factor_resets.ask(work, who.person_id)
    with pytest.raises(Forbidden), writing(system, first) as work:
        factor_resets.approve(work, reset_id)
    assert find_session(system, signed_in) is not None
    with reading(system, second) as work:
        (waiting,) = factor_resets.waiting_resets(work)
    assert (waiting.id, waiting.mine) == (reset_id, False)

    with writing(system, second) as work:
        factor_resets.approve(work, reset_id)

    assert find_session(system, signed_in) is None
    half = find_session(system, sign_in.with_password(system, who.email, PASSWORD, HERE).token)
    assert half is not None
    with pytest.raises(InvalidInput):
        sign_in.with_code(system, half.id, second_factor.totp_code(TOTP_SECRET, clock.now()), HERE)
    with pytest.raises(InvalidInput):
        sign_in.with_recovery_code(system, half.id, codes[0], HERE)
    (link,) = mailed(system, "factor_reset")
    with pytest.raises(InvalidInput):
        factor_resets.begin_enrolment(system, token_of(link), "not the password", HERE)
    session_id = enrolling(system, factor_resets.begin_enrolment(system, token_of(link), PASSWORD, HERE))
    assert enrolment.with_authenticator(
        system, session_id, shown_code(system, session_id, clock), HERE
    ).opened
    with pytest.raises(NotFound):
        factor_resets.begin_enrolment(system, token_of(link), PASSWORD, HERE)
    with reading(system) as work:
        actions = set(work.session.scalars(select(AuditEvent.action)))
    assert {"factor_reset.asked", "factor_reset.approved", "factor.enrolled"} <= actions


def test_nobody_resets_their_own_second_factor(system: System, world: World) -> None:
    first, second = world.actor(Role.ADMINISTRATOR), world.actor("other_administrator")
    with pytest.raises(Forbidden), writing(system, first) as work:
        factor_resets.ask(work, first.person_id)
    with writing(system, first) as work:
        reset_id = factor_resets.ask(work, second.person_id)

    with pytest.raises(Forbidden), writing(system, second) as work:
        factor_resets.approve(work, reset_id)


def test_only_administrators_ask_and_agree(system: System, world: World) -> None:
    requester = world.who(Role.REQUESTER).person_id
    with pytest.raises(Forbidden), writing(system, world.actor(Role.SUPPORT)) as work:
        factor_resets.ask(work, requester)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        reset_id = factor_resets.ask(work, requester)

    with pytest.raises(Forbidden), writing(system, world.actor(Role.SUPER_USER)) as work:
        factor_resets.approve(work, reset_id)


def test_a_demand_waits_two_days_and_is_accepted_once(system: System, clock: FakeClock, world: World) -> None:
    first, second = world.actor(Role.ADMINISTRATOR), world.actor("other_administrator")
    requester = world.who(Role.REQUESTER).person_id
    with writing(system, first) as work:
        stale = factor_resets.ask(work, requester)
    with pytest.raises(Conflict), writing(system, first) as work:
        factor_resets.ask(work, requester)
    clock.advance(days=2)
    with pytest.raises(Conflict), writing(system, second) as work:
        factor_resets.approve(work, stale)
    with writing(system, first) as work:
        fresh = factor_resets.ask(work, requester)
    with writing(system, second) as work:
        factor_resets.approve(work, fresh)

    with pytest.raises(Conflict), writing(system, second) as work:
        factor_resets.approve(work, fresh)


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

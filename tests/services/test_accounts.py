"""A person's own account, and what was typed when a session ended."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import HeldForm, Membership, PushSubscription
from dermavis.services import accounts, devices, held_forms, password_changes, sign_in
from dermavis.services.actors import actor_of
from dermavis.services.sessions import FoundSession, find_session, open_session, sign_out
from dermavis.services.sign_in import Visitor
from dermavis.services.work import Actor, System, reading, writing
from tests.clock import FakeClock
from tests.factories import PASSWORD, SINCE, World

HERE = Visitor("192.0.2.10", "iPhone, Safari")
NEW = "un cerf traverse la route"


def signed_in(system: System, world: World, device: bool = False) -> tuple[str, FoundSession, Actor]:
    """Open a session of the requester, on an enrolled device or not."""
    person_id = world.who(Role.REQUESTER).person_id
    with writing(system) as work:
        device_id = devices.enrol(work, person_id, "iPhone, Safari")[0] if device else None
        token = open_session(work, person_id, label="iPhone, Safari", device_id=device_id)
    found = find_session(system, token)
    assert found is not None
    assert found.actor is not None
    return token, found, found.actor


def subscribe(system: System, found: FoundSession) -> None:
    """Let the session's browser be pushed to."""
    with writing(system) as work:
        work.session.add(
            PushSubscription(
                id=uuid4(),
                person_id=found.person_id,
                session_id=found.id,
                device_id=found.device_id,
                endpoint_hash=uuid4().bytes,
                target_sealed=b"sealed",
                created_at=work.now,
            )
        )


def subscriptions(system: System) -> int:
    with reading(system) as work:
        return len(work.session.scalars(select(PushSubscription)).all())


def test_the_account_lists_sessions_and_devices_and_marks_this_one(system: System, world: World) -> None:
    _, other, _ = signed_in(system, world)
    _, this, actor = signed_in(system, world, device=True)

    with reading(system, actor) as work:
        account = accounts.read_account(work)

    assert {(row.id, row.this) for row in account.sessions} == {(other.id, False), (this.id, True)}
    assert [(row.id, row.this) for row in account.devices] == [(this.device_id, True)]
    assert account.places[0].name == "Maison de santé des Tilleuls"
    assert account.places[0].acting


def test_a_session_ended_from_the_account_is_out_at_once(system: System, world: World) -> None:
    token, other, _ = signed_in(system, world)
    _, _, actor = signed_in(system, world)

    with writing(system, actor) as work:
        accounts.end_session(work, other.id)

    assert find_session(system, token) is None


def test_nobody_ends_somebody_elses_session_or_device(system: System, world: World) -> None:
    token, found, _ = signed_in(system, world, device=True)
    expert = world.actor(Role.EXPERT)
    with pytest.raises(NotFound), writing(system, expert) as work:
        accounts.end_session(work, found.id)
    assert found.device_id is not None
    with pytest.raises(NotFound), writing(system, expert) as work:
        accounts.forget_device(work, found.device_id)

    assert find_session(system, token) is not None


def test_every_other_session_and_device_ends_together(system: System, world: World) -> None:
    first, _, _ = signed_in(system, world, device=True)
    second, _, _ = signed_in(system, world)
    mine, _, actor = signed_in(system, world, device=True)

    with writing(system, actor) as work:
        accounts.end_other_sessions(work)

    assert find_session(system, first) is None
    assert find_session(system, second) is None
    assert find_session(system, mine) is not None
    with reading(system, actor) as work:
        assert len(accounts.read_account(work).devices) == 1


def test_a_forgotten_device_ends_its_sessions_and_asks_the_code_again(system: System, world: World) -> None:
    person_id = world.who(Role.REQUESTER).person_id
    with writing(system) as work:
        device_id, device_token = devices.enrol(work, person_id, "iPad, Safari")
        there = open_session(work, person_id, device_id=device_id)
    _, _, actor = signed_in(system, world)

    with writing(system, actor) as work:
        accounts.forget_device(work, device_id)

    assert find_session(system, there) is None
    known = Visitor("192.0.2.10", "", (device_token,))
    email = world.who(Role.REQUESTER).email
    assert sign_in.with_password(system, email, PASSWORD, known).stage == "second_factor"


@pytest.mark.parametrize("device", [True, False])
def test_signing_out_ends_the_notifications_of_that_browser(
    system: System, world: World, device: bool
) -> None:
    token, found, _ = signed_in(system, world, device)
    _, other, _ = signed_in(system, world)
    subscribe(system, found)
    subscribe(system, other)

    sign_out(system, found)

    assert find_session(system, token) is None
    assert subscriptions(system) == 1


def test_a_changed_password_keeps_this_session_and_ends_the_others(system: System, world: World) -> None:
    other, _, _ = signed_in(system, world, device=True)
    mine, _, actor = signed_in(system, world)
    with pytest.raises(InvalidInput) as refusal:
        password_changes.change(system, actor, "wrong", NEW, NEW, HERE)
    assert list(refusal.value.errors) == ["old_password"]
    with pytest.raises(InvalidInput, match="Certaines"):
        password_changes.change(system, actor, PASSWORD, PASSWORD, PASSWORD, HERE)

    password_changes.change(system, actor, PASSWORD, NEW, NEW, HERE)

    assert find_session(system, mine) is not None
    assert find_session(system, other) is None
    assert sign_in.with_password(system, world.who(Role.REQUESTER).email, NEW, HERE)


def test_name_and_telephone_are_cleaned_and_checked(system: System, world: World) -> None:
    _, _, actor = signed_in(system, world)
    with writing(system, actor) as work:
        accounts.change_profile(work, accounts.Profile(" Anne\u202e ", "Le  Goff", "Dr", "06 12 34 56 78"))
    with reading(system, actor) as work:
        account = accounts.read_account(work)
    assert (account.name, account.phone) == ("Dr Anne Le Goff", "06 12 34 56 78")

    with pytest.raises(InvalidInput) as refusal, writing(system, actor) as work:
        accounts.change_profile(work, accounts.Profile("", "x" * 101, "", "call me"))
    assert set(refusal.value.errors) == {"first_name", "last_name", "phone"}


def test_a_substitute_stands_in_on_the_days_of_absence_and_not_after(
    system: System, clock: FakeClock, world: World
) -> None:
    _, _, actor = signed_in(system, world)
    substitute = world.who(Role.SUBSTITUTE)

    def stands_in() -> bool:
        with reading(system) as work:
            found = actor_of(work.session, substitute.person_id, work.now, substitute.organization_id)
        assert found is not None
        return actor.person_id in found.facts.substitute_for

    assert not stands_in()
    with writing(system, actor) as work:
        accounts.set_absence(work, substitute.person_id, date(2026, 3, 12), date(2026, 3, 13))
    assert stands_in()
    clock.advance(days=1, hours=13)  # Friday 23:00 in Paris
    assert stands_in()
    clock.advance(hours=1)
    assert not stands_in()
    with reading(system, actor) as work:
        account = accounts.read_account(work)
    assert (account.absent_from, account.absent_to) == (date(2026, 3, 12), date(2026, 3, 13))


def test_a_wrong_absence_is_told_beside_its_field(system: System, world: World) -> None:
    _, _, actor = signed_in(system, world)
    names = (Role.SUBSTITUTE, "stranger", Role.SITE_SECRETARY)
    substitute, stranger, secretary = (world.who(name).person_id for name in names)
    day = date(2026, 3, 12)
    for chosen, first, last, field in (
        (stranger, day, None, "substitute"),
        (secretary, day, None, "substitute"),
        (substitute, None, None, "absent_from"),
        (None, day, None, "substitute"),
        (substitute, day, date(2026, 3, 11), "absent_to"),
    ):
        with pytest.raises(InvalidInput) as refusal, writing(system, actor) as work:
            accounts.set_absence(work, chosen, first, last)
        assert list(refusal.value.errors) == [field]


def test_a_person_of_two_places_chooses_for_whom_they_act(system: System, world: World) -> None:
    token, _, actor = signed_in(system, world)
    with pytest.raises(NotFound), writing(system, actor) as work:
        accounts.act_for(work, world.centre_id)
    with writing(system) as work:
        work.session.add(
            Membership(
                id=uuid4(),
                person_id=actor.person_id,
                organization_id=world.centre_id,
                role=Role.EXPERT.value,
                valid_from=SINCE,
            )
        )

    with writing(system, actor) as work:
        accounts.act_for(work, world.centre_id)

    found = find_session(system, token)
    assert found is not None
    assert found.actor is not None
    assert (found.actor.organization_id, found.actor.roles) == (world.centre_id, {Role.EXPERT})


def test_what_was_typed_comes_back_to_its_author_alone_within_an_hour(
    system: System, clock: FakeClock, world: World
) -> None:
    author, other = world.who(Role.REQUESTER).person_id, world.who(Role.EXPERT).person_id
    token = held_forms.keep(system, author, "/cases/x/messages", [("text", "Lésion du dos"), ("text", "b")])

    kept = held_forms.find(system, author, token)
    assert kept is not None
    assert kept.path == "/cases/x/messages"
    assert kept.fields == [("text", "Lésion du dos"), ("text", "b")]
    assert held_forms.find(system, other, token) is None
    with reading(system) as work:
        row = work.session.scalars(select(HeldForm)).one()
    assert "Lésion".encode() not in row.sealed

    clock.advance(hours=1)
    assert held_forms.find(system, author, token) is None


def test_a_kept_form_is_forgotten_once_its_address_took_it(system: System, world: World) -> None:
    author = world.who(Role.REQUESTER).person_id
    token = held_forms.keep(system, author, "/cases/x/messages", [("text", "Lésion du dos")])

    assert not held_forms.discard(system, token, "/cases/y/messages")
    assert held_forms.find(system, author, token) is not None
    assert held_forms.discard(system, token, "/cases/x/messages")
    assert held_forms.find(system, author, token) is None

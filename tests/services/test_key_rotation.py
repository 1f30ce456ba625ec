"""Replacing the master key: nothing is lost, and in the end nothing hangs on the old key."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import create_app
from dermavis.adapters.cipher import AesGcmMasterKey
from dermavis.domain.errors import Conflict
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, HeldForm, PatientSearchKey, Person
from dermavis.services import email_codes, held_forms, key_rotation, second_factor, subscriptions
from dermavis.services.device_keys import device_key
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import System, reading, writing
from dermavis.settings import SettingsRefused
from tests import cases
from tests.factories import TOTP_SECRET, World
from tests.rotating import (
    NEW,
    NEW_KEY,
    OLD,
    OLD_KEY,
    Held,
    hanging_on,
    names_found,
    rotated,
    versions,
    with_keys,
)


@pytest.mark.postgres
def test_everything_that_the_old_key_wrapped_opens_with_the_new_one_alone(system: System, held: Held) -> None:
    before = hanging_on(system, OLD_KEY)
    assert all(count > 0 for count in before.values()), before
    assert set(hanging_on(system, NEW_KEY).values()) == {0}
    both = with_keys(system, NEW, OLD)

    assert key_rotation.begin(both, NEW_KEY) == 2
    left = rotated(both)

    assert set(left.values()) == {0}
    assert hanging_on(system, NEW_KEY) == before
    assert set(hanging_on(system, OLD_KEY).values()) == {0}
    assert versions(system) == [2]
    with reading(system) as work:
        assert set(work.session.scalars(select(PatientSearchKey.key_version))) == {2}
        assert set(work.session.scalars(select(Case.key_version))) == {2}
        actions = work.session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.like("keys.%"))
        ).all()
    assert actions == ["keys.rotation_begun", "keys.rotation_ended"]


def test_the_old_key_is_refused_after_the_end_and_the_new_one_opens_all_that_people_left(
    system: System, held: Held
) -> None:
    requester = held.world.actor(Role.REQUESTER)
    with reading(system, requester) as work:
        on_the_phone = device_key(work)
    signs_forms = create_app(system).config["SECRET_KEY"]
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    rotated(both)

    with pytest.raises(SettingsRefused, match="autre clé maîtresse"):
        with_keys(system, OLD)
    new = with_keys(system, NEW)

    with writing(new, requester) as work:
        case = work.session.get_one(Case, held.case_id)
        content = open_content(work, case, last_revision(work, case))
        assert content["patient"]["birth_name"] == "Vautrin"
        person = work.session.get_one(Person, requester.person_id)
        assert second_factor.secret_of(work, person) == TOTP_SECRET
        assert second_factor.accept_recovery_code(work, requester.person_id, held.recovery_code)
        assert device_key(work) == on_the_phone, "what the phone keeps still opens"
        assert subscriptions.unsubscribe(work, held.endpoint)
    form = held_forms.find(new, requester.person_id, held.form)
    assert form is not None
    assert form.fields == [("text", "Elle a gratté hier.")]
    assert create_app(new).config["SECRET_KEY"] == signs_forms, "a page that stands open can still be sent"
    assert names_found(new, held.world, "vautrin") == ["Vautrin"]


def test_what_an_older_key_handed_down_outlives_a_second_rotation(system: System, held: Held) -> None:
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    rotated(both)
    third = bytes(range(200, 232))
    again = with_keys(system, third, NEW)

    assert key_rotation.begin(again, AesGcmMasterKey(third)) == 3
    assert set(rotated(again).values()) == {0}

    last = with_keys(system, third)
    with writing(last, held.world.actor(Role.REQUESTER)) as work:
        assert second_factor.accept_recovery_code(work, work.acting.person_id, held.recovery_code)


def test_a_patient_whose_search_alone_is_old_is_written_anew(system: System, world: World) -> None:
    cases.sent(world)
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    for _ in key_rotation.rewrap(both):
        pass
    with writing(system) as work:
        work.session.execute(PatientSearchKey.__table__.update().values(key_version=1))

    assert key_rotation.end(both)["patients"] == 1
    assert set(rotated(both).values()) == {0}


def test_a_value_that_opens_with_no_key_is_counted_and_keeps_the_old_one(system: System, held: Held) -> None:
    with writing(system) as work:
        row = work.session.scalars(select(HeldForm)).one()
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)

    left = rotated(both)

    assert {name: count for name, count in left.items() if count} == {"held_forms": 1}
    assert versions(system) == [1, 2]


def test_one_rotation_at_a_time_and_none_to_the_key_that_is_there(system: System) -> None:
    both = with_keys(system, NEW, OLD)
    with pytest.raises(Conflict, match="déjà celle de la base"):
        key_rotation.begin(both, OLD_KEY)
    key_rotation.begin(both, NEW_KEY)

    with pytest.raises(Conflict, match="déjà en cours"):
        key_rotation.begin(both, AesGcmMasterKey(bytes(32)))


def test_a_code_mailed_before_it_began_still_signs_in(system: System, held: Held) -> None:
    requester = held.world.actor(Role.REQUESTER)
    with writing(system) as work:
        person = work.session.get_one(Person, requester.person_id)
        code = email_codes.send_code(work, person, "sign_in")
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    rotated(both)

    with writing(with_keys(system, NEW)) as work:
        assert code is not None
        assert email_codes.accept_code(work, requester.person_id, "sign_in", code)

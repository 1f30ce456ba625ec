"""Two records of one patient: proposed by one person, joined by another, undone exactly."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.duplicates import Likeness
from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, Consent, Lesion, Patient, PatientIdentityVersion, PatientSearchKey
from dermavis.services import drafts, patients, sending
from dermavis.services.case_view import view_of
from dermavis.services.erasure import erase_case
from dermavis.services.identity_corrections import correct_identity, identity_to_correct
from dermavis.services.merge_list import decisions, proposals, waiting_for_me
from dermavis.services.patient_duplicates import Pair, possible_duplicates
from dermavis.services.patient_merges import confirm, keep_apart, propose, undo
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import let_pair
from tests.clock import FakeClock
from tests.factories import World

INS = {"ins": "279035121518989", "ins_oid": "1.2.250.1.213.1.4.8"}


def _sent(world: World, name: Role | str = Role.REQUESTER, **traits: Any) -> UUID:
    """Return a request for a patient written anew, as somebody does who did not search."""
    return cases.sent(world, name, patient=cases.content()["patient"] | {"id": None} | traits)


def _patient(world: World, case_id: UUID) -> UUID:
    with reading(world.system) as work:
        found = work.session.get_one(Case, case_id).patient_id
    assert found is not None
    return found


def _two(world: World, **traits: Any) -> tuple[UUID, UUID]:
    """Return two records of the site that differ by these traits."""
    return _patient(world, _sent(world)), _patient(
        world, _sent(world, **(traits or {"birth_name": "Vautrain"}))
    )


def _pairs(world: World, name: Role | str = Role.REQUESTER) -> list[Pair]:
    let_pair(world.system)
    with writing(world.system, world.actor(name)) as work:
        return possible_duplicates(work).pairs


def _joined(world: World, kept: UUID, merged: UUID) -> UUID:
    with writing(world.system, world.actor(Role.SITE_SECRETARY)) as work:
        merge_id = propose(work, kept, merged).id
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        confirm(work, merge_id)
    return merge_id


def _everything(system: System) -> dict[str, Any]:
    """Return all that hangs on patients, row by row."""
    with reading(system) as work:
        rows: dict[str, Any] = {
            table.__tablename__: {row.id: row.patient_id for row in work.session.scalars(select(table)).all()}
            for table in (Case, Consent, Lesion, PatientSearchKey, PatientIdentityVersion)
        }
        rows["patients"] = {
            row.id: (row.identity_sealed, row.version, row.updated_at, row.merged_into)
            for row in work.session.scalars(select(Patient))
        }
        return rows


def test_duplicates_of_one_site_are_listed_and_nobody_else_sees_them(world: World) -> None:
    one, other = _two(world)
    _sent(world, "stranger")
    _sent(world, birth_name="Martin", first_name="Rose")
    (pair,) = _pairs(world)
    assert {pair.one.id, pair.other.id} == {one, other}
    assert pair.likeness is Likeness.ONE_SLIP
    assert (pair.one.requests, pair.other.requests) == (1, 1)
    assert _pairs(world, "stranger") == []
    for name in (Role.EXPERT, Role.COORDINATOR, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            _pairs(world, name)


def test_two_numbers_are_never_proposed(world: World) -> None:
    one = _patient(world, _sent(world, **INS))
    other = _patient(world, _sent(world, **INS | {"ins": "185022A00404289"}))
    assert _pairs(world) == []
    with pytest.raises(NotFound), writing(world.system, world.actor(Role.REQUESTER)) as work:
        propose(work, one, other)


@pytest.mark.postgres
def test_one_proposes_another_confirms_and_never_the_same_person(world: World, system: System) -> None:
    kept, merged = _two(world)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        row = propose(work, kept, merged)
        assert propose(work, merged, kept).id == row.id, "proposing twice is proposing once"
        merge_id = row.id
    assert _pairs(world) == []
    with (
        pytest.raises(Forbidden, match="quelqu’un d’autre"),
        writing(system, world.actor(Role.REQUESTER)) as work,
    ):
        confirm(work, merge_id)
    with pytest.raises(Forbidden), writing(system, world.actor(Role.SITE_SECRETARY)) as work:
        confirm(work, merge_id)
    with pytest.raises(NotFound), writing(system, world.actor("stranger")) as work:
        confirm(work, merge_id)
    with reading(system, world.actor("other_requester")) as work:
        assert waiting_for_me(work) == 1
        (shown,) = proposals(work).rows
        assert shown.state == "proposed"
        assert shown.awaited is not None
        assert shown.awaited.now
    with writing(system, world.actor("other_requester")) as work:
        confirm(work, merge_id)
        confirm(work, merge_id)
    with reading(system, world.actor("other_requester")) as work:
        assert work.session.get_one(Patient, merged).merged_into == kept
        owners = {
            row.patient_id for table in (Case, Consent, Lesion) for row in work.session.scalars(select(table))
        }
        assert owners == {kept}
        assert waiting_for_me(work) == 0
    with writing(system, world.actor("other_requester")) as work:
        assert [row.id for row in patients.search_patients(work, "12/03/1958")] == [kept]
        assert [row.id for row in patients.recent_patients(work)] == [kept]


@pytest.mark.postgres
def test_undoing_restores_every_row_as_it_was(world: World, system: System) -> None:
    kept, merged = _two(world)
    before = _everything(system)
    merge_id = _joined(world, kept, merged)
    assert _everything(system) != before
    with writing(system, world.actor(Role.REQUESTER)) as work:
        assert undo(work, merge_id) == 0
    assert _everything(system) == before
    (pair,) = _pairs(world)
    assert {pair.one.id, pair.other.id} == {kept, merged}, "it is a question again"
    with pytest.raises(Conflict), writing(system, world.actor(Role.REQUESTER)) as work:
        undo(work, merge_id)


def test_what_was_made_since_stays_with_the_kept_record_and_is_said(
    world: World, system: System, clock: FakeClock
) -> None:
    first, second = _sent(world), _sent(world, birth_name="Vautrain")
    kept, merged = _patient(world, first), _patient(world, second)
    traits = cases.content()["patient"] | {"id": str(merged), "birth_name": "Vautrain"}
    begun = cases.drafted(world, patient=traits)
    merge_id = _joined(world, kept, merged)
    clock.advance(minutes=5)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, begun, drafts.read(work, begun).revision)
    assert _patient(world, begun) == kept
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert view_of(work, begun).patient.name == "Mme Hélène Vautrin", "under the record that was kept"
        assert view_of(work, second).patient.name == "Mme Hélène Vautrain", "what was sent keeps what it bore"
    with writing(system, world.actor(Role.REQUESTER)) as work:
        assert undo(work, merge_id) == 1
    assert [_patient(world, case_id) for case_id in (first, second, begun)] == [kept, merged, kept]


def test_joinings_are_undone_in_their_order(world: World, system: System) -> None:
    one, two = _two(world)
    three = _patient(world, _sent(world, first_name="Hélèn"))
    inner, outer = _joined(world, one, two), _joined(world, three, one)
    with pytest.raises(Conflict, match="depuis"), writing(system, world.actor(Role.REQUESTER)) as work:
        undo(work, inner)
    for merge in (outer, inner):
        with writing(system, world.actor(Role.REQUESTER)) as work:
            undo(work, merge)
    with reading(system) as work:
        alive = select(Patient.id).where(Patient.merged_into.is_(None))
        assert set(work.session.scalars(alive)) == {one, two, three}


def test_two_people_are_kept_apart_until_somebody_compares_them_again(world: World, system: System) -> None:
    one, other = _two(world)
    with writing(system, world.actor(Role.SITE_SECRETARY)) as work:
        keep_apart(work, one, other)
    assert _pairs(world) == []
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert [row.state for row in decisions(work).rows] == ["refused"]
        assert proposals(work).rows == []
    _joined(world, other, one)
    with pytest.raises(Conflict, match="fusionné"), writing(system, world.actor(Role.REQUESTER)) as work:
        keep_apart(work, one, other)


def test_what_was_corrected_since_is_joined_no_more(world: World, system: System) -> None:
    first = _sent(world)
    kept, merged = _patient(world, first), _patient(world, _sent(world, birth_name="Vautrain"))
    with writing(system, world.actor(Role.SITE_SECRETARY)) as work:
        merge_id = propose(work, kept, merged).id
    with writing(system, world.actor(Role.REQUESTER)) as work:
        version = identity_to_correct(work, first).version
        correct_identity(work, first, {"birth_name": "Martin"}, "", "Nom d’usage.", version)
    with pytest.raises(NotFound), writing(system, world.actor(Role.REQUESTER)) as work:
        confirm(work, merge_id)
    with pytest.raises(NotFound), writing(system, world.actor(Role.REQUESTER)) as work:
        undo(work, uuid4())


def test_erasing_the_last_case_erases_the_joined_record_too(world: World, system: System) -> None:
    ids = [_sent(world), _sent(world, birth_name="Vautrain")]
    kept, merged = (_patient(world, case_id) for case_id in ids)
    _joined(world, kept, merged)
    for case_id in ids:
        cases.in_error(world, case_id)
        with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
            erasure = erase_case(work, cases.number_of(system, case_id), "wrong_patient")
    assert len(erasure.keys) == 3, "the case's, and both records'"
    with reading(system) as work:
        for patient_id in (kept, merged):
            assert work.session.get_one(Patient, patient_id).erased_at is not None

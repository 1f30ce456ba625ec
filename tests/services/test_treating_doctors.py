"""Looking up a doctor to name as treating doctor: who finds whom, by which letters; what is refused when sending."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from dermavis.domain.errors import Forbidden, InvalidInput
from dermavis.domain.roles import Role
from dermavis.domain.treating_doctor import FIELD, NOT_REACHABLE, OBJECTION
from dermavis.models import Case, Membership, Network, Organization, Person
from dermavis.services import drafts, pooling, sending
from dermavis.services.patients import search_patients
from dermavis.services.received_opinions import received_counts
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.treating_copies import copy_goes_to
from dermavis.services.treating_doctors import find_doctors
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World, create_world
from tests.treating import treated_by

pytestmark = pytest.mark.postgres


def _found(world: World, query: str, name: Role | str = Role.REQUESTER) -> list[str]:
    with reading(world.system, world.actor(name)) as work:
        return [doctor.name for doctor in find_doctors(work, query)]


def _rename(work: Work, world: World, name: str, **changes: str) -> None:
    person_id = world.who(name).person_id
    work.session.execute(update(Person).where(Person.id == person_id).values(**changes))


def test_a_few_letters_find_a_doctor_whatever_their_order_and_accents(system: System, world: World) -> None:
    with writing(system) as work:
        _rename(work, world, "stranger", first_name="Rose-Élise", last_name="D’Aubigné")
    for query in ("daub", "D'AUBIGNÉ rose", "rose d’aub", "Dr daubigne", "elise aub", "port aub"):
        assert _found(world, query) == ["Dr Rose-Élise D’Aubigné"], query
    for query in ("ubigne", "daub paul", "daub dijon"):
        assert _found(world, query) == [], query


def test_only_doctors_who_ask_are_found_with_their_place_and_nothing_else(world: World) -> None:
    assert set(_found(world, "camille")) == {
        "Dr Camille Requester",
        "Dr Camille Other Requester",
        "Dr Camille Pooled Requester",
        "Dr Camille Stranger",
    }
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        (found,) = find_doctors(work, "stranger")
    assert (found.id, found.place) == (world.who("stranger").person_id, "Cabinet du Port, Chalon-sur-Saône")
    assert set(vars(found)) == {"id", "name", "place"}


def test_without_two_letters_only_the_sites_own_are_offered_and_they_come_first(world: World) -> None:
    for query in ("", "c", "dr"):
        assert _found(world, query) == [
            "Dr Camille Other Requester",
            "Dr Camille Requester",
        ]
    assert _found(world, "camille")[:2] == [
        "Dr Camille Other Requester",
        "Dr Camille Requester",
    ]


def test_who_has_left_another_network_and_a_closed_place_are_not_found(system: System, world: World) -> None:
    assert len(_found(world, "stranger")) == 1
    create_world(system, mail_domain="example.net")
    assert len(_found(world, "stranger")) == 1
    with writing(system) as work:
        _rename(work, world, "stranger", state="revoked")
        work.session.execute(
            update(Membership)
            .where(Membership.person_id == world.who("other_requester").person_id)
            .values(valid_to=(work.now - timedelta(days=1)).date())
        )
        work.session.execute(
            update(Organization).where(Organization.id == world.pooled_site_id).values(closed_at=work.now)
        )
    assert _found(world, "camille") == ["Dr Camille Requester"]


@pytest.mark.parametrize("role", sorted(set(Role)))
def test_only_who_fills_in_a_request_looks_doctors_up(world: World, role: Role) -> None:
    asks = {Role.REQUESTER, Role.NURSE_REQUESTER, Role.SUBSTITUTE, Role.SITE_SECRETARY}
    if role in asks:
        assert _found(world, "stranger", role)
    else:
        with pytest.raises(Forbidden):
            _found(world, "stranger", role)


def test_a_long_query_is_refused_in_words(world: World) -> None:
    with pytest.raises(InvalidInput):
        _found(world, "a" * 101)


@pytest.mark.parametrize("why", ["unknown", "nurse", "left", "other_network", "other_words"])
def test_who_could_not_be_given_the_opinion_is_refused_beside_the_field(
    system: System, world: World, why: str
) -> None:
    patient = treated_by(world)
    case_id = cases.drafted(world, patient=patient)
    with writing(system) as work:
        if why == "left":
            _rename(work, world, "stranger", state="revoked")
        if why == "other_network":
            network = Network(id=uuid4(), kind="real", name="Ailleurs")
            work.session.add(network)
            work.session.flush()
            work.session.execute(
                update(Organization)
                .where(Organization.id == world.other_site_id)
                .values(network_id=network.id)
            )
    changes = {
        "unknown": {"treating_doctor_id": str(uuid4())},
        "nurse": treated_by(world, Role.NURSE_REQUESTER),
        "other_words": {"treating_doctor": "Dr Rameau"},
    }
    with writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, case_id, cases.content(patient=patient | changes.get(why, {})), 1)
    with (
        pytest.raises(InvalidInput) as refused,
        writing(system, world.actor(Role.REQUESTER)) as work,
    ):
        sending.send(work, case_id, 2)
    assert refused.value.errors == {FIELD: NOT_REACHABLE}
    with writing(system, world.actor(Role.REQUESTER)) as work:
        words_alone = patient | {"treating_doctor_id": None, "treating_doctor": "Dr Rameau"}
        drafts.save(work, case_id, cases.content(patient=words_alone), 2)
        assert sending.send(work, case_id, 3).number


def test_the_next_request_begins_with_the_doctor_and_the_objection_of_the_patient(world: World) -> None:
    cases.sent(world, patient=treated_by(world, treating_doctor_refused=True))
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        (found,) = search_patients(work, "vautrin")
    assert found.identity["treating_doctor_id"] == str(world.who("stranger").person_id)
    assert found.identity["treating_doctor_refused"] is True
    again = treated_by(world, id=str(found.id))
    cases.sent(world, patient=again)
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        (found,) = search_patients(work, "vautrin")
    assert "treating_doctor_refused" not in found.identity


def test_a_coordinator_who_writes_another_name_takes_the_chosen_person_away(
    system: System, world: World
) -> None:
    case_id = cases.sent(world, "pooled_requester", patient=treated_by(world))
    for revision, words, kept in ((1, "DR CAMILLE STRANGER", True), (2, "Dr Rameau", False)):
        with writing(system, world.actor(Role.COORDINATOR)) as work:
            case = pooling.complete(work, case_id, {"treating_doctor": words}, {}, revision)
            patient = open_content(work, case, last_revision(work, case))["patient"]
        assert patient["treating_doctor"] == words
        assert ("treating_doctor_id" in patient) is kept


def test_an_objection_that_a_request_could_not_know_of_stands(
    system: System, world: World, clock: FakeClock
) -> None:
    known = cases.sent(world, patient=treated_by(world))
    with reading(system) as work:
        patient = {"id": str(work.session.get_one(Case, known).patient_id)}
    before = cases.drafted(world, patient=treated_by(world, **patient))
    clock.advance(hours=1)
    cases.sent(world, patient=treated_by(world, **patient, treating_doctor_refused=True))
    clock.advance(hours=1)
    after = cases.drafted(world, patient=treated_by(world, **patient))
    for case_id, objects in ((before, True), (after, False)):
        with writing(system, world.actor(Role.REQUESTER)) as work:
            sending.send(work, case_id, 1)
        with reading(system) as work:
            case = work.session.get_one(Case, case_id)
            told = open_content(work, case, last_revision(work, case))["patient"]
            assert bool(told.get(OBJECTION)) is objects
            assert (copy_goes_to(work, case)[0] is None) is objects


def test_a_doctor_who_left_holds_no_pooled_request_up(system: System, world: World) -> None:
    case_id = cases.sent(world, "pooled_requester", patient=treated_by(world))
    with writing(system) as work:
        work.session.get_one(Person, world.who("stranger").person_id).state = "revoked"
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        assert pooling.release(work, case_id).state == "submitted"


def test_opinions_of_another_network_are_not_counted(system: System, world: World) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    with reading(system, world.actor("stranger")) as work:
        assert received_counts(work) == (True, 1)
    with writing(system) as work:
        other = Network(id=uuid4(), name="Bac à sable", kind="sandbox", number_prefix="S", next_number=1)
        work.session.add(other)
        work.session.flush()
        work.session.get_one(Case, case_id).network_id = other.id
    with reading(system, world.actor("stranger")) as work:
        assert received_counts(work) == (False, 0)

"""Reading the audit: what it tells, to whom, and that this too is noted; on both databases."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Membership, Network, Organization, Person, Photo
from dermavis.services.audit_trail import (
    Filter,
    case_number,
    export_trail,
    people_named,
    person_named,
    read_trail,
)
from dermavis.services.case_readings import read_case_readings
from dermavis.services.memberships import add_role
from dermavis.services.readings import record_reading
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _photo(system: System, world: World, case_id: UUID, position: int, withdrawn: bool = False) -> UUID:
    requester = world.who(Role.REQUESTER)
    photo = uuid4()
    with writing(system) as work:
        work.session.add(
            Photo(
                id=photo,
                case_id=case_id,
                view=system.specialty("dermatology").views[position].id,
                position=position,
                state="withdrawn" if withdrawn else "ready",
                withdrawn_at=work.now if withdrawn else None,
                added_by=requester.person_id,
                organization_id=requester.organization_id,
                created_at=work.now,
            )
        )
    return photo


def _look(system: System, world: World, name: Role | str, case_id: UUID, photo: UUID, role: str) -> None:
    record_reading(
        system,
        world.actor(name),
        "photo.read",
        case_id=case_id,
        subject_kind="photo",
        subject_id=photo,
        role=role,
    )


def test_a_case_tells_who_opened_it_and_each_picture(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.sent(world)
    first, second = _photo(system, world, case_id, 0), _photo(system, world, case_id, 1, withdrawn=True)
    record_reading(system, world.actor(Role.EXPERT), "case.read", case_id=case_id)
    start = clock.now()
    _look(system, world, Role.EXPERT, case_id, first, "diagnostic")
    clock.advance(hours=2)
    _look(system, world, Role.EXPERT, case_id, first, "original")
    _look(system, world, "other_expert", case_id, first, "diagnostic")
    record_reading(
        system,
        world.actor(Role.CENTRE_SECRETARY),
        "list.read",
        subject_kind="worklist.queue",
        cases=[str(case_id)],
    )
    record_reading(
        system, world.actor("stranger_expert"), "list.read", subject_kind="x", cases=[str(uuid4())]
    )
    found = read_case_readings(
        system, world.actor(Role.DATA_PROTECTION_OFFICER), cases.number_of(system, case_id)
    )
    assert [reader.who for reader in found.opened] == ["Dr Camille Expert"]
    assert found.reports == ()
    assert [reader.who for reader in found.lists] == ["Camille Centre Secretary"]
    assert [(picture.id, picture.withdrawn) for picture in found.pictures] == [(first, False), (second, True)]
    assert found.pictures[0].label.startswith("Photo 1 · ")
    assert found.pictures[1].readers == ()
    readers = {reader.who: reader for reader in found.pictures[0].readers}
    assert set(readers) == {"Dr Camille Expert", "Dr Camille Other Expert"}
    expert = readers["Dr Camille Expert"]
    assert (expert.times, expert.first, expert.last) == (2, start, clock.now())
    assert expert.place == "CH de Chalon-sur-Saône"
    assert expert.how == "plein format, à l’écran"


def test_reading_is_noted_with_ids_and_codes_alone(system: System, world: World) -> None:
    case_id = cases.sent(world)
    number = cases.number_of(system, case_id)
    officer = world.actor(Role.DATA_PROTECTION_OFFICER)
    read_case_readings(system, officer, number.lower())
    read_trail(system, officer, Filter(number=number, person=world.who(Role.EXPERT).person_id))
    export_trail(system, officer, Filter(action="readings"))
    with reading(system) as work:
        rows = work.session.scalars(
            select(AuditEvent).where(AuditEvent.actor_id == officer.person_id).order_by(AuditEvent.id)
        ).all()
        assert [row.action for row in rows] == ["audit.read", "audit.read", "audit.export"]
        assert rows[0].case_id == case_id
        assert rows[1].subject_id == world.who(Role.EXPERT).person_id
        assert rows[1].detail["number"] == number
        assert rows[2].detail["of_action"] == "readings"


def test_a_name_in_the_place_of_a_number_is_refused_and_never_noted(system: System, world: World) -> None:
    officer = world.actor(Role.DATA_PROTECTION_OFFICER)
    for typed in ("Mme Durand", "DURAND", "%", "D-", "D-12 OR 1"):
        with pytest.raises(InvalidInput):
            read_trail(system, officer, Filter(number=typed))
        with pytest.raises(InvalidInput):
            read_case_readings(system, officer, typed)
    with reading(system) as work:
        assert (
            work.session.scalars(select(AuditEvent).where(AuditEvent.actor_id == officer.person_id)).all()
            == []
        )
    assert case_number(" d-4821 ") == "D-4821"


def test_a_persons_trail_holds_what_they_did_what_was_done_to_them_and_their_sign_ins(
    system: System, world: World
) -> None:
    expert = world.who(Role.EXPERT)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        add_role(work, expert.person_id, world.other_centre_id, Role.EXPERT)
    with writing(system) as work:
        work.audit("sign_in.refused", subject_kind="person", subject_id=expert.person_id)
        work.audit("sign_in.refused", subject_kind="person", subject_id=world.who("other_expert").person_id)
    with writing(system, world.actor(Role.EXPERT)) as work:
        work.audit("notices.choose", subject_kind="person", subject_id=expert.person_id)
    trail = read_trail(system, world.actor(Role.ADMINISTRATOR), Filter(person=expert.person_id))
    told = [(row.what, row.who, row.about) for row in trail.rows]
    assert told == [
        ("Réglages des notifications changés", "Dr Camille Expert", "Dr Camille Expert"),
        ("Connexion refusée\u00a0: mot de passe", "Dr Camille Expert", "Dr Camille Expert"),
        ("Rôle ajouté", "Camille Administrator", "Dr Camille Expert, CHU de Dijon"),
    ]


def test_days_are_those_of_the_readers_clock(system: System, world: World, clock: FakeClock) -> None:
    clock.advance(hours=14)  # half of the night: 13 March in Paris, already
    with writing(system, world.actor(Role.EXPERT)) as work:
        work.audit("notices.choose")
    officer = world.actor(Role.DATA_PROTECTION_OFFICER)

    def found(first: date | None, last: date | None) -> int:
        wanted = Filter(action="notices.choose", first=first, last=last)
        return len(read_trail(system, officer, wanted).rows)

    assert found(date(2026, 3, 13), date(2026, 3, 13)) == 1
    assert found(None, date(2026, 3, 12)) == 0
    assert found(date(2026, 3, 14), None) == 0
    with pytest.raises(InvalidInput):
        found(date(2026, 3, 14), date(2026, 3, 13))


def test_pages_follow_each_other_while_new_rows_arrive(system: System, world: World) -> None:
    def write(times: int) -> None:
        with writing(system, world.actor(Role.EXPERT)) as work:
            for _ in range(times):
                work.audit("notices.choose")

    write(70)
    officer = world.actor(Role.DATA_PROTECTION_OFFICER)
    first = read_trail(system, officer, Filter(action="notices.choose"))
    write(10)
    second = read_trail(system, officer, Filter(action="notices.choose", before=first.next_before))
    assert (len(first.rows), len(second.rows), second.next_before) == (50, 20, None)
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}


def test_another_networks_audit_does_not_exist(system: System, world: World) -> None:
    stranger, place, network = uuid4(), uuid4(), uuid4()
    with writing(system) as work:
        work.session.add(Network(id=network, name="Ailleurs"))
        work.session.flush()
        work.session.add(
            Organization(id=place, network_id=network, kind="body", name="Ailleurs", created_at=work.now)
        )
        work.session.add(
            Person(id=stranger, first_name="Luc", last_name="Ailleurs", email="l@e.fr", created_at=work.now)
        )
        work.session.flush()
        work.session.add(
            Membership(
                id=uuid4(),
                person_id=stranger,
                organization_id=place,
                role="administrator",
                valid_from=work.now.date(),
            )
        )
        work.audit("sign_in.refused", subject_kind="person", subject_id=stranger)
        work.audit("network.created", subject_kind="network", subject_id=network)
        work.audit("password.forgotten", subject_kind="person")
        work.session.add(
            AuditEvent(at=work.now, action="team.save", actor_id=stranger, organization_id=place, detail={})
        )
    actions = [row.action for row in read_trail(system, world.actor(Role.ADMINISTRATOR), Filter()).rows]
    assert actions == ["password.forgotten"]
    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        assert people_named(work, "ailleurs") == []
        assert person_named(work, stranger) == ""
        assert [name for _, name in people_named(work, "camille administrator")] == [
            "Camille Administrator",
            "Camille Other Administrator",
        ]
    number = cases.number_of(system, cases.sent(world))
    with writing(system) as work:
        work.session.scalars(select(Case)).one().network_id = network
    with pytest.raises(NotFound):
        read_case_readings(system, world.actor(Role.ADMINISTRATOR), number)


def test_an_unknown_action_is_refused_rather_than_taken_for_all(system: System, world: World) -> None:
    with pytest.raises(InvalidInput):
        read_trail(system, world.actor(Role.ADMINISTRATOR), Filter(action="photo"))


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER}]
)
def test_nobody_else_reads_the_audit(system: System, world: World, role: Role) -> None:
    number = cases.number_of(system, cases.sent(world))
    actor = world.actor(role)
    for step in (
        lambda: read_trail(system, actor, Filter()),
        lambda: export_trail(system, actor, Filter()),
        lambda: read_case_readings(system, actor, number),
    ):
        with pytest.raises(Forbidden):
            step()
    with reading(system, actor) as work, pytest.raises(Forbidden):
        people_named(work, "camille")

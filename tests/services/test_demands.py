"""What patients ask about their data: registered, checked, answered, each step kept, and what follows from it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, DataDemand, DataDemandStep, Patient
from dermavis.services import demands
from dermavis.services.case_view import view_of
from dermavis.services.demand_register import Wanted, read_demand, read_register
from dermavis.services.readings import flush
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.demanding import checked, demanded
from tests.erasing import erased
from tests.factories import World


@pytest.mark.postgres
def test_a_demand_is_registered_once_under_its_own_number_and_its_words_are_sealed(
    system: System, world: World
) -> None:
    cases.closed(world)
    first, second = demanded(world, "rectification"), demanded(world, "erasure", Role.DATA_PROTECTION_OFFICER)
    with reading(system) as work:
        rows = [work.session.get_one(DataDemand, demand_id) for demand_id in (first, second)]
        assert [(row.number, row.due_on) for row in rows] == [(1, date(2026, 4, 12)), (2, date(2026, 4, 12))]
        assert all("Hélaine".encode() not in row.content_sealed for row in rows)
        noted = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "demand.register")).all()
        assert [row.detail for row in noted] == [{"kind": "rectification"}, {"kind": "erasure"}]
    shown = read_demand(system, world.actor(Role.REQUESTER), first)
    assert (shown.words, shown.patient) == ("Mon prénom s’écrit Hélaine.", "Mme Hélène Vautrin")
    assert [step.what for step in shown.steps] == ["Enregistrée"]


def test_a_site_registers_for_its_own_patients_and_sees_its_own_demands(system: System, world: World) -> None:
    cases.closed(world)
    for name in ("stranger", "pooled_requester"):
        with pytest.raises(InvalidInput) as refused:
            demanded(world, by=name)
        assert "number" in refused.value.errors
    for role in (Role.EXPERT, Role.COORDINATOR, Role.PILOT, Role.CENTRE_SECRETARY):
        with pytest.raises(Forbidden):
            demanded(world, by=role)
    demand_id = demanded(world, by=Role.SITE_SECRETARY)
    with pytest.raises(NotFound):
        read_demand(system, world.actor("stranger"), demand_id)
    assert read_register(system, world.actor("stranger"), Wanted()).rows == ()
    assert [row.id for row in read_register(system, world.actor(Role.REQUESTER), Wanted()).rows] == [
        demand_id
    ]
    flush(system)


def test_the_register_shows_what_is_late_first_and_finds_a_number_or_a_name(
    system: System, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    late = demanded(world)
    clock.advance(days=33)
    fresh = demanded(world, "opposition")
    officer = world.actor(Role.DATA_PROTECTION_OFFICER)

    register = read_register(system, officer, Wanted())
    assert [(row.id, row.late) for row in register.rows] == [(late, True), (fresh, False)]
    assert register.late == 1
    for wanted, ids in (
        (Wanted(standing="late"), [late]),
        (Wanted(kind="opposition"), [fresh]),
        (Wanted(words="dp-2"), [fresh]),
        (Wanted(words="d-1"), [late, fresh]),
        (Wanted(words="vautrin helene"), [late, fresh]),
        (Wanted(words="martin"), []),
        (Wanted(standing="closed"), []),
    ):
        assert [row.id for row in read_register(system, officer, wanted).rows] == ids, wanted
    flush(system)
    with reading(system) as work:
        seen = work.session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "demands")).all()
        assert {str(late), str(fresh)} <= {demand for row in seen for demand in row.detail["demands"]}
        assert "autrin" not in str([row.detail for row in seen])


def test_nothing_is_answered_before_it_was_checked_who_asks(system: System, world: World) -> None:
    cases.closed(world)
    demand_id = demanded(world, "opposition")
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        with pytest.raises(InvalidInput):
            demands.check_identity(work, demand_id, "mandate")
        with pytest.raises(Conflict, match="identité"):
            demands.close(work, demand_id, "accepted", "")
        demands.check_identity(work, demand_id, "known")
        demands.close(work, demand_id, "accepted", "")
        with pytest.raises(Conflict, match="déjà sa réponse"):
            demands.note(work, demand_id, "Encore un mot.")


def test_a_refusal_says_why_and_a_site_decides_nothing(system: System, world: World) -> None:
    cases.closed(world)
    demand_id = checked(world, "erasure")
    with writing(system, world.actor(Role.REQUESTER)) as work, pytest.raises(Forbidden):
        demands.close(work, demand_id, "refused", "Non.")
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        with pytest.raises(InvalidInput) as refused:
            demands.close(work, demand_id, "refused", "")
        assert set(refused.value.errors) == {"answer"}
        demands.close(work, demand_id, "refused", "Le dossier doit être conservé jusqu’en 2046.")


def test_the_term_is_extended_once_with_its_reason(system: System, world: World, clock: FakeClock) -> None:
    cases.closed(world)
    for kind, due in (("opposition", date(2026, 6, 12)), ("access", date(2026, 5, 12))):
        demand_id = demanded(world, kind)
        with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
            assert demands.extend(work, demand_id, "Trois dossiers à relire.").due_on == due
            with pytest.raises(Conflict, match="une fois"):
                demands.extend(work, demand_id, "Encore.")


def test_an_accepted_opposition_takes_a_patient_out_of_every_figure_now_and_later(
    system: System, world: World
) -> None:
    first = cases.closed(world)
    with reading(system) as work:
        case = work.session.get_one(Case, first)
        patient_id = case.patient_id
        assert (case.care_only, case.age_band, case.sex) == (False, "60-69", "F")
    demand_id = checked(world, "opposition")
    with writing(system, world.actor(Role.DATA_PROTECTION_OFFICER)) as work:
        demands.close(work, demand_id, "accepted", "")
    later = cases.sent(world, patient=cases.content()["patient"] | {"id": str(patient_id)})

    with reading(system) as work:
        assert work.session.get_one(Patient, patient_id).opposed_at is not None
        for case_id in (first, later):
            case = work.session.get_one(Case, case_id)
            assert (case.care_only, case.age_band, case.sex, case.commune_code) == (True, "", "", "")
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert view_of(work, later).patient.sex == "F"


def test_a_statement_of_the_patient_is_read_by_both_sides_with_what_it_is_about(
    system: System, world: World
) -> None:
    case_id = cases.closed(world)
    demand_id = checked(world, "rectification")
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        demands.close(work, demand_id, "stated", "Je n’ai jamais fumé.")
    for role in (Role.REQUESTER, Role.EXPERT):
        with reading(system, world.actor(role)) as work:
            assert [row.text for row in view_of(work, case_id).statements] == ["Je n’ai jamais fumé."]


def test_the_death_that_an_heir_tells_shortens_the_term(system: System, world: World) -> None:
    case_id = cases.closed(world)
    with pytest.raises(InvalidInput) as refused:
        demanded(world, asked_by="heir", who="Jeanne Vautrin")
    assert set(refused.value.errors) == {"died_on"}
    demanded(world, asked_by="heir", who="Jeanne Vautrin", died_on=date(2026, 3, 1))
    with reading(system) as work:
        kept = work.session.get_one(Case, case_id).keep_until
        assert kept is not None
        assert kept.date() + timedelta(days=1) == date(2036, 3, 12)


def test_when_the_patient_is_erased_the_register_keeps_codes_and_days_and_no_word(
    system: System, world: World
) -> None:
    cases.closed(world)
    demand_id = checked(world, "rectification")
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        demands.note(work, demand_id, "Rappelée ce matin.")
    assert erased(world).with_patient

    shown = read_demand(system, world.actor(Role.ADMINISTRATOR), demand_id)
    assert (shown.patient, shown.words, {step.words for step in shown.steps}) == ("", "", {""})
    assert shown.row.kind == "Rectification"
    with reading(system) as work:
        assert work.session.get_one(DataDemand, demand_id).content_sealed == b""
        assert set(work.session.scalars(select(DataDemandStep.sealed))) == {None}
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work, pytest.raises(Conflict, match="effacé"):
        demands.note(work, demand_id, "Et après ?")


def test_a_demand_whose_patient_was_erased_is_still_answered_by_its_code(
    system: System, world: World
) -> None:
    cases.closed(world)
    demand_id = demanded(world, "erasure")
    stated = checked(world, "rectification")
    assert erased(world).with_patient
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        demands.check_identity(work, demand_id, "document")
        demands.close(work, demand_id, "accepted", "Effacé à la demande de Mme Vautrin.")
        with pytest.raises(InvalidInput, match=r"."):
            demands.close(work, stated, "stated", "Je n’ai jamais fumé.")
        demands.close(work, stated, "withdrawn", "")
    with reading(system) as work:
        assert work.session.get_one(DataDemand, demand_id).outcome == "accepted"
        last = select(DataDemandStep).where(
            DataDemandStep.demand_id == demand_id, DataDemandStep.kind == "closed"
        )
        step = work.session.scalars(last).one()
        assert (step.detail, step.sealed) == ("accepted", None)

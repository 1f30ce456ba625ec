"""A legal hold: set and lifted by an administrator who says why, it keeps a case from every erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, CaseText
from dermavis.services.case_view import view_of
from dermavis.services.legal_holds import lift_hold, set_hold, steps_of
from dermavis.services.retention_lists import read_terms
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.erasing import erased
from tests.factories import World


def _hold(world: World, number: str = "D-1", **changes: object) -> None:
    said = {"reason": "litigation", "words": "TJ de Chalon, 26/00412", "confirmed": True} | changes
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        set_hold(work, number, **said)  # type: ignore[arg-type]


def test_a_held_case_is_erased_for_no_reason_until_the_hold_is_lifted(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    _hold(world)
    clock.advance(days=30 * 365)
    for reason in ("trial", "retention_over", "patient_right"):
        with pytest.raises(Conflict, match="justice"):
            erased(world, reason=reason)
    with reading(system, world.actor(Role.DATA_PROTECTION_OFFICER)) as work:
        terms = read_terms(work)
        assert (terms.held, terms.over, terms.rows[0].over) == (1, 0, False)

    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        lift_hold(work, "D-1", "Affaire jugée.", confirmed=True)

    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        steps = steps_of(work, work.session.get_one(Case, case_id))
        assert [step.words for step in steps] == ["Affaire jugée.", "TJ de Chalon, 26/00412"]
        assert [bool(step.reason) for step in steps] == [False, True]
        assert read_terms(work).over == 1
        noted = work.session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.action.startswith("legal_hold"))
            .order_by(AuditEvent.id)
        )
        assert list(noted) == ["legal_hold.set", "legal_hold.lift"]
        sealed = work.session.scalars(select(CaseText.sealed).where(CaseText.kind == "hold.litigation")).one()
        assert b"26/00412" not in sealed
    assert erased(world, reason="retention_over").number == "D-1"


def test_a_hold_wants_a_reason_a_reference_and_a_confirmation(system: System, world: World) -> None:
    cases.closed(world)
    for changes, field in (
        ({"reason": "mood"}, "reason"),
        ({"words": "  "}, "words"),
        ({"words": "x" * 1001}, "words"),
        ({"confirmed": False}, "confirmed"),
    ):
        with pytest.raises(InvalidInput) as refused:
            _hold(world, **changes)
        assert set(refused.value.errors) == {field}
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with writing(system, world.actor(role)) as work, pytest.raises(Forbidden):
            set_hold(work, "D-1", "litigation", "TJ", confirmed=True)
    _hold(world)
    with pytest.raises(Conflict, match="déjà retenu"):
        _hold(world)


def test_its_doctors_know_of_a_hold_and_its_secretaries_and_juniors_do_not(
    system: System, world: World
) -> None:
    case_id = cases.closed(world)
    _hold(world)
    seen = {}
    for role in (Role.REQUESTER, Role.SITE_SECRETARY, Role.EXPERT, Role.JUNIOR, Role.CENTRE_SECRETARY):
        with reading(system, world.actor(role)) as work:
            seen[role] = view_of(work, case_id).held
    assert {role for role, held in seen.items() if held} == {Role.REQUESTER, Role.EXPERT}


@pytest.mark.postgres
def test_a_case_that_comes_due_stands_in_the_year_of_its_term(
    system: System, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    clock.advance(days=400)
    cases.closed(world)
    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        terms = read_terms(work)
        assert [row.number for row in terms.rows] == ["D-1", "D-2"]
        assert terms.years == ((2046, 1), (2047, 1))
        assert terms.rows[1].keep_until - terms.rows[0].keep_until > timedelta(days=364)
        assert [row.number for row in read_terms(work, "D-1").rows] == ["D-2"]

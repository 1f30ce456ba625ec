"""Until when a case is kept: written when it is over, moved by what becomes known, and never acted upon by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import Erased
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Notification, Patient, PhotoFile
from dermavis.services import charter_versions, drafts, retention, retention_round, timers
from dermavis.services.schedule import schedule
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.charter import CHARTER
from tests.clock import FakeClock
from tests.factories import World

CHILD = "2024-05-02"


def kept_until(system: System, case_id: UUID) -> datetime | None:
    with reading(system) as work:
        return work.session.get_one(Case, case_id).keep_until


def paris(day: date) -> datetime:
    """Midnight in Paris, in winter or in summer."""
    from zoneinfo import ZoneInfo

    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


def run_all(system: System) -> None:
    while timers.run_due(system):
        pass


def told(system: System, event: str) -> list[Notification]:
    with reading(system) as work:
        found = list(work.session.scalars(select(Notification).where(Notification.event == event)))
        work.session.expunge_all()
        return found


def test_the_term_is_written_when_a_case_is_over_and_taken_back_when_it_opens_again(
    system: System, world: World, clock: FakeClock
) -> None:
    answered = cases.answered(world)
    assert kept_until(system, answered) is None
    mother = {"name": "Jeanne Vautrin", "relation": "mère"}
    consent = cases.content()["consent"] | {"by": "representative", "representative_name": mother["name"]}
    adult = cases.closed(world)
    child = cases.closed(world, patient=_patient(birth_date=CHILD, representative=mother), consent=consent)

    assert kept_until(system, adult) == paris(date(2046, 3, 12))
    assert kept_until(system, child) == paris(date(2052, 5, 2))
    clock.advance(days=1)
    cases.amended(world, adult)
    assert kept_until(system, adult) is None


def test_another_visit_of_the_patient_moves_the_term_of_what_came_before(
    system: System, world: World, clock: FakeClock
) -> None:
    first = cases.closed(world)
    with reading(system) as work:
        patient_id = work.session.get_one(Case, first).patient_id
    clock.set(datetime(2030, 6, 1, 9, 0, tzinfo=UTC))
    cases.closed(world, patient=_patient(id=str(patient_id)))
    with reading(system) as work:
        term = retention.term_of(work, work.session.get_one(Case, first))

    assert term is not None
    assert (term.until, term.rule) == (date(2050, 6, 1), "record")


def test_a_death_that_becomes_known_shortens_the_term(system: System, world: World) -> None:
    case_id = cases.closed(world)
    with writing(system) as work:
        patient_id = work.session.get_one(Case, case_id).patient_id
        work.session.get_one(Patient, patient_id).died_on = date(2026, 3, 20)
        assert patient_id is not None
        retention.write_terms_of_patient(work, patient_id)

    assert kept_until(system, case_id) == paris(date(2036, 3, 20))


def test_a_charter_that_keeps_longer_moves_the_terms_of_its_centre_from_its_day_on(
    system: System, world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    two = [cases.closed(world), cases.closed(world)]
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        in_ten_days = work.now + timedelta(days=10)
        charter_versions.publish_charter(work, world.centre_id, CHARTER | {"keep_years": 30}, in_ten_days)
    run_all(system)
    assert {kept_until(system, case_id) for case_id in two} == {paris(date(2046, 3, 12))}

    clock.advance(days=11)
    run_all(system)

    assert {kept_until(system, case_id) for case_id in two} == {paris(date(2056, 3, 12))}


@pytest.mark.postgres
def test_the_round_writes_missing_terms_proposes_what_is_over_and_destroys_nothing(
    system: System, world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_round, "BATCH", 2)
    three = [cases.closed(world) for _ in range(3)]
    with writing(system) as work:
        work.session.execute(update(Case).values(keep_until=None))
        schedule(work, retention_round.KIND, work.now)
    run_all(system)
    assert {kept_until(system, case_id) for case_id in three} == {paris(date(2046, 3, 12))}
    assert told(system, "terms_over") == []

    clock.set(datetime(2046, 3, 13, 9, 0, tzinfo=UTC))
    with writing(system) as work:
        schedule(work, retention_round.KIND, work.now)
    for _ in range(2):
        run_all(system)
        clock.advance(days=1)

    administrators = {world.who(name).person_id for name in (Role.ADMINISTRATOR, "other_administrator")}
    assert sorted(row.person_id for row in told(system, "terms_over")) == sorted(administrators)
    assert {row.url for row in told(system, "terms_over")} == {retention_round.PAGE}
    with reading(system) as work:
        assert all(case.erased_at is None and case.data_key for case in work.session.scalars(select(Case)))


def test_a_draft_that_never_left_goes_after_its_term_and_a_warning(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.drafted(world)
    clock.advance(days=150)
    run_all(system)
    assert told(system, "draft_lapses") == []
    assert len(told(system, "draft_reminder")) > 0

    clock.advance(days=6)
    run_all(system)
    assert {row.person_id for row in told(system, "draft_lapses")} == {world.who(Role.REQUESTER).person_id}
    clock.advance(days=29)
    run_all(system)
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).state == "draft"
    clock.advance(days=5)
    run_all(system)

    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.state, case.draft_sealed, case.summary_sealed, case.data_key) == (
            "cancelled",
            None,
            None,
            b"",
        )
        assert work.session.scalars(select(PhotoFile)).all() == []
        row = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.erase")).one()
        assert (row.actor_id, row.detail["reason"]) == (None, "draft_over")
    with (
        writing(system, world.actor(Role.REQUESTER)) as work,
        pytest.raises(Erased, match="jamais été envoyée"),
    ):
        drafts.save(work, case_id, cases.content(), 1)


def test_a_draft_that_is_changed_after_the_warning_has_its_whole_term_again(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.drafted(world)
    clock.advance(days=170)
    run_all(system)
    assert len(told(system, "draft_lapses")) == 1
    with writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, case_id, cases.content(), 1)
    clock.advance(days=100)
    run_all(system)

    with reading(system) as work:
        assert work.session.get_one(Case, case_id).state == "draft"
    assert len(told(system, "draft_lapses")) == 1


def _patient(**changes: object) -> dict[str, object]:
    patient: dict[str, object] = cases.content()["patient"] | {"birth_name": f"Essai-{uuid4().hex[:4]}"}
    return patient | changes

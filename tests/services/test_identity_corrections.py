"""A patient's identity is corrected: what each case shows, what was sent, who is told; no old copy undoes it."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, CaseRevision, PatientIdentityVersion
from dermavis.services import answering, drafts, patients, sending, signed_reports
from dermavis.services.identity_corrections import correct_identity, identity_to_correct
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.seen import names_told, view_for

WHY = "Faute de frappe, vue sur la carte d’identité."


def _correct(
    world: World, case_id: UUID, who: Role | str = Role.REQUESTER, why: str = WHY, **typed: Any
) -> int:
    with writing(world.system, world.actor(who)) as work:
        known = identity_to_correct(work, case_id)
        return correct_identity(work, case_id, typed or {"birth_name": "Vautrain"}, "", why, known.version)


def _again(world: World, case_id: UUID) -> UUID:
    """Another request for the patient of a case."""
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        patient = work.session.get_one(Case, case_id).patient_id
    traits = cases.content()["patient"]
    return cases.claimed(world, patient=traits | {"id": str(patient)})


def test_open_cases_show_the_corrected_identity_and_their_people_are_told(
    world: World, system: System
) -> None:
    first = cases.closed(world)
    second, third = _again(world, first), _again(world, first)
    assert _correct(world, second, Role.SITE_SECRETARY) == 2
    for case_id in (second, third):
        shown = view_for(world, Role.EXPERT, case_id)
        assert shown.patient.name == "Mme Hélène Vautrain"
        assert shown.identity_change is not None
        assert shown.identity_change.before == "Mme Hélène Vautrin, 12/03/1958"
        assert shown.identity_change.who == world.who(Role.SITE_SECRETARY).name
        assert names_told(world, "identity_corrected", case_id) == {"requester", "expert"}
    closed = view_for(world, Role.EXPERT, first)
    assert (closed.patient.name, closed.identity_change) == ("Mme Hélène Vautrin", None)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert [row.identity["birth_name"] for row in patients.search_patients(work, "vautrain")] == [
            "Vautrain"
        ]


def test_the_version_before_is_kept_with_who_when_and_why(world: World, system: System) -> None:
    case_id = cases.sent(world)
    _correct(world, case_id)
    with reading(system) as work:
        patient = work.session.get_one(Case, case_id).patient_id
        first, second = work.session.scalars(
            select(PatientIdentityVersion)
            .where(PatientIdentityVersion.patient_id == patient)
            .order_by(PatientIdentityVersion.version)
        )
        assert (first.reason, first.why_sealed, second.reason) == ("", None, "correction")
        assert second.changed_by == world.who(Role.REQUESTER).person_id
        assert second.why_sealed is not None
        sealer = Sealer(system.cipher, work.session.get_one(patients.Patient, patient))
        assert sealer.open(second.why_sealed, "patient_identity_versions", second.id, "why_sealed") == WHY
        audited = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "patient.identity"))
        assert all("Vautrain" not in str(row.detail) for row in audited)


def test_a_report_keeps_the_identity_it_bore_and_says_that_it_is_another_since(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    expert = world.actor(Role.EXPERT)
    before = signed_reports.pdf(system, expert, case_id, None)
    clock.advance(hours=1)
    _correct(world, case_id)
    text = signed_reports.read(system, expert, case_id, None, "text").text
    assert "Patient : Hélène Vautrin, née le" in text
    assert "Identité corrigée depuis" in text
    after = signed_reports.pdf(system, expert, case_id, None)
    assert after.name == before.name.replace(".pdf", "-identite-corrigee.pdf")
    page = PdfReader(io.BytesIO(after.content)).pages[0].extract_text()
    assert "Vautrain" not in page
    assert "Identité corrigée depuis" in page
    cases.amended(world, case_id)
    text = signed_reports.read(system, expert, case_id, None, "text").text
    assert "Hélène Vautrain" in text
    assert "Identité corrigée" not in text, "the new version was signed under the corrected identity"


def test_who_signs_meanwhile_reads_the_corrected_identity_first(world: World, system: System) -> None:
    case_id = cases.claimed(world)
    _correct(world, case_id)
    with pytest.raises(Conflict) as refusal, writing(system, world.actor(Role.EXPERT)) as work:
        answering.sign(work, case_id, cases.opinion(), 1)
    assert refusal.value.code == "request_changed"


def test_only_the_requesting_side_corrects_and_never_into_somebody_else(world: World) -> None:
    case_id = cases.claimed(world)
    for name, refusal in ((Role.EXPERT, Forbidden), ("stranger", NotFound), ("other_requester", NotFound)):
        with pytest.raises(refusal):
            _correct(world, case_id, name)
    with pytest.raises(InvalidInput) as wrong:
        _correct(world, case_id, birth_name="Martin", first_name="Rose")
    assert "saisie par erreur" in wrong.value.errors["birth_name"]
    with pytest.raises(InvalidInput) as wrong:
        _correct(world, case_id, why=" ")
    assert "why" in wrong.value.errors
    with pytest.raises(InvalidInput) as wrong:
        _correct(world, case_id, birth_date="2999-01-01")
    assert "birth_date" in wrong.value.errors
    assert view_for(world, Role.EXPERT, case_id).patient.name == "Mme Hélène Vautrin"


def test_the_second_of_two_who_correct_is_told_and_the_same_again_is_nothing(
    world: World, system: System
) -> None:
    case_id = cases.sent(world)
    _correct(world, case_id)
    with pytest.raises(Conflict, match="entre-temps"), writing(system, world.actor(Role.REQUESTER)) as work:
        correct_identity(work, case_id, {"birth_name": "Vautrein"}, "", WHY, 1)
    assert _correct(world, case_id) == 0
    with reading(system) as work:
        rows = select(CaseRevision.id).where(CaseRevision.case_id == case_id)
        assert len(work.session.scalars(rows).all()) == 2


@pytest.mark.postgres
def test_a_request_begun_before_the_correction_does_not_undo_it(world: World, system: System) -> None:
    case_id = cases.sent(world)
    with reading(system) as work:
        patient = work.session.get_one(Case, case_id).patient_id
    traits = cases.content()["patient"] | {"id": str(patient), "phone": "+33612345678"}
    begun = cases.drafted(world, patient=traits)
    _correct(world, case_id)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, begun, drafts.read(work, begun).revision)
    shown = view_for(world, Role.EXPERT, begun)
    assert shown.patient.name == "Mme Hélène Vautrain"
    assert shown.patient.phone == "+33612345678"
    with reading(system) as work:
        kept = patients.read_identity(work, work.session.get_one(patients.Patient, patient))
        assert (kept["birth_name"], kept["phone"]) == ("Vautrain", "+33612345678")

"""A patient's identity is corrected: a new version of it, which each open case shows and its people are told of.

The version before is kept, with who, when and why. What was sent keeps what it bore: revisions, reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.fields import read
from dermavis.domain.identity_corrections import OTHER_PERSON, corrected, identity_of, is_other_person
from dermavis.domain.permissions import Permission
from dermavis.domain.request_faults import faults
from dermavis.domain.requests import PatientTraits, RequestContent
from dermavis.domain.text import clean
from dermavis.domain.wording import birth_date_words, moment_words
from dermavis.models import Case, CaseRevision, Patient, PatientIdentityVersion
from dermavis.services.access import find_case, hold_patients
from dermavis.services.drafts import local_today, summary_of
from dermavis.services.lists import patient_name
from dermavis.services.names import name_of
from dermavis.services.notices import announce, announce_to_team
from dermavis.services.patients import read_identity, write_identity
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.statistic_traits import copy_for_statistics
from dermavis.services.teams import coordinators
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

REASON = "correction"
REVISION_REASON = "identity"
LONGEST_WHY = 300
NEEDED = {"birth_name": "Écrivez le nom de naissance.", "first_name": "Écrivez le prénom."}
OPEN = (State.POOLED, State.SUBMITTED, State.CLAIMED, State.ON_HOLD, State.DECLINED, State.ANSWERED)


@dataclass(frozen=True)
class KnownIdentity:
    """The patient's part as it stands, and its version."""

    traits: dict[str, Any]
    version: int


@dataclass(frozen=True)
class IdentityChange:
    """That the identity a case shows was corrected: who, when and, in words, what it was before."""

    who: str
    when: str
    before: str


def identity_to_correct(work: Work, case_id: UUID) -> KnownIdentity:
    """Return the identity of a case's patient for whoever may correct it. Raises NotFound and Forbidden."""
    patient = _patient_of(work, find_case(work, case_id, Permission.IDENTITY_CORRECT))
    return KnownIdentity(read_identity(work, patient), patient.version)


def correct_identity(
    work: Work, case_id: UUID, typed: dict[str, Any], document: str, why: str, from_version: int
) -> int:
    """Correct the identity of a case's patient, and return how many open cases show it now.

    ``from_version`` is the one that was on the screen. The same identity again makes no version. Raises InvalidInput by
    field, also where it would become somebody else, and Conflict ``identity_changed``.
    """
    hold_patients(work, find_case(work, case_id, Permission.IDENTITY_CORRECT).patient_id)
    case = find_case(work, case_id, Permission.IDENTITY_CORRECT, lock=True)
    patient = _patient_of(work, case, lock=True)
    before = read_identity(work, patient)
    after = _checked(work, corrected(before, typed, clean(document)))
    if identity_of(after) == identity_of(before):
        return 0
    if patient.version != from_version:
        raise _changed_meanwhile(work, patient)
    why = clean(why)
    if not why or len(why) > LONGEST_WHY:
        raise InvalidInput({"why": "Dites pourquoi, en une ligne." if not why else "300 caractères au plus."})
    if is_other_person(before, after):
        raise InvalidInput({"birth_name": OTHER_PERSON})
    patient.version += 1
    write_identity(work, patient, after, reason=REASON, why=why)
    return sum(_show(work, open_case, after) for open_case in _open_cases(work, patient))


def change_of(work: Work, case: Case) -> IdentityChange | None:
    """Return how the identity that a case shows was corrected last; None where it never was."""
    changed = work.session.scalar(
        select(CaseRevision)
        .where(CaseRevision.case_id == case.id, CaseRevision.reason == REVISION_REASON)
        .order_by(CaseRevision.number.desc())
        .limit(1)
    )
    if changed is None:
        return None
    former = work.session.scalars(
        select(CaseRevision).where(CaseRevision.case_id == case.id, CaseRevision.number == changed.number - 1)
    ).one()
    was = open_content(work, case, former).get("patient") or {}
    born = birth_date_words(date.fromisoformat(was["birth_date"])) if was.get("birth_date") else ""
    return IdentityChange(
        who=name_of(work, changed.made_by),
        when=moment_words(changed.made_at, work.acting.time_zone),
        before=", ".join(part for part in (patient_name(was), born) if part),
    )


def corrected_since(work: Work, case: Case, at: datetime) -> PatientIdentityVersion | None:
    """Return the last correction of a case's patient made after that instant; None where there is none."""
    return work.session.scalar(
        select(PatientIdentityVersion)
        .where(
            PatientIdentityVersion.patient_id == case.patient_id,
            PatientIdentityVersion.reason == REASON,
            PatientIdentityVersion.changed_at > at,
        )
        .order_by(PatientIdentityVersion.version.desc())
        .limit(1)
    )


def _patient_of(work: Work, case: Case, lock: bool = False) -> Patient:
    patient = (
        work.session.get(Patient, case.patient_id, with_for_update=lock or None) if case.patient_id else None
    )
    if patient is None or patient.erased_at is not None:
        raise NotFound("Ce patient n’est plus connu de votre site.")
    return patient


def _checked(work: Work, traits: dict[str, Any]) -> dict[str, Any]:
    """The traits cleaned, or what is wrong with them by field."""
    today = local_today(work, work.acting.time_zone)
    patient = read(PatientTraits, traits, {"today": today})
    wrong = {
        path.removeprefix("patient."): words
        for path, words in faults(RequestContent(patient=patient), today).items()
        if path.startswith("patient.") and path != "patient.representative"
    }
    wrong |= {name: words for name, words in NEEDED.items() if not getattr(patient, name)}
    if wrong:
        raise InvalidInput(wrong)
    return {name: value for name, value in patient.model_dump(mode="json").items() if name != "id"}


def _changed_meanwhile(work: Work, patient: Patient) -> Conflict:
    row = work.session.scalars(
        select(PatientIdentityVersion).where(
            PatientIdentityVersion.patient_id == patient.id, PatientIdentityVersion.version == patient.version
        )
    ).one()
    holder = name_of(work, row.changed_by)
    return Conflict(
        "identity_changed",
        f"{holder} a changé cette identité entre-temps. Relisez-la, puis corrigez.",
        holder=holder,
        when=row.changed_at.isoformat(),
    )


def _open_cases(work: Work, patient: Patient) -> list[Case]:
    rows = work.session.scalars(
        select(Case)
        .where(
            Case.patient_id == patient.id,
            Case.state.in_([state.value for state in OPEN]),
            Case.erased_at.is_(None),
        )
        .order_by(Case.id)
        .with_for_update()
    )
    return list(rows)


def _show(work: Work, case: Case, traits: dict[str, Any]) -> int:
    """Write the identity into a new revision of an open case, and tell whoever works on it."""
    before = open_content(work, case, last_revision(work, case))
    patient = before["patient"] | identity_of(traits)
    if patient == before["patient"]:
        return 0
    content = RequestContent.model_validate(before | {"patient": patient})
    add_revision(work, case, content, REVISION_REASON)
    sealer = Sealer(work.system.cipher, case)
    summary = summary_of(content.model_dump(mode="json"))
    case.summary_sealed = sealer.seal(summary, "cases", case.id, "summary_sealed")
    copy_for_statistics(work, case, content)
    case.version += 1
    case.updated_at = work.now
    _tell(work, case)
    return 1


def _tell(work: Work, case: Case) -> None:
    told = [case.requester_id, case.claimed_by]
    if case.state == State.POOLED and case.pooled_by is not None:
        told += coordinators(work, case.pooled_by)
    announce(work, "identity_corrected", case, told)
    if case.state == State.SUBMITTED:
        announce_to_team(work, "identity_corrected", case)

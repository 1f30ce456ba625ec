"""Envoyer: a draft becomes a case, once, whatever is pressed twice, opened twice or answered too late.

What must be true before the acknowledgement: the request is complete, the patient agreed, every diagnostic picture is
held and verified. What happens in the one transaction: the patient is kept, the first revision is written, the number
is taken, the target is fixed and the deadlines begin, and the notices are in the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.identity_corrections import (
    STAYS_WITH_PATIENT,
    identity_of,
    is_other_person,
    traits_replaced,
)
from dermavis.domain.permissions import Permission
from dermavis.domain.requests import PatientTraits, RequestContent, fingerprint, read_request
from dermavis.domain.treating_doctor import with_objection
from dermavis.domain.watches import OWNERS
from dermavis.models import (
    Case,
    Network,
    Patient,
)
from dermavis.services.access import find_case, is_prepared
from dermavis.services.addressing import address, fix_target, target_of
from dermavis.services.awaiting_anew import hold_replaced, settle_replaced
from dermavis.services.coordinations import coordination_of
from dermavis.services.deadlines import open_time_later, set_deadlines
from dermavis.services.drafts import changed_elsewhere, local_today, open_draft, refuse_discarded, summary_of
from dermavis.services.further_use import respect_opposition
from dermavis.services.moves import move
from dermavis.services.notices import announce, announce_submission
from dermavis.services.patients import keep_patient, kept_record, read_identity
from dermavis.services.photo_course import wait_for_course
from dermavis.services.queue_watch import watch_queue
from dermavis.services.request_checks import check_complete, check_pictures
from dermavis.services.request_records import keep_lesions, record_consents
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.statistic_traits import copy_for_statistics
from dermavis.services.teams import coordinators
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


@dataclass(frozen=True)
class Receipt:
    """What the requester gets for a sent request; sending again returns the same."""

    case_id: UUID
    number: str
    state: str
    sent_at: datetime
    due_at: datetime | None


def send(work: Work, case_id: UUID, revision: int, told: object = None) -> Receipt:
    """Send the draft as it stands at ``revision``. Whoever sends what a secretary prepared is its requester.

    ``told`` is the content that the client has before it, where it says so. Sending again, from another tab or after a
    lost answer, returns the same receipt when the content is the same, and Conflict ``already_sent`` otherwise. Raises
    InvalidInput (fields; also where a request that was sent before is given to another patient, and where the centre
    waits for the photo course), PicturesPending, Conflict ``draft_changed``.
    """
    hold_replaced(work, case_id)
    case = find_case(work, case_id, Permission.CASE_SEND, lock=True)
    agrees = _says_the_same(work, case, told) if told is not None else case.draft_revision == revision
    if case.state != State.DRAFT:
        return _receipt_again(case, agrees)
    if case.draft_revision != revision or not agrees:
        raise changed_elsewhere(work, case)
    if is_prepared(work, case):
        case.requester_id = work.acting.person_id
    content = RequestContent.model_validate(open_draft(work, case))
    coordination = coordination_of(work, case.site_id, case.requester_id)
    again = case.number is not None
    check_complete(work, case, content, pooled=coordination is not None)
    check_pictures(work, case, content)
    if again:
        content = _stay_with_patient(work, case, content)
    content = _keep_patient_and_lesions(work, case, content)
    take_number(work, case)
    case.sent_at = case.sent_at or work.now
    case.keep_until = None
    add_revision(work, case, content, reason="sent_again" if again else "")
    unschedule(work, "draft_reminder", case_id=case.id)
    settle_replaced(work, case)
    # Told now, beside its field, while the patient is there; not to a coordinator who finds it hours later.
    target = target_of(work, case, content)
    if not again:
        wait_for_course(work, target.organization_id, content.urgency, case.specialty_id)
    if coordination is not None and content.urgency != "urgent":
        _pool(work, case, coordination)
    else:
        case.pooled_by = coordination
        fix_target(work, case, target)
        hand_in(work, case, Who.REQUESTER)
    return _receipt(case)


def receipt_of(work: Work, case_id: UUID) -> Receipt:
    """Return the receipt of a sent request, for another tab or after a lost answer. Raises NotFound, Discarded."""
    case = find_case(work, case_id)
    refuse_discarded(case)
    if case.number is None:
        raise NotFound
    return _receipt(case)


def submit(work: Work, case: Case, content: RequestContent, who: Who) -> None:
    """Hand the case to those who answer: the target is resolved, the expert's clock begins, the team is told."""
    address(work, case, content)
    hand_in(work, case, who)


def hand_in(work: Work, case: Case, who: Who) -> None:
    """Hand a case to the team whose it is to answer: the expert's clock begins, the team is told."""
    move(work, case, Transition.SUBMIT, who)
    case.submitted_at = work.now
    case.pool_waits = ""
    set_deadlines(work, case)
    unschedule(work, "pool_reminder", "pool_leave", case_id=case.id)
    watch_queue(work, case)
    announce_submission(work, case)


def _stay_with_patient(work: Work, case: Case, content: RequestContent) -> RequestContent:
    """Refuse another patient for what was sent before: revisions, lesions and consent are the first one's."""
    traits = content.patient.model_dump(mode="json")
    before = open_content(work, case, last_revision(work, case)).get("patient") or {}
    known = [before, read_identity(work, work.session.get_one(Patient, case.patient_id))]
    picked = kept_record(work, content.patient.id) if content.patient.id else None
    # A record picked beside the case's own is a twin's, or a second one of the same patient: every trait must agree.
    beside = picked is not None and picked.id != case.patient_id
    differs = traits_replaced if beside else is_other_person
    if all(differs(identity, traits) for identity in known):
        raise InvalidInput({"patient.birth_name": STAYS_WITH_PATIENT})
    if not beside:
        return content
    return content.model_copy(update={"patient": content.patient.model_copy(update={"id": case.patient_id})})


def _keep_patient_and_lesions(work: Work, case: Case, content: RequestContent) -> RequestContent:
    """Keep patient, lesions and consents; return the content with the identity as it is known now."""
    traits = content.patient.model_dump(mode="json")
    picked = content.patient.id or case.patient_id
    patient = keep_patient(work, traits, case.site_id, picked, begun_at=case.sent_at or case.created_at)
    case.patient_id = patient.id
    identity = read_identity(work, patient)
    known = with_objection(traits | identity_of(identity), identity)
    content = content.model_copy(update={"patient": PatientTraits.model_validate(known)})
    copy_for_statistics(work, case, content)
    work.session.flush()
    respect_opposition(work, case)
    work.session.flush()
    keep_lesions(work, case, content)
    record_consents(work, case, content)
    sealer = Sealer(work.system.cipher, case)
    summary = summary_of(content.model_dump(mode="json"))
    case.summary_sealed = sealer.seal(summary, "cases", case.id, "summary_sealed")
    return content


def take_number(work: Work, case: Case) -> None:
    """Give a case the next neutral number of its network; it keeps the one it has."""
    if case.number is not None:
        return
    network = work.session.get_one(Network, case.network_id, with_for_update=True)
    case.number = f"{network.number_prefix}-{network.next_number}"
    network.next_number += 1


def _pool(work: Work, case: Case, coordination: UUID) -> None:
    case.pooled_by = coordination
    case.pool_waits = ""
    move(work, case, Transition.POOL, Who.REQUESTER)
    watch = OWNERS[Machine.QUESTION][State.POOLED]
    schedule(work, "pool_reminder", open_time_later(work, case, watch.reminder), case_id=case.id)
    schedule(work, "pool_leave", open_time_later(work, case, watch.limit), case_id=case.id)
    announce(work, "pooled", case, coordinators(work, coordination))


def _says_the_same(work: Work, case: Case, told: object) -> bool:
    """Whether this is what the server holds of the draft, the phone's clock apart."""
    content = read_request(told, local_today(work, work.acting.time_zone))
    return fingerprint(content) == fingerprint(RequestContent.model_validate(open_draft(work, case)))


def _receipt_again(case: Case, agrees: bool) -> Receipt:
    refuse_discarded(case)
    if not agrees or case.number is None:
        raise Conflict(
            "already_sent",
            "Cette demande est déjà partie, avec un autre contenu. "
            "Pour ajouter quelque chose, choisissez « Compléter ».",
        )
    return _receipt(case)


def _receipt(case: Case) -> Receipt:
    return Receipt(
        case_id=case.id,
        number=case.number or "",
        state=case.state,
        sent_at=case.sent_at or case.updated_at,
        due_at=case.due_at,
    )

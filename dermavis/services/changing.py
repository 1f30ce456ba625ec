"""After sending: a request is completed by a numbered revision, cancelled, or sent elsewhere when it was declined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State, Transition, Who
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.request_photos import PhotoQuality
from dermavis.domain.requests import RequestContent, fingerprint, read_request
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.specialty import answer_problem, reasons_for
from dermavis.domain.specialty_answer_schema import Occasion, Reason
from dermavis.domain.text import clean
from dermavis.domain.wording import at_words
from dermavis.models import Case, CaseRevision, Photo, PhotoFile
from dermavis.services.access import find_case
from dermavis.services.child_links import hold_children
from dermavis.services.claiming import check_reason
from dermavis.services.conversation import end_wait
from dermavis.services.drafts import local_today, summary_of
from dermavis.services.entered_in_error import mark_children
from dermavis.services.moves import move, write_text
from dermavis.services.names import name_of
from dermavis.services.notices import announce, announce_to_team
from dermavis.services.request_checks import missing_labels
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.schedule import unschedule
from dermavis.services.second_opinion_links import AWAITED
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

TIMERS = (
    "draft_reminder",
    "queue_reminder",
    "idle_claim",
    "claim_reminder",
    "hold_reminder",
    "hold_return",
    "pool_reminder",
    "pool_leave",
    "declined_reminder",
    "second_opinion_late",
)

WRONG_PATIENT = "wrong_patient"
"""The reason that makes an answer to a second opinion dangerous too."""


def complete(
    work: Work, case_id: UUID, changes: dict[str, Any], from_revision: int, why: str = ""
) -> CaseRevision:
    """Add to a sent request: a new revision with these parts of the content replaced, and why in a line.

    What was sent keeps its identity: patient, consent and addressing do not change here. The same content again makes
    no revision. Raises InvalidInput, and Conflict ``request_changed`` when a later revision exists.
    """
    case = find_case(work, case_id, Permission.CASE_COMPLETE, lock=True)
    last = last_revision(work, case)
    before = open_content(work, case, last)
    merged = before | {name: changes[name] for name in COMPLETABLE & changes.keys()}
    content = read_request(merged, local_today(work, work.acting.time_zone))
    _check_answers(work, case, before, content)
    if bytes.fromhex(fingerprint(content)) == last.fingerprint:
        return last
    if last.number != from_revision:
        raise Conflict(
            "request_changed",
            f"Complétée entre-temps par {name_of(work, last.made_by)} "
            f"{at_words(last.made_at, work.now, work.acting.time_zone)}. Vos deux textes sont gardés.",
            holder=name_of(work, last.made_by),
            when=last.made_at.isoformat(),
        )
    _check_photos(work, case, content)
    return write_completion(work, case, content, "completed", _why(why))


LONGEST_WHY = 300

COMPLETABLE = frozenset(
    {"history", "hypothesis", "question", "without_opinion", "contact", "photos", "lesions"}
)
"""Parts of the content that may be completed after sending."""


def write_completion(
    work: Work, case: Case, content: RequestContent, reason: str, why: str = ""
) -> CaseRevision:
    """Write a new revision of a sent request, renew what lists show, and tell the other side: it ends a wait."""
    row = add_revision(work, case, content, reason)
    if why:
        write_text(work, case, "revision", why, row.id)
    summary = summary_of(content.model_dump(mode="json"))
    case.summary_sealed = Sealer(work.system.cipher, case).seal(summary, "cases", case.id, "summary_sealed")
    if case.state == State.POOLED:
        case.to_complete = missing_labels(work, case, content)
    case.version += 1
    case.updated_at = work.now
    if case.state == State.ON_HOLD:
        end_wait(work, case)
    elif case.claimed_by is not None:
        announce(work, "completed", case, [case.claimed_by])
    return row


def add_photos(
    work: Work, case_id: UUID, photo_ids: Sequence[UUID], wanting: Mapping[UUID, PhotoQuality] | None = None
) -> CaseRevision:
    """Add pictures that came after sending to the request, as a new revision; those it has already change nothing.

    ``wanting``: what the phone found in those that were kept all the same. Raises InvalidInput for a picture that is
    not this case's, or not verified yet.
    """
    case = find_case(work, case_id, Permission.CASE_COMPLETE, lock=True)
    before = open_content(work, case, last_revision(work, case))
    known = {photo["id"] for photo in before["photos"]}
    rows = {
        row.id: row
        for row in work.session.scalars(
            select(Photo).where(
                Photo.case_id == case.id, Photo.id.in_(photo_ids), Photo.withdrawn_at.is_(None)
            )
        )
    }
    added = []
    for photo_id in dict.fromkeys(photo_ids):
        if photo_id not in rows:
            raise InvalidInput({"photos": "Cette photo n’appartient pas à cette demande."})
        if str(photo_id) not in known:
            row = rows[photo_id]
            lesion = str(row.lesion_id) if row.lesion_id else None
            digest = work.session.scalar(
                select(PhotoFile.sent_sha256)
                .where(PhotoFile.photo_id == photo_id, PhotoFile.sent_sha256.is_not(None))
                .order_by(PhotoFile.role)
                .limit(1)
            )
            sha256 = digest.hex() if digest else None
            found = (wanting or {}).get(photo_id)
            added.append(
                {"id": str(photo_id), "lesion": lesion, "view": row.view, "skipped": None, "sha256": sha256}
                | ({"quality": found.model_dump()} if found else {})
            )
    changes = {"photos": [*before["photos"], *added]}
    return complete(work, case_id, changes, last_revision(work, case).number)


def cancel(work: Work, case_id: UUID, reason: str, words: str = "") -> Case:
    """Cancel a request that was not answered yet; whoever had it, or the team it lay with, is told.

    Of a declined one the reason says what was done for the patient instead. Cancelling twice changes nothing.
    """
    case = find_case(work, case_id, Permission.CASE_READ, lock=True)
    if case.state == State.CANCELLED:
        return case
    case = find_case(work, case_id, Permission.CASE_CANCEL, lock=True)
    check_reason(work, case, _occasion(case), reason, words)
    _cancel(work, case, reason, words.strip())
    cancel_second_opinions(work, case, reason)
    if reason == WRONG_PATIENT:
        # What was answered meanwhile is about somebody else.
        mark_children(work, case, reason)
    return case


def cancel_second_opinions(work: Work, case: Case, reason: str, words: str = "") -> None:
    """Cancel what is still awaited for a case that is locked: nobody is left to read it; its team is told."""
    for second in hold_children(work, case, SECOND_OPINION):
        if second.state in AWAITED:
            _cancel(work, second, reason, words, on_behalf_of=second.requester_id)


def _cancel(work: Work, case: Case, reason: str, words: str, on_behalf_of: UUID | None = None) -> None:
    waited = case.state == State.SUBMITTED
    if case.state == State.ON_HOLD:
        case.held_at = None
    move(work, case, Transition.CANCEL, Who.REQUESTER, reason=reason, words=words, on_behalf_of=on_behalf_of)
    unschedule(work, *TIMERS, case_id=case.id)
    if waited:
        announce_to_team(work, "cancelled", case)
    else:
        announce(work, "cancelled", case, [case.claimed_by])


def cancel_reasons(work: Work, case: Case) -> list[Reason]:
    """Return the coded reasons that may be given for cancelling a request where it stands."""
    return reasons_for(work.system.specialty(case.specialty_id, case.specialty_version), _occasion(case))


def _occasion(case: Case) -> Occasion:
    return "instead" if case.state == State.DECLINED else "cancel"


def _why(text: str) -> str:
    words = clean(text)
    if len(words) > LONGEST_WHY:
        raise InvalidInput({"why": f"{LONGEST_WHY} caractères au plus."})
    return words


def _check_answers(work: Work, case: Case, before: dict[str, Any], content: RequestContent) -> None:
    """Answers that were changed must be answers; what was sent as it stood is left alone."""
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    questions = {question.id: question for question in specialty.questions}
    sent = {lesion["id"]: lesion.get("history", {}) for lesion in before.get("lesions") or []}
    parts = [("history", content.history, before["history"])] + [
        (f"lesions.{place}.history", lesion.history, sent.get(str(lesion.id), {}))
        for place, lesion in enumerate(content.lesions)
    ]
    errors = {}
    for part, answers, known in parts:
        for name, answer in answers.items():
            given = answer.model_dump(mode="json")
            if name in questions and given != known.get(name):
                problem = answer_problem(questions[name], given)
                if problem:
                    errors[f"{part}.{name}"] = problem
    if errors:
        raise InvalidInput(errors)


def _check_photos(work: Work, case: Case, content: RequestContent) -> None:
    rows = {row.id: row for row in work.session.scalars(select(Photo).where(Photo.case_id == case.id))}
    for place, photo in enumerate(content.photos):
        row = rows.get(photo.id)
        if not photo.skipped and (row is None or row.state != "ready"):
            raise InvalidInput({f"photos.{place}": "Cette photo n’est pas encore reçue et vérifiée."})
        if row is not None:
            row.position = place

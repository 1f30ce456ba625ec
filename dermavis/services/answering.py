"""The opinion: written by one expert, saved at every change, signed once, changed only by a new signed version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from dermavis.domain.amendments import check_amendment, text_to_amend
from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.opinions import OpinionContent, check_signable, is_empty, read_opinion, settled
from dermavis.domain.permission_grounds import ANSWERED_STATES
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import at_words
from dermavis.models import Case, Opinion
from dermavis.services.access import find_case
from dermavis.services.names import name_of
from dermavis.services.opinion_drafts import give_number, new_draft, seal_opinion, write_text_of
from dermavis.services.opinion_owners import draft_for_actor, own_draft
from dermavis.services.opinion_versions import is_leaving, last_signed, open_opinion
from dermavis.services.referring import as_chosen, check_as_seen, check_referral, without_referral
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.signing import apply_signature
from dermavis.services.work import Work

STILL_LEAVING = "L’avis vient d’être signé\u00a0: annulez la signature, ou attendez qu’il soit parti."
REQUEST_CHANGED = "La demande a été complétée entre-temps\u00a0: relisez-la, puis signez."


@dataclass(frozen=True)
class Prepared:
    """Who wrote the text of somebody else that the actor may use, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class DraftOpinion:
    """The opinion being written. ``revision`` 0: the actor saved nothing yet.

    ``prepared``: the content is a colleague's, written for the actor. ``newer``: a colleague wrote one since.
    """

    revision: int = 0
    content: OpinionContent = field(default_factory=OpinionContent)
    prepared: Prepared | None = None
    newer: Prepared | None = None


def draft_of(work: Work, case: Case) -> DraftOpinion:
    """Return what the actor is writing on the case; before they wrote, what was prepared for them, or nothing.

    On an answered case it is the next version: what the actor wrote of it, or the signed text.
    """
    signed = last_signed(work, case)
    if signed is not None:
        return _next_version_of(work, case, signed)
    own, other = own_draft(work, case), draft_for_actor(work, case)
    theirs = without_referral(open_opinion(work, case, other)) if other else OpinionContent()
    prepared = Prepared(name_of(work, other.prepared_by), other.updated_at) if other else None
    if is_empty(theirs):
        prepared = None
    if own is None:
        return DraftOpinion(content=theirs, prepared=prepared) if prepared else DraftOpinion()
    newer = prepared if prepared and prepared.at > own.updated_at else None
    return DraftOpinion(own.draft_revision, open_opinion(work, case, own), newer=newer)


def prepared_text(work: Work, case: Case) -> OpinionContent:
    """Return what a colleague wrote for the actor, to be held beside their own. Raises NotFound."""
    other = draft_for_actor(work, case)
    if other is None:
        raise NotFound
    return without_referral(open_opinion(work, case, other))


def is_amending(work: Work, case: Case) -> bool:
    """Whether the actor has begun the next version of a signed opinion."""
    signed, own = last_signed(work, case), own_draft(work, case)
    return signed is not None and own is not None and _began_after(own, signed)


def save_draft(work: Work, case_id: UUID, raw: dict[str, Any], from_revision: int) -> int:
    """Save the opinion that the actor is writing and return its new revision.

    Raises InvalidInput, and Conflict: ``opinion_changed`` when it was saved (in another tab) since ``from_revision``,
    ``opinion_leaving`` when the last signature may still be taken back.
    """
    case = _case_to_write(work, case_id)
    content = as_chosen(work, case, read_opinion(raw))
    row = own_draft(work, case) or new_draft(work, case)
    if row.draft_revision != from_revision:
        if row.draft_revision and open_opinion(work, case, row) == content:
            return row.draft_revision
        raise _written_elsewhere(work, row)
    return write_text_of(work, case, row, content)


def begin_anew(work: Work, case_id: UUID) -> int:
    """Leave aside what was prepared for the actor: their own opinion begins empty. Return its revision."""
    case = find_case(work, case_id, Permission.OPINION_PREPARE, lock=True)
    content = as_chosen(work, case, OpinionContent())
    return write_text_of(work, case, own_draft(work, case) or new_draft(work, case), content)


def take_prepared(work: Work, case_id: UUID) -> int:
    """Put what was prepared for the actor in place of their own text. Return its revision. Raises NotFound."""
    case = find_case(work, case_id, Permission.OPINION_PREPARE, lock=True)
    other = draft_for_actor(work, case)
    if other is None:
        raise NotFound
    content = as_chosen(work, case, open_opinion(work, case, other))
    return write_text_of(work, case, own_draft(work, case) or new_draft(work, case), content)


def drop_amendment(work: Work, case_id: UUID) -> Case:
    """Give up the version that the actor has begun: the signed one stays in force."""
    case = find_case(work, case_id, Permission.OPINION_CORRECT, lock=True)
    row, signed = own_draft(work, case), last_signed(work, case)
    if row is not None and signed is not None and _began_after(row, signed):
        work.session.delete(row)
    return case


def sign(
    work: Work,
    case_id: UUID,
    raw: dict[str, Any],
    seen_revision: int,
    seen_version: int = 0,
    from_revision: int | None = None,
    seen_referral: UUID | None = None,
) -> Opinion:
    """Sign the opinion, or, on an answered case, the version that replaces the last one; it leaves 20 seconds later.

    ``seen_revision`` is the request's revision, ``seen_version`` the signed version (0: none) that the signer has
    before them, ``from_revision`` the draft's revision that they wrote on, with ``seen_referral``, the case that their
    page says it begins elsewhere (a later version keeps what was signed). A second signature of the same content
    answers the same. Raises InvalidInput when something mandatory is missing, the call of an emergency or admission
    included, and Conflict: ``request_changed`` when the request was completed since, ``opinion_changed`` when the
    draft was saved elsewhere since, ``referral_changed`` when it goes elsewhere than their page says,
    ``newer_opinion`` when a colleague signed since, ``opinion_leaving`` when the last
    signature may still be taken back.
    """
    case = find_case(work, case_id, Permission.OPINION_READ, lock=True)
    content = as_chosen(work, case, settled(read_opinion(raw)))
    signed = last_signed(work, case)
    if signed is None:
        content = content.model_copy(update={"amends": "", "amends_why": ""})
    elif signed.signed_by == work.acting.person_id and open_opinion(work, case, signed) == content:
        return signed
    find_case(work, case_id, _to_sign(case), lock=True)
    if signed is not None:
        _check_replaceable(work, signed, seen_version)
        check_amendment(content)
    revision = last_revision(work, case)
    if revision.number != seen_revision:
        raise Conflict("request_changed", REQUEST_CHANGED, when=revision.made_at.isoformat())
    if from_revision is not None:
        _check_unwritten(work, case, content, from_revision)
        if signed is None:
            check_as_seen(content, seen_referral)
    lesions = [UUID(lesion["id"]) for lesion in open_content(work, case, revision).get("lesions", [])]
    check_signable(content, lesions, work.system.specialty(case.specialty_id, case.specialty_version))
    if signed is None:
        check_referral(work, case, content)
    row = own_draft(work, case) or new_draft(work, case)
    row.content_sealed = seal_opinion(work, case, row.id, content)
    row.draft_revision += 1
    give_number(work, case, row)
    apply_signature(work, case, row, content)
    return row


def _check_unwritten(work: Work, case: Case, content: OpinionContent, from_revision: int) -> None:
    """Nothing else was saved since: a signature puts no text of another screen aside unread."""
    row = own_draft(work, case)
    if row is not None and row.draft_revision != from_revision and open_opinion(work, case, row) != content:
        raise _written_elsewhere(work, row)


def _written_elsewhere(work: Work, row: Opinion) -> Conflict:
    """The draft is the actor's alone: somewhere else is another of their own screens."""
    when = at_words(row.updated_at, work.now, work.acting.time_zone)
    return Conflict(
        "opinion_changed",
        f"Modifié sur un autre appareil par {name_of(work, row.prepared_by)} {when}. Vos deux textes sont "
        "gardés\u00a0: choisissez.",
        holder=name_of(work, row.prepared_by),
        when=row.updated_at.isoformat(),
    )


def _case_to_write(work: Work, case_id: UUID) -> Case:
    """The case whose opinion, or next version, the actor writes. Raises NotFound and Forbidden.

    Raises Conflict ``opinion_leaving`` in the seconds in which a signature may be taken back: what is taken back must
    be the text that its writer finds again.
    """
    case = find_case(work, case_id, lock=True)
    if case.state not in ANSWERED_STATES:
        return find_case(work, case_id, Permission.OPINION_PREPARE, lock=True)
    find_case(work, case_id, Permission.OPINION_CORRECT, lock=True)
    signed = last_signed(work, case)
    if signed is not None:
        _check_left(work, signed)
    return case


def _to_sign(case: Case) -> Permission:
    return Permission.OPINION_CORRECT if case.state in ANSWERED_STATES else Permission.OPINION_SIGN


def _check_replaceable(work: Work, signed: Opinion, seen_version: int) -> None:
    _check_left(work, signed)
    if signed.version != seen_version:
        holder = name_of(work, signed.signed_by)
        raise Conflict(
            "newer_opinion",
            f"{holder} a signé la version {signed.version} de cet avis entre-temps\u00a0: lisez-la d’abord.",
            holder=holder,
            when=signed.signed_at.isoformat() if signed.signed_at else None,
        )


def _check_left(work: Work, signed: Opinion) -> None:
    if is_leaving(work, signed):
        raise Conflict("opinion_leaving", STILL_LEAVING)


def _next_version_of(work: Work, case: Case, signed: Opinion) -> DraftOpinion:
    own = own_draft(work, case)
    begun = own is not None and _began_after(own, signed)
    text = open_opinion(work, case, own) if own is not None and begun else None
    return DraftOpinion(
        own.draft_revision if own is not None else 0,
        text or text_to_amend(open_opinion(work, case, signed)),
    )


def _began_after(own: Opinion, signed: Opinion) -> bool:
    """A text from before the signature is none of the next version's."""
    return signed.signed_at is not None and own.updated_at >= signed.signed_at

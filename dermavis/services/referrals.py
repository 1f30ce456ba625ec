"""A signed opinion has left: its request goes up to the centre that was chosen with it, as a case of its own.

The requester of the first is the requester of the second; the first ends by its own opinion. The centre that it goes to
reads that opinion as a text of its own case, and each version that replaces it.
"""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.case_states import State, Who
from dermavis.domain.permission_facts import ActorFacts
from dermavis.domain.referrals import FIRST_OPINION, REFERRAL, Referral
from dermavis.models import Case, Opinion, Organization, Person
from dermavis.services.addressing import address_to_team
from dermavis.services.child_cases import Child, begin_child, content_for
from dermavis.services.copied_pictures import Copy, copy_pictures
from dermavis.services.moves import write_text
from dermavis.services.names import full_name
from dermavis.services.notices import announce
from dermavis.services.opinion_versions import in_force, open_opinion
from dermavis.services.photo_files import forget_files
from dermavis.services.referral_links import opinions_brought, referral_of
from dermavis.services.referring import asked_of
from dermavis.services.reports import report_text
from dermavis.services.sending import hand_in
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading, writing

STOPPED = frozenset({State.CANCELLED, State.ENTERED_IN_ERROR})


def leave(system: System, case_id: UUID) -> None:
    """Timer ``referral_leaves``, in transactions of its own: begin the case elsewhere, or bring it the new opinion.

    It is said by whoever signed. Twice is once: the case's id was chosen before.
    """
    key = system.cipher.new_key()
    with reading(system) as work:
        case, opinion, referral = _to_leave(work, case_id)
        if case is None or opinion is None or referral is None:
            return
        actor = _signer(work, case, opinion)
        copies: list[Copy] = []
        if referral_of(work, case) is None:
            # Read and sealed anew outside the writing transaction: it waits for the disk.
            copies = copy_pictures(work, case, referral.photos, Sealer.under(system.cipher, key))
    kept = False
    try:
        with writing(system, actor) as work:
            work.session.get(Case, case_id, with_for_update=True)
            case, opinion, referral = _to_leave(work, case_id)
            if case is not None and opinion is not None and referral is not None:
                child = referral_of(work, case)
                kept = child is None
                if child is None:
                    child = _begin(work, case, referral, key, copies)
                _bring_opinion(work, case, child, opinion)
    finally:
        if not kept:
            forget_files(system, [file.store_key for copy in copies for file in copy.files])


def _to_leave(work: Work, case_id: UUID) -> tuple[Case | None, Opinion | None, Referral | None]:
    """The case, the version of its opinion that has left, and where it goes; None for what is none (any more)."""
    case = work.session.get(Case, case_id)
    if case is None or case.erased_at is not None or case.state in STOPPED:
        return None, None, None
    opinion = in_force(work, case)
    return case, opinion, open_opinion(work, case, opinion).referral if opinion is not None else None


def _signer(work: Work, case: Case, opinion: Opinion) -> Actor:
    """Who signed, without any right: what they may do was looked at when they did."""
    person = work.session.get_one(Person, opinion.signed_by)
    place = work.session.get_one(Organization, opinion.organization_id)
    facts = ActorFacts(person.id, place.id, case.network_id, frozenset())
    return Actor(facts=facts, name=full_name(person), time_zone=place.time_zone)


def _begin(work: Work, case: Case, referral: Referral, key: bytes, copies: list[Copy]) -> Case:
    content = content_for(work, case, asked_of(referral), copies)
    new = Child(REFERRAL, referral.id, key, case.site_id, case.requester_id, case.pooled_by)
    child = begin_child(work, case, new, content, copies)
    address_to_team(work, child, referral.team, f"Adressée par {work.acting.name}, avec un premier avis.")
    hand_in(work, child, Who.REQUESTER)
    work.audit(
        "case.referral",
        case_id=case.id,
        subject_kind="case",
        subject_id=child.id,
        agreed=referral.agreed,
        photos=len(copies),
    )
    announce(work, "referred", child, [child.requester_id])
    return child


def _bring_opinion(work: Work, case: Case, child: Case, opinion: Opinion) -> None:
    """The opinion as its requester reads it, for the centre that answers next; it is told of a later version."""
    if child.erased_at is not None or child.state in STOPPED:
        return
    known = opinions_brought(work, child)
    if opinion.id in known:
        return
    row = write_text(work, child, FIRST_OPINION, report_text(work, case, opinion), opinion.id)
    work.audit("case.first_opinion", case_id=child.id, subject_kind="opinion", subject_id=row.subject_id)
    if known:
        announce(work, "first_opinion_changed", child, [child.claimed_by])

"""Who has the case: claimed by one expert, given back, handed over, declined. The first wins, the second is told."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dermavis.domain.case_states import HELD, Machine, State, Transition, Who
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.specialty import reasons_for
from dermavis.domain.specialty_answer_schema import Occasion
from dermavis.domain.watches import OWNERS, Wait
from dermavis.models import Case, DueRow, Organization
from dermavis.services.access import find_case
from dermavis.services.charters import charter_of
from dermavis.services.claim_watch import watch_claim
from dermavis.services.confiding import check_colleague, confided
from dermavis.services.deadlines import end_pause, open_time_later
from dermavis.services.moves import move
from dermavis.services.names import name_of
from dermavis.services.notices import announce, announce_to_team
from dermavis.services.promise_watch import is_untold, tell_now
from dermavis.services.queue_watch import watch_queue
from dermavis.services.referral_links import tell_referring
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.second_opinion_links import awaited, check_none_awaited, follow_holder
from dermavis.services.teams import who_is_in_team
from dermavis.services.work import Work

OF_A_CLAIM = ("idle_claim", "claim_reminder", "hold_reminder", "hold_return")
"""What waits for the holder of a case, and ends with their claim."""


def claim(work: Work, case_id: UUID) -> Case:
    """Take a submitted case to answer it for the acting organisation. Claiming again what is one's own changes nothing.

    Raises Conflict ``already_claimed`` with the holder's name, and LifecycleError when it can no longer be claimed.
    """
    case = find_case(work, case_id, Permission.CASE_CLAIM, lock=True)
    me = work.acting.person_id
    if case.claimed_by == me and case.state in HELD:
        return case
    if case.claimed_by is not None and case.state in HELD:
        raise _taken(work, case)
    untold = is_untold(work, case)
    move(work, case, Transition.CLAIM, Who.EXPERT)
    _give_to(work, case, me)
    unschedule(work, "queue_reminder", case_id=case.id)
    if untold:
        tell_now(work, case)
    announce(work, "claimed", case, [case.requester_id])
    return case


def release(work: Work, case_id: UUID, quietly: bool = False) -> Case:
    """Give a case back to the queue it came from; ``quietly`` when nobody had time to notice that it was taken."""
    case = find_case(work, case_id, Permission.CASE_RELEASE, lock=True)
    give_back(work, case, Who.EXPERT)
    if not quietly:
        announce_to_team(work, "returned_to_queue", case)
    return case


def release_idle(work: Work, row: DueRow) -> None:
    """Timer ``idle_claim``: a claim on which nothing happened returns to the queue, and its holder is told.

    Who waits for a second opinion is not idle, and keeps it as long as they answer here.
    """
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.CLAIMED:
        return
    still_here = case.claimed_by in {person.id for person in who_is_in_team(work, case)}
    if still_here and awaited(work, case) is not None:
        wait = OWNERS[Machine.QUESTION][State.CLAIMED].limit
        schedule(work, "idle_claim", open_time_later(work, case, wait), case_id=case.id)
    else:
        holder = case.claimed_by
        give_back(work, case, Who.SYSTEM)
        announce(work, "claim_released", case, [holder])
        announce_to_team(work, "returned_to_queue", case)


def release_all_of(work: Work, person_id: UUID) -> None:
    """Give back everything that a person holds, who will not come back to it; their teams are told."""
    held = select(Case).where(Case.claimed_by == person_id, Case.state.in_(HELD))
    for case in work.session.scalars(held.order_by(Case.id).with_for_update()).all():
        give_back(work, case, Who.SYSTEM)
        announce_to_team(work, "returned_to_queue", case)


def keep_claim(work: Work, case: Case) -> None:
    """Something was done on a claimed case: it returns to the queue only after the charter's hours without anything.

    They count while somebody is there: who claims in the evening does not lose the case at night.
    """
    charter = charter_of(
        work, case.executing_organization_id or work.acting.organization_id, case.specialty_id
    )
    wait = Wait(charter.idle_claim_hours, in_opening_hours=True)
    schedule(work, "idle_claim", open_time_later(work, case, wait, charter.hours), case_id=case.id)
    watch_claim(work, case)


def hand_over(work: Work, case_id: UUID, person_id: UUID, words: str = "") -> Case:
    """Give a claimed case to a colleague of its team who may sign, or back to who confided it; its deadlines stay.

    Raises InvalidInput, for somebody who is away too: their substitute is named then.
    """
    case = find_case(work, case_id, Permission.CASE_HAND_OVER, lock=True)
    check_colleague(work, case, person_id)
    giver = confided(work, case)
    move(work, case, Transition.HAND_OVER, Who.EXPERT, words=words.strip())
    _give_to(work, case, person_id)
    if case.expert_id is not None:
        case.expert_id = person_id
    given_back = giver is not None and giver.by == person_id
    announce(work, "handed_back" if given_back else "handed_over", case, [person_id])
    return case


def decline(work: Work, case_id: UUID, reason: str, words: str = "") -> Case:
    """Decline a case, claimed or still in the queue, with a coded reason of the specialty and a word of advice.

    The requester is told and chooses what next. Raises InvalidInput.
    """
    case = find_case(work, case_id, Permission.CASE_DECLINE, lock=True)
    check_none_awaited(work, case)
    check_reason(work, case, "decline", reason, words)
    move(work, case, Transition.DECLINE, Who.EXPERT, reason=reason, words=words.strip())
    end_pause(work, case)
    unschedule(work, "queue_reminder", *OF_A_CLAIM, case_id=case.id)
    watch = OWNERS[Machine.QUESTION][State.DECLINED]
    schedule(work, "declined_reminder", work.now + watch.reminder.duration, case_id=case.id)
    announce(work, "declined", case, [case.requester_id])
    tell_referring(work, case)
    return case


def check_reason(work: Work, case: Case, occasion: Occasion, reason: str, words: str) -> None:
    """Raise InvalidInput unless the specialty knows this reason for this occasion, with words where it wants them."""
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    known = {row.id: row for row in reasons_for(specialty, occasion)}
    if reason not in known:
        raise InvalidInput({"reason": "Choisissez un motif."})
    if known[reason].needs_text and not words.strip():
        raise InvalidInput({"words": "Précisez en quelques mots."})


def _give_to(work: Work, case: Case, person_id: UUID) -> None:
    if case.centre_id != work.acting.organization_id:
        raise Forbidden
    case.claimed_by = person_id
    case.claimed_at = work.now
    follow_holder(work, case)
    case.executing_organization_id = work.acting.organization_id
    if case.state == State.CLAIMED:
        keep_claim(work, case)


def give_back(work: Work, case: Case, who: Who) -> None:
    """Take a case from its holder: it lies in the queue again, its pause over and its clock running."""
    untold = is_untold(work, case)
    move(work, case, Transition.RELEASE, who)
    end_pause(work, case)
    case.claimed_by = None
    case.claimed_at = None
    case.executing_organization_id = None
    unschedule(work, *OF_A_CLAIM, case_id=case.id)
    watch_queue(work, case)
    if untold:
        tell_now(work, case)


def _taken(work: Work, case: Case) -> Conflict:
    zone = ZoneInfo(work.session.get_one(Organization, work.acting.organization_id).time_zone)
    since = case.claimed_at.astimezone(zone) if case.claimed_at else None
    hour = f" à {since.hour} h {since.minute:02d}" if since else ""
    holder = name_of(work, case.claimed_by)
    return Conflict(
        "already_claimed",
        f"{holder} a pris cette demande{hour}.",
        holder=holder,
        when=case.claimed_at.isoformat() if case.claimed_at else None,
    )

"""The expert chooses, beside the opinion that they write, to which other centre the request goes with it.

The choice is kept with the draft and signed with it; nothing leaves before the opinion does (``referrals``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.fields import read
from dermavis.domain.opinions import OpinionContent
from dermavis.domain.permissions import Permission
from dermavis.domain.referrals import Referral
from dermavis.models import Case, Organization, Team
from dermavis.services.access import find_case
from dermavis.services.charters import charter_of
from dermavis.services.child_cases import Asked, centres_to_ask, check_asked
from dermavis.services.deadlines import promised
from dermavis.services.offers import Offers
from dermavis.services.opinion_drafts import new_draft, write_text_of
from dermavis.services.opinion_owners import draft_for_actor, own_draft
from dermavis.services.opinion_versions import last_signed, open_opinion
from dermavis.services.work import Work


@dataclass(frozen=True)
class Chosen:
    """What goes with the opinion: to which centre, and by when it would answer. ``id`` is the new case's."""

    id: UUID
    centre: str
    due_at: datetime
    referral: Referral


def centres_above(work: Work, case_id: UUID) -> Offers:
    """Return the centres to which a case that the actor answers may be referred, and those to which it may not."""
    return centres_to_ask(work, find_case(work, case_id, Permission.CASE_REFER))


def choose_referral(work: Work, case_id: UUID, asked: Asked) -> None:
    """Keep with the actor's draft where the request goes once it is signed. Raises InvalidInput by field."""
    case = find_case(work, case_id, Permission.CASE_REFER, lock=True)
    check_asked(work, case, asked)
    before = _chosen(work, case)
    referral = read(
        Referral,
        {
            "id": before.id if before is not None else uuid4(),
            "team": asked.team_id,
            "question": asked.question,
            "urgency": asked.urgency,
            "photos": list(asked.photo_ids),
            "agreed": asked.agreed,
        },
        {},
    )
    _keep(work, case, referral)


def drop_referral(work: Work, case_id: UUID) -> None:
    """The opinion goes to its requester alone again. Twice changes nothing."""
    case = find_case(work, case_id, Permission.CASE_REFER, lock=True)
    if _chosen(work, case) is not None:
        _keep(work, case, None)


def chosen_by_actor(work: Work, case: Case) -> Chosen | None:
    """Return where the opinion that the actor writes sends its request; None where it goes nowhere else."""
    referral = _chosen(work, case)
    team = work.session.get(Team, referral.team) if referral is not None else None
    if referral is None or team is None:
        return None
    centre = work.session.get_one(Organization, team.organization_id)
    due_at, _ = promised(work, charter_of(work, centre.id, case.specialty_id), referral.urgency, work.now)
    return Chosen(referral.id, centre.short_name or centre.name, due_at, referral)


def as_chosen(work: Work, case: Case, content: OpinionContent) -> OpinionContent:
    """The text as it is kept: with the referral that its writer chose, or that was signed; a form says none."""
    return content.model_copy(update={"referral": _chosen(work, case)})


def without_referral(content: OpinionContent) -> OpinionContent:
    """The text of somebody else: what they knew of the patient's agreement is not for another to say."""
    return content.model_copy(update={"referral": None})


def check_as_seen(content: OpinionContent, seen: UUID | None) -> None:
    """Raise Conflict ``referral_changed`` unless the page said where the request goes with this signature."""
    if (content.referral.id if content.referral is not None else None) != seen:
        raise Conflict(
            "referral_changed",
            "L’adressage à un autre centre a changé sur un autre écran\u00a0: rechargez la page, puis signez.",
        )


def check_referral(work: Work, case: Case, content: OpinionContent) -> None:
    """Raise InvalidInput for ``referral`` when what was chosen can no longer go there as it was chosen."""
    referral = content.referral
    if referral is None:
        return
    try:
        check_asked(work, case, asked_of(referral))
    except InvalidInput as refusal:
        why = " ".join(refusal.errors.values())
        raise InvalidInput({"referral": f"L’autre centre est à choisir de nouveau. {why}"}) from None


def asked_of(referral: Referral) -> Asked:
    """Return what a referral asks, as any centre is asked."""
    return Asked(referral.team, referral.question, referral.urgency, tuple(referral.photos), referral.agreed)


def _chosen(work: Work, case: Case) -> Referral | None:
    row = last_signed(work, case) or own_draft(work, case)
    return open_opinion(work, case, row).referral if row is not None else None


def _keep(work: Work, case: Case, referral: Referral | None) -> None:
    # Where the actor has written nothing, the text before them is a colleague's, and becomes theirs.
    own = own_draft(work, case)
    begun = own or draft_for_actor(work, case)
    content = open_opinion(work, case, begun) if begun is not None else OpinionContent()
    write_text_of(work, case, own or new_draft(work, case), content.model_copy(update={"referral": referral}))

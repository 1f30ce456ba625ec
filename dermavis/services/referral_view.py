"""A case and the one it was referred to, as each shows the other: linked for their requester, not for the centres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from dermavis.domain.case_states import State, state_seen
from dermavis.domain.permissions import Permission
from dermavis.domain.referrals import REFERRAL, Referral
from dermavis.domain.text import towards
from dermavis.domain.wording import at_words
from dermavis.models import Case, Organization, Team
from dermavis.services.access import may
from dermavis.services.child_links import parent_of
from dermavis.services.names import name_of
from dermavis.services.opinion_versions import in_force, last_signed, open_opinion, sees_leaving
from dermavis.services.promises import Promises
from dermavis.services.referral_links import first_opinion_text, referral_of
from dermavis.services.work import Work


@dataclass(frozen=True)
class ReferredTo:
    """Where a request went with its opinion. ``href`` is empty for who does not read that case, or before it leaves."""

    title: str
    tone: str
    icon: str
    lines: tuple[str, ...]
    number: str = ""
    href: str = ""


@dataclass(frozen=True)
class ReferredFrom:
    """Whence a request was referred, and by whom. ``opinion``: the text that the first centre gave, for the second."""

    number: str
    href: str
    expert: str
    centre: str
    opinion: str


def referred_to(work: Work, case: Case) -> ReferredTo | None:
    """Return where a case was referred and how it stands there, never what is answered; None where it was not."""
    child = referral_of(work, case)
    if child is not None:
        return _shown(work, case, child)
    referral = _signed_with(work, case)
    team = work.session.get(Team, referral.team) if referral is not None else None
    if team is None:
        return None
    centre = _name(work, team.organization_id)
    return ReferredTo(f"Part {towards(centre)} avec l’avis", "info", "corner-up-right", ())


def referred_from(work: Work, case: Case) -> ReferredFrom | None:
    """Return about which case, and by whom, a referred one was begun; None for any other."""
    first = parent_of(work, case, REFERRAL)
    if first is None:
        return None
    return ReferredFrom(
        number=first.number or "",
        href=f"/cases/{first.id}" if may(work, Permission.CASE_READ, first) else "",
        expert=name_of(work, case.created_by),
        centre=_name(work, first.centre_id),
        opinion=first_opinion_text(work, case),
    )


def referrals_in_brief(work: Work, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return, for those of these cases that were referred, or begun so, which the other one is: for a list's line."""
    rows = work.session.execute(
        select(Case.id, Case.parent_id, Case.number).where(
            Case.parent_kind == REFERRAL, or_(Case.parent_id.in_(case_ids), Case.id.in_(case_ids))
        )
    ).all()
    parents = [row.parent_id for row in rows if row.id in case_ids]
    numbers = {
        row.id: row.number
        for row in work.session.execute(select(Case.id, Case.number).where(Case.id.in_(parents)))
    }
    found = {
        row.parent_id: f"adressée aussi\u00a0: {row.number}" for row in rows if row.parent_id in case_ids
    }
    return found | {
        row.id: f"adressée à la suite de {numbers[row.parent_id]}" for row in rows if row.id in case_ids
    }


def _shown(work: Work, first: Case, case: Case) -> ReferredTo:
    centre, reads = _name(work, case.centre_id), may(work, Permission.CASE_READ, case)
    own = first.site_id == work.acting.organization_id
    state = state_seen(State(case.state), case.answered_at, work.now)
    since = at_words(case.created_at, work.now, work.acting.time_zone)
    promise = Promises(work).of(case)
    lines: tuple[str, ...] = (f"Adressée {since}.", f"Réponse attendue {promise.target}." if promise else "")
    title, tone, icon = f"Adressée aussi {towards(centre)}", "info", "corner-up-right"
    match state:
        case State.CLAIMED:
            title = f"{name_of(work, case.claimed_by)} ({centre}) s’en occupe aussi"
        case State.ON_HOLD:
            title, tone = f"{centre}\u00a0: précision demandée", "warn"
            lines = ("À vous de répondre." if own else "Demandée au demandeur.",)
        case State.DECLINED:
            title, tone = f"Déclinée par {centre}", "warn"
            lines = ("Choisissez la suite pour votre patient." if own else "Son demandeur choisit la suite.",)
        case State.CANCELLED:
            title, tone, icon, lines = f"{centre}\u00a0: demande annulée", "info", "ban", ()
        case State.ENTERED_IN_ERROR:
            title, tone, icon, lines = f"{centre}\u00a0: saisie par erreur", "warn", "ban", ()
        case State.ANSWERED | State.CLOSED:
            when = at_words(case.answered_at or work.now, work.now, work.acting.time_zone)
            title, tone, icon, lines = f"{centre}\u00a0: avis rendu", "ok", "mail-open", (f"Rendu {when}.",)
    if case.erased_at is not None:
        title, tone, icon, lines = f"{centre}\u00a0: effacée", "info", "ban", ()
    href = f"/cases/{case.id}" if reads and case.erased_at is None else ""
    return ReferredTo(title, tone, icon, tuple(line for line in lines if line), case.number or "", href)


def _signed_with(work: Work, case: Case) -> Referral | None:
    """The referral of an opinion that is signed, or has left where the actor sees it only then."""
    row = last_signed(work, case) if sees_leaving(work, case) else in_force(work, case)
    if row is None or case.erased_at is not None or case.state == State.ENTERED_IN_ERROR:
        return None
    return open_opinion(work, case, row).referral


def _name(work: Work, organization_id: UUID | None) -> str:
    row = work.session.get(Organization, organization_id) if organization_id else None
    return (row.short_name or row.name) if row else ""

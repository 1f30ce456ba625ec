"""What each part may do with a case at each stage: the permission map, told a second time."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from dermavis.domain.permission_facts import ActorFacts, CaseFacts
from dermavis.domain.permission_map import CASE_RULES, allowed
from dermavis.domain.roles import Role

R = Role
NETWORK, SITE, CENTRE, COORDINATION, ELSEWHERE = (UUID(int=n) for n in range(1, 6))
ASKER, EXPERT, OTHER = (UUID(int=n) for n in range(10, 13))
TEAM, OTHER_TEAM = UUID(int=20), UUID(int=21)
STATES = ["draft", "pooled", "submitted", "claimed", "on_hold", "answered", "closed", "declined", "cancelled"]
SENT = {"submitted", "claimed", "on_hold", "answered", "closed", "declined"}

ASKERS = (R.REQUESTER, R.NURSE_REQUESTER, R.SUBSTITUTE)
SIGNERS = (R.EXPERT, R.SUPER_USER)

_ASKED = "case.send case.read case.hold_read"
_GOING_ON = f"{_ASKED} message.write identity.correct case.entered_in_error"
_NOT_ANSWERED = f"{_GOING_ON} case.complete case.cancel"
_OPINION_THERE = f"{_GOING_ON} opinion.read opinion.acknowledge aftermath.write case.close appointment.write"
OWN_REQUEST = {
    "draft": f"{_ASKED} draft.edit",
    "pooled": _NOT_ANSWERED,
    "submitted": f"{_NOT_ANSWERED} case.redirect",
    "claimed": _NOT_ANSWERED,
    "on_hold": _NOT_ANSWERED,
    "answered": _OPINION_THERE,
    "closed": _OPINION_THERE,
    "declined": f"{_GOING_ON} case.cancel case.redirect",
    "cancelled": f"{_ASKED} case.entered_in_error",
}
SITE_SECRETARY = dict.fromkeys(STATES, "case.read identity.correct") | {
    "draft": "draft.edit case.read",
    "cancelled": "case.read",
}
_ADDRESSED = "case.read case.hold_read message.write opinion.read case.entered_in_error"
_TO_ANSWER = f"{_ADDRESSED} case.claim case.regrade"
ON_THE_TEAM = {
    "submitted": f"{_TO_ANSWER} case.decline case.redirect",
    "claimed": _TO_ANSWER,
    "on_hold": _TO_ANSWER,
    "answered": f"{_ADDRESSED} opinion.correct",
    "closed": f"{_ADDRESSED} opinion.correct",
    "declined": _ADDRESSED,
    "cancelled": "case.cancellation_read",
}
HELD = (
    f"{_TO_ANSWER} case.release case.hand_over case.decline case.refer second_opinion.ask"
    " precision.ask opinion.prepare opinion.sign"
)
HOLDER = ON_THE_TEAM | {"claimed": HELD, "on_hold": HELD}
JUNIOR = dict.fromkeys(SENT, "case.read message.write opinion.read") | {"cancelled": "case.cancellation_read"}
JUNIOR |= dict.fromkeys(("submitted", "claimed", "on_hold"), f"{JUNIOR['submitted']} opinion.prepare")
CENTRE_SECRETARY = dict.fromkeys(SENT, "case.read opinion.read admin_note.read admin_note.write")
CENTRE_SECRETARY |= dict.fromkeys(("answered", "closed"), f"{CENTRE_SECRETARY['answered']} appointment.write")
COORDINATOR = dict.fromkeys(STATES, "case.read admin_note.read admin_note.write")
COORDINATOR |= {"pooled": f"{COORDINATOR['pooled']} pool.complete pool.release pool.send_back"}
COORDINATOR |= dict.fromkeys(("submitted", "declined"), f"{COORDINATOR['submitted']} case.redirect")

PARTS = {
    **{f"who asked, a {role}": (role, ASKER, SITE, OWN_REQUEST) for role in ASKERS},
    "the secretary of the site": (R.SITE_SECRETARY, OTHER, SITE, SITE_SECRETARY),
    **{f"who holds it, an {role}": (role, EXPERT, CENTRE, HOLDER) for role in SIGNERS},
    **{f"of the team, an {role}": (role, OTHER, CENTRE, ON_THE_TEAM) for role in SIGNERS},
    "a junior of the team": (R.JUNIOR, OTHER, CENTRE, JUNIOR),
    "the secretary of the centre": (R.CENTRE_SECRETARY, OTHER, CENTRE, CENTRE_SECRETARY),
    "the coordinator": (R.COORDINATOR, OTHER, COORDINATION, COORDINATOR),
}


def case(state: str, **changes: object) -> CaseFacts:
    """A request that went through its coordination, to a team, to an expert: as far as its state says."""
    sent = state in SENT | {"cancelled"}
    held = state in SENT - {"submitted"}
    facts = CaseFacts(
        network_id=NETWORK,
        state=state,
        site_id=SITE,
        requester_id=ASKER,
        created_by=ASKER,
        centre_id=CENTRE if sent else None,
        team_id=TEAM if sent else None,
        claimed_by=EXPERT if held else None,
        pooled_by=COORDINATION,
        numbered=state != "draft",
        submitted=sent,
        answered=state in {"answered", "closed"},
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def actor(role: Role, person: UUID, place: UUID, **changes: object) -> ActorFacts:
    """Somebody with one role; those of the centre are on its team."""
    teams = frozenset({TEAM}) if place == CENTRE else frozenset()
    return replace(ActorFacts(person, place, NETWORK, frozenset({role}), teams), **changes)  # type: ignore[arg-type]


def rights(who: ActorFacts, what: CaseFacts) -> set[str]:
    """All that somebody may do with the case."""
    return {permission.value for permission in CASE_RULES if allowed(who, permission, what)}

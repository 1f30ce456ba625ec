"""On what ground somebody may do something with a case: predicates over (actor, case), and what joins them.

They judge one case at a time; the list queries of ``dermavis.models.queries`` are tested against them on random data.
"""

from __future__ import annotations

from collections.abc import Callable

from dermavis.domain.permission_facts import ActorFacts, CaseFacts

Predicate = Callable[[ActorFacts, CaseFacts], bool]

SENT_STATES = frozenset({"submitted", "claimed", "on_hold", "answered", "closed", "declined"})
ANSWERED_STATES = frozenset({"answered", "closed"})
OPEN_FOR_EXPERT = frozenset({"submitted", "claimed", "on_hold"})


def any_case(actor: ActorFacts, case: CaseFacts) -> bool:
    """Every case of the actor's own network."""
    return actor.network_id == case.network_id


def own_request(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor asked, for this site; or stands in for the person who did."""
    if actor.organization_id != case.site_id:
        return False
    asked = {case.requester_id, case.created_by}
    return actor.person_id in asked or bool(asked & actor.substitute_for)


def own_site(actor: ActorFacts, case: CaseFacts) -> bool:
    """The request comes from the organisation that the actor acts for."""
    return actor.organization_id == case.site_id


def own_draft(actor: ActorFacts, case: CaseFacts) -> bool:
    """A draft stays with who began it and for whom it was begun."""
    return case.state == "draft" and own_request(actor, case)


def site_draft(actor: ActorFacts, case: CaseFacts) -> bool:
    """A site's secretary edits the drafts of the site."""
    return case.state == "draft" and own_site(actor, case)


def prepared_draft(actor: ActorFacts, case: CaseFacts) -> bool:
    """A draft of the site’s secretary: whoever asks for this site opens it, and is its requester once it is sent."""
    return case.state == "draft" and case.prepared and own_site(actor, case)


def sent_back(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor's request came back from its coordination: a draft that others have seen under its number."""
    return case.numbered and own_draft(actor, case)


def pooled_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """The case waits with, or went through, the coordination that the actor acts for."""
    return case.pooled_by is not None and actor.organization_id == case.pooled_by


def pooled_now(actor: ActorFacts, case: CaseFacts) -> bool:
    """The case waits with the coordination that the actor acts for."""
    return case.state == "pooled" and pooled_here(actor, case)


def addressed_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A sent case addressed to the actor: to one of their teams, to them or whom they stand in for, or already theirs.

    Whoever was on call when its opinion stayed unread reads it too.
    """
    return case.state in SENT_STATES and _goes_to(actor, case)


def was_addressed_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A cancelled case that was addressed to the actor, who may know that it was cancelled and nothing else."""
    return case.state == "cancelled" and _goes_to(actor, case)


def had_in_error(actor: ActorFacts, case: CaseFacts) -> bool:
    """A case entered in error that was addressed to the actor: what they had stays readable, with its mark."""
    return case.state == "entered_in_error" and case.submitted and _goes_to(actor, case)


def centre_had_in_error(actor: ActorFacts, case: CaseFacts) -> bool:
    """A case entered in error that the actor's centre had to answer."""
    return case.state == "entered_in_error" and case.submitted and case.centre_id == actor.organization_id


def told_of_error(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor once received something of a case entered in error: they read that it was, and nothing else."""
    return case.state == "entered_in_error" and actor.person_id in case.error_told


def answered_in_error(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case was answered before it turned out to be an error."""
    return case.state == "entered_in_error" and case.answered and not case.unsent


def sent_once(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case left its writer once: others may have seen it."""
    return case.numbered and case.state != "entered_in_error"


def second_opinion_asked(actor: ActorFacts, case: CaseFacts) -> bool:
    """A second opinion that the actor asked for, or that came to them with the case it is about."""
    return case.second_opinion and own_request(actor, case)


def second_opinion_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A second opinion that the actor, or their team, asked for."""
    of_team = own_site(actor, case) and case.asking_team is not None and case.asking_team in actor.team_ids
    return case.second_opinion and (of_team or own_request(actor, case))


def first_opinion(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case is no second opinion itself."""
    return not case.second_opinion


def _goes_to(actor: ActorFacts, case: CaseFacts) -> bool:
    if case.centre_id != actor.organization_id:
        return False
    known = {case.claimed_by, case.expert_id, *case.former_experts, *case.told}
    if actor.person_id in known or actor.substitute_for & {case.claimed_by, case.expert_id}:
        return True
    return case.expert_id is None and case.team_id is not None and case.team_id in actor.team_ids


def sent_to_centre(actor: ActorFacts, case: CaseFacts) -> bool:
    """A sent case that the actor's centre answers."""
    return case.state in SENT_STATES and case.centre_id == actor.organization_id


def claimable(actor: ActorFacts, case: CaseFacts) -> bool:
    """Addressed here and still to be answered; who claims second is told by the lifecycle, not by a denial."""
    return case.state in OPEN_FOR_EXPERT and addressed_here(actor, case)


def claimed_by_actor(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor holds the case for this organisation."""
    return case.claimed_by == actor.person_id and case.centre_id == actor.organization_id


def answers_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor answered the case for this organisation, or reads it with the team that it is addressed to."""
    return claimed_by_actor(actor, case) or (addressed_here(actor, case) and case.team_id in actor.team_ids)


def opinion_left(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case is answered, and its answer is on its way: the signature can no longer be taken back."""
    return case.state in ANSWERED_STATES and not case.unsent


def treats_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """The opinion was sent to the actor as the patient's treating doctor, or to whom they stand in for.

    It was sent to the person: wherever in the network they practise.
    """
    return not case.treating.isdisjoint(actor.people)


def unread_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A critical opinion of a case addressed to the actor stayed unread beyond its time."""
    return case.told_on and addressed_here(actor, case)


def both(first: Predicate, second: Predicate) -> Predicate:
    """True when both are."""
    return lambda actor, case: first(actor, case) and second(actor, case)


def either(*ways: Predicate) -> Predicate:
    """True when one of them is."""
    return lambda actor, case: any(way(actor, case) for way in ways)


def in_states(*states: str) -> Predicate:
    """True when the case's question is in one of the states."""
    return lambda actor, case: case.state in states

"""What the permissions are decided on: who acts, and the case that they act on."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from dermavis.domain.roles import Role


@dataclass(frozen=True)
class ActorFacts:
    """Who acts: the person, the organisation they act for, and the roles held there on this day."""

    person_id: UUID
    organization_id: UUID
    network_id: UUID
    roles: frozenset[Role]
    team_ids: frozenset[UUID] = field(default_factory=frozenset)
    substitute_for: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def people(self) -> list[UUID]:
        """Return the actor and those whom they stand in for, always in the same order."""
        return sorted({self.person_id, *self.substitute_for}, key=str)


@dataclass(frozen=True)
class CaseFacts:
    """What the predicates need to know of a case; ids only.

    ``numbered``: it was sent once, and has a number even where it is a draft again. ``prepared``: a draft that the
    site's secretary began, and that nobody who may ask has taken over. ``unsent``: the opinion is signed and may still
    be taken back. ``told``: who was on call when a critical opinion stayed unread; ``told_on``: it still is.
    ``treating``: to whom an opinion that has left was sent as the patient's treating doctor. Of one entered in error:
    ``submitted``, it had reached its centre; ``answered``, an opinion was given; ``error_told``, who was told of the
    error. ``second_opinion``: an expert asks another centre; the site is theirs, ``asking_team`` the team that reads
    the case it is about. ``former_experts``: who took the case since it came to where it lies.
    """

    network_id: UUID
    state: str
    site_id: UUID
    requester_id: UUID
    created_by: UUID
    centre_id: UUID | None = None
    team_id: UUID | None = None
    expert_id: UUID | None = None
    claimed_by: UUID | None = None
    pooled_by: UUID | None = None
    former_experts: frozenset[UUID] = field(default_factory=frozenset)
    numbered: bool = False
    prepared: bool = False
    unsent: bool = False
    told: frozenset[UUID] = field(default_factory=frozenset)
    told_on: bool = False
    treating: frozenset[UUID] = field(default_factory=frozenset)
    submitted: bool = False
    answered: bool = False
    error_told: frozenset[UUID] = field(default_factory=frozenset)
    second_opinion: bool = False
    asking_team: UUID | None = None

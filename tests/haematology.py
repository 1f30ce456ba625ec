"""Cases of the toy specialty: blood counts, without a picture. Used with ``SPECIALTIES_DIR=tests/specialties``."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from dermavis.domain.roles import Role
from dermavis.models import Team, TeamMember
from dermavis.services.work import writing
from tests import cases
from tests.factories import SINCE, World

HAEMATOLOGY = "haematology"


def content() -> dict[str, Any]:
    """Return a complete request."""
    return cases.content(HAEMATOLOGY)


def drafted(world: World, **changes: Any) -> UUID:
    """Return a draft of the requester."""
    return cases.drafted(world, **{**content(), **changes})


def sent(world: World, **changes: Any) -> UUID:
    """Return a case that was sent."""
    return cases.sent(world, **{**content(), **changes})


def answer(**changes: Any) -> dict[str, Any]:
    """Return an opinion on blood: about the whole request, which shows no lesion."""
    return {
        "history_quality": "good",
        "lesions": [
            {
                "diagnosis": "Anémie par carence en fer",
                "certainty": "certain",
                "conduct": "Supplémenter, chercher la cause.",
                "tests": "Ferritine à trois mois.",
            }
        ],
        "destination": "gp",
    } | changes


def add_team(world: World) -> UUID:
    """Write the blood team of the same centre: the expert alone is in it, the others of the centre are not."""
    with writing(world.system) as work:
        team = Team(
            id=uuid4(),
            network_id=world.network_id,
            organization_id=world.centre_id,
            specialty_id=HAEMATOLOGY,
            name="Hématologie",
        )
        work.session.add(team)
        work.session.flush()
        expert = world.who(Role.EXPERT)
        work.session.add(
            TeamMember(id=uuid4(), team_id=team.id, person_id=expert.person_id, valid_from=SINCE)
        )
        return team.id

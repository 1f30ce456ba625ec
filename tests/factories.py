"""The people and places of the tests: one person for every role, and strangers.

``create_world`` writes them as an administrator's work would have left them. Requests, opinions and whatever else
happens to a case are made through the services: see ``tests/cases.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher

from dermavis.domain.roles import Role
from dermavis.models import (
    AccessRequest,
    CentreCharter,
    Membership,
    Network,
    Organization,
    Person,
    PoolingMember,
    Team,
    TeamMember,
)
from dermavis.services.actors import actor_of
from dermavis.services.vault import seal_under_master
from dermavis.services.work import Actor, System, Work, reading, writing
from tests.charter import CHARTER

PASSWORD = "une lampe sous la pluie 7"
"""Everybody's password."""

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The seed of everybody's authenticator."""

SINCE = date(2020, 1, 1)
SITE_ROLES = (Role.REQUESTER, Role.NURSE_REQUESTER, Role.SUBSTITUTE, Role.SITE_SECRETARY)
CENTRE_ROLES = (Role.EXPERT, Role.JUNIOR, Role.CENTRE_SECRETARY, Role.BILLING_CLERK, Role.SUPER_USER)
TEAM_ROLES = (Role.EXPERT, Role.JUNIOR, Role.SUPER_USER)
BODY_ROLES = (
    Role.ADMINISTRATOR,
    Role.PROJECT_MANAGER,
    Role.PILOT,
    Role.DATA_PROTECTION_OFFICER,
    Role.SUPPORT,
)


@dataclass(frozen=True)
class Who:
    """A person of the world, as they act for one organisation."""

    person_id: UUID
    organization_id: UUID
    role: Role | None
    email: str
    name: str


@dataclass
class World:
    """The ids of everything that ``create_world`` wrote."""

    system: System
    network_id: UUID
    site_id: UUID
    other_site_id: UUID
    pooled_site_id: UUID
    centre_id: UUID
    other_centre_id: UUID
    cpts_id: UUID
    body_id: UUID
    team_id: UUID
    other_team_id: UUID
    mail_domain: str = "example.org"
    people: dict[str, Who] = field(default_factory=dict)

    def who(self, name: Role | str) -> Who:
        """Return a person: a role, or one of ``PLACES``'s further names such as ``other_expert``."""
        return self.people[str(name)]

    def actor(self, name: Role | str) -> Actor:
        """Return a person as services want them."""
        who = self.who(name)
        with reading(self.system) as work:
            actor = actor_of(work.session, who.person_id, work.now, who.organization_id)
        assert actor is not None
        return actor


MORE_PEOPLE = {
    "other_requester": Role.REQUESTER,  # of the same site
    "other_expert": Role.EXPERT,  # of the same team
    "other_administrator": Role.ADMINISTRATOR,
    "pooled_requester": Role.REQUESTER,  # of a site whose requests the CPTS pools
    "stranger": Role.REQUESTER,  # of another site
    "stranger_expert": Role.EXPERT,  # of another centre
    "outsider": None,  # active, without any role
}


def create_world(
    system: System,
    hours: dict[str, Any] | None = None,
    mail_domain: str = "example.org",
    more_experts: Sequence[str] = (),
) -> World:
    """Write a network with its organisations, people, team, charter and the site's fiche d'opportunité.

    ``hours``: the centres' opening hours, in place of the charter's own. Worlds that share a database need mail domains
    of their own. ``more_experts``: names of further experts of the team.
    """
    with writing(system) as work:
        world = _places(work, CHARTER | ({"hours": hours} if hours else {}))
        world.mail_domain = mail_domain
        for role in Role:
            _person(work, world, role.value, role, _place_of(world, role))
        for name, more_role in MORE_PEOPLE.items():
            _person(work, world, name, more_role, _place_of_more(world, name, more_role))
        for name in more_experts:
            _person(work, world, name, Role.EXPERT, world.centre_id)
        work.session.flush()
        for who in world.people.values():
            _belong(work, who)
        _stand_in(work, world)
        for role in TEAM_ROLES:
            _join_team(work, world.team_id, world.who(role))
        for name in ("other_expert", *more_experts):
            _join_team(work, world.team_id, world.who(name))
        _join_team(work, world.other_team_id, world.who("stranger_expert"))
    return world


def _places(work: Work, charter: dict[str, Any]) -> World:
    network = Network(id=uuid4(), kind="sandbox", name="Bourgogne du Sud")
    work.session.add(network)
    work.session.flush()

    def organization(kind: str, name: str, **more: Any) -> UUID:
        row = Organization(
            id=uuid4(),
            network_id=network.id,
            kind=kind,
            name=name,
            short_name=name,
            phone="03 85 00 00 01",
            postcode="71100",
            commune="Chalon-sur-Saône",
            commune_code="71076",
            created_at=work.now,
            **more,
        )
        work.session.add(row)
        return row.id

    world = World(
        system=work.system,
        network_id=network.id,
        site_id=organization("site", "Maison de santé des Tilleuls", site_kind="msp"),
        other_site_id=organization("site", "Cabinet du Port", site_kind="practice"),
        pooled_site_id=organization("site", "EHPAD Les Glycines", site_kind="ehpad"),
        centre_id=organization("centre", "CH de Chalon-sur-Saône", on_call_phone="03 85 00 00 15"),
        other_centre_id=organization("centre", "CHU de Dijon"),
        cpts_id=organization("cpts", "CPTS du Chalonnais"),
        body_id=organization("body", "GRADeS"),
        team_id=uuid4(),
        other_team_id=uuid4(),
    )
    work.session.flush()
    _centre(work, world, world.team_id, world.centre_id, charter)
    _centre(work, world, world.other_team_id, world.other_centre_id, charter)
    for site_id in (world.site_id, world.other_site_id, world.pooled_site_id):
        work.session.add(
            AccessRequest(
                id=uuid4(), network_id=network.id, site_id=site_id, team_id=world.team_id, valid_from=SINCE
            )
        )
    work.session.add(
        PoolingMember(
            id=uuid4(), coordination_id=world.cpts_id, site_id=world.pooled_site_id, valid_from=SINCE
        )
    )
    return world


def _centre(work: Work, world: World, team_id: UUID, centre_id: UUID, charter: dict[str, Any]) -> None:
    work.session.add(
        Team(
            id=team_id,
            network_id=world.network_id,
            organization_id=centre_id,
            name="Dermatologie",
            phone="03 85 00 00 11",
        )
    )
    work.session.add(
        CentreCharter(
            id=uuid4(),
            network_id=world.network_id,
            organization_id=centre_id,
            version=1,
            content=charter,
            published_at=work.now - timedelta(days=90),
            effective_from=work.now - timedelta(days=90),
        )
    )
    work.session.flush()


def _place_of(world: World, role: Role) -> UUID:
    if role in SITE_ROLES:
        return world.site_id
    if role in CENTRE_ROLES:
        return world.centre_id
    return world.body_id if role in BODY_ROLES else world.cpts_id


def _place_of_more(world: World, name: str, role: Role | None) -> UUID:
    elsewhere = {
        "stranger": world.other_site_id,
        "stranger_expert": world.other_centre_id,
        "pooled_requester": world.pooled_site_id,
    }
    return elsewhere[name] if name in elsewhere else _place_of(world, role or Role.REQUESTER)


def _person(work: Work, world: World, name: str, role: Role | None, organization_id: UUID) -> None:
    person_id = uuid4()
    last_name = name.replace("_", " ").title()
    person = Person(
        id=person_id,
        state="active",
        title="Dr" if role in {Role.REQUESTER, Role.EXPERT} else "",
        first_name="Camille",
        last_name=last_name,
        email=f"{name}@{world.mail_domain}",
        phone="06 00 00 00 01",
        password_hash=_password_hash(),
        second_factor="totp",
        totp_sealed=seal_under_master(work, TOTP_SECRET, "persons", person_id, "totp_sealed"),
        created_at=work.now,
    )
    work.session.add(person)
    world.people[name] = Who(person_id, organization_id, role, person.email, f"Camille {last_name}")


def _belong(work: Work, who: Who) -> None:
    if who.role is not None:
        work.session.add(
            Membership(
                id=uuid4(),
                person_id=who.person_id,
                organization_id=who.organization_id,
                role=who.role.value,
                valid_from=SINCE,
            )
        )


def _stand_in(work: Work, world: World) -> None:
    # The substitute stands in for the requester's colleague, away for a month.
    away = work.session.get_one(Person, world.who("other_requester").person_id)
    away.substitute_id = world.who(Role.SUBSTITUTE).person_id
    away.absent_from = work.now - timedelta(days=1)
    away.absent_to = work.now + timedelta(days=30)


def _join_team(work: Work, team_id: UUID, who: Who) -> None:
    work.session.add(TeamMember(id=uuid4(), team_id=team_id, person_id=who.person_id, valid_from=SINCE))


@cache
def _password_hash() -> str:
    # The cheapest cost, below the tests' own: it is renewed when its owner signs in.
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

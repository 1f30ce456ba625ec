"""Writes the places and people of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from stdnum import luhn

from dermavis.demonstration.places import ACCOUNTS, PASSWORD, PLACES, Account, Place
from dermavis.domain.phones import normalise_phone
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
from dermavis.services.passwords import hashed
from dermavis.services.second_factor import keep_secret, new_secret
from dermavis.services.work import Actor, System, Work, reading, writing

SINCE = date(2025, 1, 1)
IN_TEAM = frozenset({Role.EXPERT, Role.SUPER_USER, Role.JUNIOR})


@dataclass
class People:
    """The ids of the demonstration's people and places, by key."""

    persons: dict[str, UUID]
    places: dict[str, UUID]
    actors: dict[str, Actor]

    def actor(self, system: System, key: str) -> Actor:
        """Return a person as services want them."""
        if key not in self.actors:
            with reading(system) as work:
                found = actor_of(work.session, self.persons[key], work.now)
            if found is None:
                raise LookupError(key)
            self.actors[key] = found
        return self.actors[key]


def create_people(system: System) -> People:
    """Write the network, its organisations with their teams and charters, and everybody's account."""
    people = People({}, {}, {})
    with writing(system) as work:
        network = Network(
            id=uuid4(), kind="sandbox", name="Bourgogne-Franche-Comté (démonstration)", next_number=4700
        )
        work.session.add(network)
        work.session.flush()
        for place in PLACES:
            people.places[place.key] = _organization(work, network, place)
        work.session.flush()
        teams = {place.key: _team(work, network, place, people) for place in PLACES if place.answers}
        work.session.flush()
        password = hashed(PASSWORD)
        for number, account in enumerate(ACCOUNTS):
            people.persons[account.key] = _person(work, account, people, password, number)
        work.session.flush()
        for account in ACCOUNTS:
            if account.role in IN_TEAM:
                work.session.add(
                    TeamMember(
                        id=uuid4(),
                        team_id=teams[account.place],
                        person_id=people.persons[account.key],
                        valid_from=SINCE,
                    )
                )
        for place in PLACES:
            _habits(work, network, place, people, teams)
        substitute = work.session.get_one(Person, people.persons["lenoir"])
        work.session.get_one(Person, people.persons["hennequin"]).substitute_id = substitute.id
    return people


def _organization(work: Work, network: Network, place: Place) -> UUID:
    row = Organization(
        id=uuid4(),
        network_id=network.id,
        kind=place.kind,
        site_kind=place.site_kind,
        name=place.name,
        short_name=place.short_name,
        phone=normalise_phone(place.phone) or "",
        on_call_phone=normalise_phone(place.on_call_phone) or "",
        postcode=place.postcode,
        commune=place.commune,
        has_dermatoscope=place.has_dermatoscope,
        created_at=work.now,
    )
    work.session.add(row)
    return row.id


def _team(work: Work, network: Network, place: Place, people: People) -> UUID:
    organization_id = people.places[place.key]
    team = Team(
        id=uuid4(),
        network_id=network.id,
        organization_id=organization_id,
        name="Dermatologie",
        phone=normalise_phone(place.phone) or "",
    )
    charter = CentreCharter(
        id=uuid4(),
        network_id=network.id,
        organization_id=organization_id,
        version=1,
        content={
            "phone": normalise_phone(place.phone) or "",
            "on_call_phone": normalise_phone(place.on_call_phone) or "",
            **place.charter,
        },
        published_at=work.now,
        effective_from=work.now,
    )
    work.session.add_all([team, charter])
    return team.id


def _person(work: Work, account: Account, people: People, password: str, number: int) -> UUID:
    base = f"8{number:09d}"
    person = Person(
        id=uuid4(),
        state="active",
        title=account.title,
        first_name=account.first_name,
        last_name=account.last_name,
        email=account.email,
        phone=normalise_phone(account.phone) or "",
        profession=account.profession,
        rpps=base + luhn.calc_check_digit(base) if account.title else "",
        password_hash=password,
        second_factor=account.second_factor,
        demonstration=True,
        created_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    if account.second_factor == "totp":
        keep_secret(work, person, new_secret())
    work.session.add(
        Membership(
            id=uuid4(),
            person_id=person.id,
            organization_id=people.places[account.place],
            role=account.role.value,
            valid_from=SINCE,
        )
    )
    return person.id


def _habits(work: Work, network: Network, place: Place, people: People, teams: dict[str, UUID]) -> None:
    """To whom a site sends, and who reads its requests first."""
    if place.sends_to:
        work.session.add(
            AccessRequest(
                id=uuid4(),
                network_id=network.id,
                site_id=people.places[place.key],
                team_id=teams[place.sends_to],
                valid_from=SINCE,
            )
        )
    if place.pooled_by:
        work.session.add(
            PoolingMember(
                id=uuid4(),
                coordination_id=people.places[place.pooled_by],
                site_id=people.places[place.key],
                valid_from=SINCE,
            )
        )

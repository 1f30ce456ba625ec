"""The first administrator of a service: there must be a network and a body that runs it before anybody can invite."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.roles import Role
from dermavis.domain.text import clean, plain
from dermavis.models import Network, Organization
from dermavis.services.invitations import Invited, Newcomer, invite
from dermavis.services.work import Work


def invite_administrator(work: Work, newcomer: Newcomer, network: str, body: str) -> Invited:
    """Invite an administrator into the body that runs a network; both are made when their names are new.

    Empty names mean the only ones there are. Raises InvalidInput, in words, when a name is needed to choose.
    """
    network_id = _network(work, clean(network))
    body_id = _body(work, network_id, clean(body))
    return invite(work, newcomer, body_id, Role.ADMINISTRATOR)


def organization_named(work: Work, name: str) -> UUID:
    """Return the organisation of that name, accents and case apart. Raises InvalidInput, in words."""
    rows = work.session.execute(
        select(Organization.id, Organization.name).where(Organization.closed_at.is_(None))
    ).all()
    exact = [row.id for row in rows if plain(row.name) == plain(name)]
    near = [row for row in rows if plain(name) in plain(row.name)]
    if len(exact) == 1:
        return UUID(str(exact[0]))
    if len(near) == 1:
        return UUID(str(near[0].id))
    names = ", ".join(f"« {row.name} »" for row in (near or rows)[:12])
    raise InvalidInput(
        {"organization": f"Quelle structure ? « {name} » ne suffit pas parmi : {names or 'aucune'}."}
    )


def _network(work: Work, name: str) -> UUID:
    rows = work.session.execute(select(Network.id, Network.name).where(Network.kind == "real")).all()
    if not name and len(rows) == 1:
        return UUID(str(rows[0].id))
    if not name and rows:
        raise InvalidInput({"network": "Plusieurs réseaux existent : lequel ? (--network NOM)"})
    for row in rows:
        if plain(row.name) == plain(name):
            return UUID(str(row.id))
    made = Network(id=uuid4(), kind="real", name=name or "DermAvis")
    work.session.add(made)
    work.session.flush()
    work.audit("network.created", subject_kind="network", subject_id=made.id)
    return made.id


def _body(work: Work, network_id: UUID, name: str) -> UUID:
    rows = work.session.execute(
        select(Organization.id, Organization.name).where(
            Organization.network_id == network_id,
            Organization.kind == "body",
            Organization.closed_at.is_(None),
        )
    ).all()
    if not name and len(rows) == 1:
        return UUID(str(rows[0].id))
    if not name and rows:
        raise InvalidInput({"body": "Plusieurs organismes existent : lequel ? (--organization NOM)"})
    for row in rows:
        if plain(row.name) == plain(name):
            return UUID(str(row.id))
    made = Organization(
        id=uuid4(),
        network_id=network_id,
        kind="body",
        name=name or "Administration",
        short_name=name or "Administration",
        created_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    work.audit("organization.created", subject_kind="organization", subject_id=made.id)
    return made.id

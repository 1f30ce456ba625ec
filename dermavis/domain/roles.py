"""The roles a person can hold in an organisation."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role is held through a membership; one person may hold several, in several organisations."""

    REQUESTER = "requester"
    NURSE_REQUESTER = "nurse_requester"
    SUBSTITUTE = "substitute"
    SITE_SECRETARY = "site_secretary"
    EXPERT = "expert"
    JUNIOR = "junior"
    CENTRE_SECRETARY = "centre_secretary"
    BILLING_CLERK = "billing_clerk"
    COORDINATOR = "coordinator"
    SUPER_USER = "super_user"
    ADMINISTRATOR = "administrator"
    PROJECT_MANAGER = "project_manager"
    PILOT = "pilot"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    SUPPORT = "support"


ROLE_NAMES: dict[Role, str] = {
    Role.REQUESTER: "Médecin requérant",
    Role.NURSE_REQUESTER: "Infirmier requérant",
    Role.SUBSTITUTE: "Remplaçant",
    Role.SITE_SECRETARY: "Secrétariat du site",
    Role.EXPERT: "Expert",
    Role.JUNIOR: "Interne ou docteur junior",
    Role.CENTRE_SECRETARY: "Secrétariat du centre",
    Role.BILLING_CLERK: "Facturation",
    Role.COORDINATOR: "Coordination CPTS",
    Role.SUPER_USER: "Référent du centre",
    Role.ADMINISTRATOR: "Administration",
    Role.PROJECT_MANAGER: "Chef de projet GRADeS",
    Role.PILOT: "Pilotage",
    Role.DATA_PROTECTION_OFFICER: "Délégué à la protection des données",
    Role.SUPPORT: "Assistance",
}

REQUESTING: frozenset[Role] = frozenset({Role.REQUESTER, Role.NURSE_REQUESTER, Role.SUBSTITUTE})
"""Roles that may ask for an opinion in their own name."""

TREATING: frozenset[Role] = frozenset({Role.REQUESTER})
"""Roles of who may be a patient's treating doctor: a nurse is none, and a locum has no patients of their own."""

ANSWERING: frozenset[Role] = frozenset({Role.EXPERT, Role.SUPER_USER})
"""Roles that may claim a case and sign an opinion; a junior prepares and never signs."""


def same_work(roles: frozenset[Role]) -> frozenset[Role]:
    """Return the roles that can take over what these do."""
    return next((group for group in (REQUESTING, ANSWERING) if roles & group), roles)


_SITE = frozenset({Role.REQUESTER, Role.NURSE_REQUESTER, Role.SUBSTITUTE, Role.SITE_SECRETARY})
_CENTRE = frozenset({Role.EXPERT, Role.JUNIOR, Role.SUPER_USER, Role.CENTRE_SECRETARY, Role.BILLING_CLERK})
_BODY = frozenset(
    {Role.ADMINISTRATOR, Role.PROJECT_MANAGER, Role.PILOT, Role.DATA_PROTECTION_OFFICER, Role.SUPPORT}
)

ROLES_OF_KIND: dict[str, frozenset[Role]] = {
    "site": _SITE,
    "centre": _CENTRE,
    "practice": _CENTRE,
    "cpts": frozenset({Role.COORDINATOR}),
    "msp": frozenset({Role.COORDINATOR}),
    "body": _BODY,
}
"""Which roles are held in which kind of organisation."""

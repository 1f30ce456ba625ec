"""People, from the machine itself: the first administrator, invitations, revocation, a lost authenticator.

Whoever may run these commands can read the master key, so they check no permission; each leaves its row in the audit.
A second factor is reset by two administrators, here as on the page: each signs in at the prompt.
"""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from uuid import UUID

from dermavis.commands.signing_in import signed_in
from dermavis.domain.errors import NotFound
from dermavis.domain.roles import ROLE_NAMES, Role
from dermavis.settings import Settings

if TYPE_CHECKING:
    from dermavis.services.invitations import Invited, Newcomer
    from dermavis.services.work import System, Work


def admin_create(options: argparse.Namespace) -> int:
    """Invite an administrator, the first one of a new service included."""
    from dermavis.services.installation import invite_administrator
    from dermavis.services.work import writing

    with _system() as system, writing(system) as work:
        invited = invite_administrator(work, _newcomer(options), options.network, options.organization)
    return _say_invited(options.email, invited)


def admin_invite(options: argparse.Namespace) -> int:
    """Invite a person into an organisation, in a role."""
    from dermavis.services.installation import organization_named
    from dermavis.services.invitations import invite
    from dermavis.services.work import writing

    with _system() as system, writing(system) as work:
        invited = invite(
            work, _newcomer(options), organization_named(work, options.organization), options.role
        )
    return _say_invited(options.email, invited)


def admin_revoke(options: argparse.Namespace) -> int:
    """Close an account at once."""
    from dermavis.services.revocations import revoke_person
    from dermavis.services.work import writing

    with _system() as system, writing(system) as work:
        revoke_person(work, _person_id(work, options.email))
    print(f"Le compte {options.email} est fermé : sessions, appareils, liens et notifications ont pris fin.")
    return 0


def admin_reset_factor(options: argparse.Namespace) -> int:
    """Ask for a new second factor as one administrator, or agree to it as another."""
    from dermavis.services import factor_resets
    from dermavis.services.work import writing

    with _system() as system, writing(system, signed_in(system, options.administrator)) as work:
        person_id = _person_id(work, options.email)
        waiting = [reset for reset in factor_resets.waiting_resets(work) if reset.person_id == person_id]
        if waiting:
            factor_resets.approve(work, waiting[0].id)
        else:
            factor_resets.ask(work, person_id)
    if waiting:
        print(
            f"Second facteur retiré : {options.email} reçoit un lien, valable un jour, pour en choisir un autre."
        )
    else:
        print(
            "Demande faite. Un autre administrateur l’accepte, ici par la même commande ou dans Administration."
        )
    return 0


def role_of(text: str) -> Role:
    """Return the role typed. Raises ArgumentTypeError."""
    try:
        return Role(text)
    except ValueError:
        raise argparse.ArgumentTypeError(text) from None


def roles_in_words() -> str:
    """Return what may be typed as a role, each with its name."""
    return ", ".join(f"{role.value} ({name})" for role, name in ROLE_NAMES.items())


def _system() -> AbstractContextManager[System]:
    from dermavis.commands.database import ready_system

    return ready_system(Settings.from_environment())


def _newcomer(options: argparse.Namespace) -> Newcomer:
    from dermavis.services.invitations import Newcomer

    return Newcomer(email=options.email, first_name=options.first_name, last_name=options.last_name)


def _say_invited(email: str, invited: Invited) -> int:
    if invited.link:
        print(
            f"{email} est invité. Le lien part par courriel ; il s’ouvre une fois, pendant sept jours :\n{invited.link}"
        )
    else:
        print(f"{email} a déjà un compte : ce rôle lui est ajouté.")
    return 0


def _person_id(work: Work, email: str) -> UUID:
    from sqlalchemy import select

    from dermavis.domain.text import normalise_email
    from dermavis.models import Person

    found = work.session.scalar(select(Person.id).where(Person.email == normalise_email(email)))
    if found is None:
        raise NotFound(f"Aucun compte n’a l’adresse {email}.")
    return found

"""What the pages of an unfinished sign-in may show of the person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dermavis.models import Person
from dermavis.services import email_codes
from dermavis.services.names import full_name
from dermavis.services.work import System, reading


@dataclass(frozen=True)
class PendingPerson:
    """Who is signing in. ``resend_in``: seconds before another code may be mailed."""

    id: UUID
    name: str
    email: str
    masked_email: str
    second_factor: str
    resend_in: int


def pending_person(system: System, person_id: UUID, purpose: str) -> PendingPerson:
    """Return what is shown of a person whose password was right; ``purpose`` is the mailed codes'."""
    with reading(system) as work:
        person = work.session.get_one(Person, person_id)
        return PendingPerson(
            id=person.id,
            name=full_name(person),
            email=person.email,
            masked_email=masked(person.email),
            second_factor=person.second_factor,
            resend_in=email_codes.seconds_to_resend(work, person_id, purpose),
        )


def masked(address: str) -> str:
    """Return an address that its owner recognises and nobody else learns: "s•••@exemple.fr"."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"

"""A case of the actor's network by its number, for those who look after records without reading them."""

from __future__ import annotations

from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.models import Case
from dermavis.services.work import Work


def case_numbered(work: Work, number: str, lock: bool = False) -> Case:
    """Return the case of this number in the actor's network. The caller checks the permission. Raises NotFound."""
    found = select(Case).where(
        Case.network_id == work.acting.facts.network_id, Case.number == number.strip().upper()
    )
    case = work.session.scalar(found.with_for_update() if lock else found)
    if case is None:
        raise NotFound(f"Aucun télédossier de votre réseau n’a le numéro «\u00a0{number}\u00a0».")
    return case

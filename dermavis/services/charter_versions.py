"""Publishing what a centre accepts and promises: version by version, the former ones as they were."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from dermavis.domain.deadlines import read_delays, write_delays
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import normalise_phone
from dermavis.domain.retention import MOST_YEARS, RECORD_YEARS
from dermavis.domain.roles import REQUESTING, Role
from dermavis.domain.text import whole_number
from dermavis.models import CentreCharter, Organization
from dermavis.services.access import require
from dermavis.services.charters import (
    IDLE_CLAIM_HOURS,
    OPENING_HOURS,
    WHOLE_DAYS,
    Charter,
    charter_of,
    read_charter,
)
from dermavis.services.organizations import ANSWERING_KINDS, find_organization
from dermavis.services.retention import rewrite_later
from dermavis.services.work import Work

MOST_IDLE_HOURS = 240


def publish_charter(
    work: Work,
    organization_id: UUID,
    content: dict[str, Any],
    effective_from: datetime,
    after_version: int | None = None,
    specialty_id: str = "dermatology",
) -> CentreCharter:
    """Publish the next version of a centre's charter for a specialty; the former ones stay as they were.

    ``after_version`` is the newest one that the author had seen. Raises InvalidInput by field, Forbidden, NotFound for
    a super user of another centre, and Conflict when somebody published a newer one meanwhile.
    """
    organization = find_centre(work, organization_id)
    stored = _checked_charter(work, organization, content, specialty_id)
    # Two who publish at once take turns.
    work.session.refresh(organization, with_for_update=True)
    last = work.session.scalar(
        select(func.max(CentreCharter.version)).where(
            CentreCharter.organization_id == organization_id, CentreCharter.specialty_id == specialty_id
        )
    )
    if after_version is not None and (last or 0) != after_version:
        raise Conflict(
            "newer_charter", "Une autre version a été publiée pendant que vous écriviez\u00a0: relisez-la."
        )
    before = _keep_years_of(work, organization_id, specialty_id, last)
    row = CentreCharter(
        id=uuid4(),
        network_id=organization.network_id,
        organization_id=organization.id,
        specialty_id=specialty_id,
        version=(last or 0) + 1,
        content=stored,
        published_at=work.now,
        published_by=work.acting.person_id,
        effective_from=max(effective_from, work.now),
    )
    work.session.add(row)
    work.session.flush()
    if stored["keep_years"] != before:
        rewrite_later(work, organization.id, row.effective_from)
    work.audit("charter.publish", subject_kind="charter", subject_id=row.id, version=row.version)
    return row


def _keep_years_of(work: Work, organization_id: UUID, specialty_id: str, version: int | None) -> int:
    content = work.session.scalar(
        select(CentreCharter.content).where(
            CentreCharter.organization_id == organization_id,
            CentreCharter.specialty_id == specialty_id,
            CentreCharter.version == version,
        )
    )
    return int((content or {}).get("keep_years") or RECORD_YEARS)


def find_centre(work: Work, organization_id: UUID) -> Organization:
    """Return a centre or practice whose charter the actor arranges; a super user has only their own.

    Raises Forbidden, NotFound.
    """
    require(work, Permission.CHARTERS_MANAGE)
    organization = find_organization(work, organization_id)
    if organization.kind not in ANSWERING_KINDS:
        raise NotFound
    if Role.ADMINISTRATOR not in work.acting.roles and organization.id != work.acting.organization_id:
        raise NotFound
    return organization


def charters_of(work: Work, organization_id: UUID, specialty_id: str = "dermatology") -> list[CentreCharter]:
    """Return the published versions of a centre's charter, the newest first. Raises Forbidden, NotFound."""
    find_centre(work, organization_id)
    rows = work.session.scalars(
        select(CentreCharter)
        .where(CentreCharter.organization_id == organization_id, CentreCharter.specialty_id == specialty_id)
        .order_by(CentreCharter.version.desc())
    )
    return list(rows)


def present_charter(work: Work, organization_id: UUID, specialty_id: str = "dermatology") -> Charter:
    """Return the charter in force, the defaults where none was published. Raises Forbidden, NotFound."""
    return charter_of(work, find_centre(work, organization_id).id, specialty_id)


def _checked_charter(
    work: Work, organization: Organization, content: dict[str, Any], specialty_id: str
) -> dict[str, Any]:
    specialty = work.system.specialties.get(specialty_id)
    if specialty is None:
        raise NotFound
    errors: dict[str, str] = {}
    motives = [motive.id for motive in specialty.motives if motive.id in content.get("motives", [])]
    if not motives:
        errors["motives"] = "Acceptez au moins un motif."
    professions = [role.value for role in sorted(REQUESTING) if role.value in content.get("professions", [])]
    if not professions:
        errors["professions"] = "Acceptez au moins une profession."
    phones = {}
    for name in ("phone", "on_call_phone"):
        typed = str(content.get(name, ""))
        phones[name] = normalise_phone(typed) if typed.strip() else ""
        if phones[name] is None:
            errors[name] = "Ce numéro de téléphone est incomplet ou impossible."
    territory = [prefix for prefix in content.get("territory", []) if prefix]
    if any(not (prefix.isdigit() and 2 <= len(prefix) <= 5) for prefix in territory):
        errors["territory"] = "Écrivez des débuts de code postal\u00a0: 21, 71, 39100…"
    typed_hours = str(content.get("idle_claim_hours") or IDLE_CLAIM_HOURS).strip()
    hours = whole_number(typed_hours) or 0
    if not 1 <= hours <= MOST_IDLE_HOURS:
        errors["idle_claim_hours"] = f"Un nombre entier d’heures, de 1 à {MOST_IDLE_HOURS}."
    typed_years = str(content.get("keep_years") or RECORD_YEARS).strip()
    years = whole_number(typed_years) or 0
    if not RECORD_YEARS <= years <= MOST_YEARS:
        errors["keep_years"] = (
            f"Un nombre entier d’années, de {RECORD_YEARS} (la durée légale) à {MOST_YEARS}."
        )
    stored = {
        "motives": motives,
        "professions": professions,
        "territory": territory,
        "delays": content.get("delays", {}),
        "delays_count_in": OPENING_HOURS if content.get("delays_count_in") == OPENING_HOURS else WHOLE_DAYS,
        "hours": content.get("hours", {}),
        "rota": content.get("rota", []),
        "red_flags": content.get("red_flags", {}),
        "idle_claim_hours": hours,
        "keep_years": years,
        "photo_course": bool(content.get("photo_course")),
        **phones,
    }
    try:
        stored["delays"] = write_delays(read_delays(stored["delays"]))
    except InvalidInput as refused:
        errors |= {f"delays.{path}": words for path, words in refused.errors.items()}
    try:
        read_charter({**stored, "delays": {}}, organization)
    except InvalidInput as refused:
        errors |= {f"hours.{path}": words for path, words in refused.errors.items()}
    if errors:
        raise InvalidInput(errors)
    return stored

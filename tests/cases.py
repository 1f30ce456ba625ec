"""Cases in any state, made through the services as people would make them.

``content(**changes)`` is a complete request with its pictures skipped; ``sent``, ``claimed``, ``on_hold``, ``answered``
and ``closed`` return the id of a case that stands there. Tests of pictures make their own.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from dermavis.domain.amendments import TAKE_BACK_FOR
from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services import answering, claiming, conversation, drafts, entered_in_error, following, sending
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import World

REQUESTS = Path(__file__).parent / "specialties"


def content(specialty: str = "dermatology", /, **changes: Any) -> dict[str, Any]:
    """Return a complete request; pictures have a reason instead. Ids are new each time."""
    text = (REQUESTS / f"{specialty}_request.json").read_text("utf-8")
    request: dict[str, Any] = json.loads(text)
    fresh = {lesion["id"]: str(uuid4()) for lesion in request.get("lesions", [])}
    for lesion in request.get("lesions", []):
        lesion["id"] = fresh[lesion["id"]]
    for photo in request.get("photos", []):
        photo |= {
            "id": str(uuid4()),
            "lesion": fresh.get(photo["lesion"]),
            "sha256": None,
            "skipped": "refused",
        }
    return request | changes


def two_lesions() -> dict[str, Any]:
    """Return parts of a request that show a second lesion, on the left: complete, its pictures skipped."""
    request = content()
    history = {name: request["history"][name] for name in ("duration", "course", "bleeding", "bleeding_when")}
    second = request["lesions"][0] | {"id": str(uuid4()), "side": "left", "history": history}
    skipped = [photo | {"id": str(uuid4()), "lesion": second["id"]} for photo in request["photos"]]
    return {"lesions": [request["lesions"][0], second], "photos": request["photos"] + skipped}


def opinion(**changes: Any) -> dict[str, Any]:
    """Return a complete opinion of an ordinary kind; its lesion is filled in by ``answered``."""
    return {
        "photo_quality": "good",
        "history_quality": "good",
        "lesions": [
            {
                "diagnosis": "Kératose séborrhéique irritée",
                "code": "L82",
                "certainty": "probable",
                "conduct": "Pas de biopsie. Émollient le soir.",
            }
        ],
        "destination": "gp",
        "follow_up_weeks": None,
    } | changes


def drafted(world: World, name: Role | str = Role.REQUESTER, **changes: Any) -> UUID:
    """Return a draft of that person."""
    case_id = uuid4()
    with writing(world.system, world.actor(name)) as work:
        drafts.save(work, case_id, content(**changes), 0)
    return case_id


def sent(world: World, name: Role | str = Role.REQUESTER, **changes: Any) -> UUID:
    """Return a case that was sent: submitted, or pooled where the site pools."""
    case_id = drafted(world, name, **changes)
    with writing(world.system, world.actor(name)) as work:
        sending.send(work, case_id, 1)
    return case_id


def claimed(world: World, expert: Role | str = Role.EXPERT, **changes: Any) -> UUID:
    """Return a case that the expert has claimed."""
    case_id = sent(world, **changes)
    with writing(world.system, world.actor(expert)) as work:
        claiming.claim(work, case_id)
    return case_id


def on_hold(world: World, expert: Role | str = Role.EXPERT, **changes: Any) -> UUID:
    """Return a case on which the expert asked for something."""
    case_id = claimed(world, expert, **changes)
    with writing(world.system, world.actor(expert)) as work:
        conversation.ask(work, case_id, "Une photo du cuir chevelu, s’il vous plaît.", ["overview"], [])
    return case_id


def answered(
    world: World, expert: Role | str = Role.EXPERT, answer: dict[str, Any] | None = None, **changes: Any
) -> UUID:
    """Return a case with a signed opinion."""
    case_id = claimed(world, expert, **changes)
    sign(world, case_id, expert, answer)
    return case_id


def sign(
    world: World, case_id: UUID, expert: Role | str = Role.EXPERT, answer: dict[str, Any] | None = None
) -> None:
    """Sign an opinion on a claimed case, or its next version on an answered one, so that it leaves at this instant."""
    just_before = replace(world.system, clock=FakeClock(world.system.clock.now() - TAKE_BACK_FOR))
    sign_now(replace(world, system=just_before), case_id, expert, answer)


def sign_now(
    world: World, case_id: UUID, expert: Role | str = Role.EXPERT, answer: dict[str, Any] | None = None
) -> None:
    """Sign as a person does: what is signed leaves twenty seconds later."""
    from dermavis.models import Case
    from dermavis.services.opinion_versions import last_signed
    from dermavis.services.revisions import last_revision, open_content

    with writing(world.system, world.actor(expert)) as work:
        case = work.session.get_one(Case, case_id)
        revision, signed = last_revision(work, case), last_signed(work, case)
        lesions = open_content(work, case, revision).get("lesions", [])
        filled = answer or opinion()
        for lesion, row in zip(lesions, filled["lesions"], strict=False):
            row["lesion"] = lesion["id"]
        answering.sign(work, case_id, filled, revision.number, signed.version if signed else 0)


def just_signed(world: World, answer: dict[str, Any] | None = None, **changes: Any) -> UUID:
    """Return a case whose opinion was signed at this instant, and may still be taken back."""
    case_id = claimed(world, **changes)
    sign_now(world, case_id, answer=answer)
    return case_id


def amended(
    world: World,
    case_id: UUID,
    expert: Role | str = Role.EXPERT,
    kind: str = "correction",
    why: str = "Dose mal écrite.",
    **changes: Any,
) -> None:
    """Sign the next version of an answered case's opinion, so that it leaves at this instant."""
    sign(world, case_id, expert, opinion(amends=kind, amends_why=why, **changes))


def corrected(world: World, **changes: Any) -> UUID:
    """Return a case whose opinion was given an hour ago, and corrected so that the new version leaves now."""
    an_hour_ago = FakeClock(world.system.clock.now() - timedelta(hours=1))
    case_id = answered(replace(world, system=replace(world.system, clock=an_hour_ago)))
    amended(world, case_id, **changes)
    return case_id


def emergency(**changes: Any) -> dict[str, Any]:
    """Return a complete opinion that sends the patient to the emergency department, the call noted."""
    call = {"whom": "Dr Hennequin", "phone": "0639980011", "at": "2026-03-12T09:00:00+00:00", "note": ""}
    return opinion(destination="emergency", calls=[call], **changes)


def left_unread(world: World, **changes: Any) -> UUID:
    """Return a case whose emergency was signed an hour ago, and went on as nobody acknowledged it."""
    an_hour_ago = FakeClock(world.system.clock.now() - timedelta(hours=1))
    then = replace(world, system=replace(world.system, clock=an_hour_ago))
    case_id = answered(then, answer=emergency(), **changes)
    while run_due(world.system):
        pass
    return case_id


def closed(world: World, **changes: Any) -> UUID:
    """Return a case that its requester opened, said the aftermath of, and that closed."""
    case_id = answered(world, **changes)
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
        following.tell_aftermath(work, case_id, "followed", "yes", "")
    return case_id


def in_error(world: World, case_id: UUID | None = None, reason: str = "wrong_patient") -> UUID:
    """Return a case that its requester marked as entered in error: an answered one where none is given."""
    case_id = case_id or answered(world)
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        entered_in_error.mark_error(work, case_id, reason)
    return case_id


def number_of(system: System, case_id: UUID) -> str:
    """Return the number under which people know a case."""
    with reading(system) as work:
        return work.session.get_one(Case, case_id).number or ""

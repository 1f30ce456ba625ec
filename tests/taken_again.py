"""A case whose expert asked for a view again, and got it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Photo
from dermavis.services import conversation
from dermavis.services.work import reading, writing
from tests.factories import World
from tests.material import planted_jpeg, scene
from tests.photographing import send
from tests.pictured_cases import claimed_with_pictures, make_pictures


def taken_again(world: World, *views: str) -> UUID:
    """Return a claimed case with its first three pictures and, of these views of the same lesion, later ones."""
    case_id = claimed_with_pictures(world)
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        asked = conversation.ask(work, case_id, "Plus net ?", list(views), []).id
    with reading(world.system) as work:
        lesion = work.session.scalars(select(Photo.lesion_id).where(Photo.case_id == case_id)).first()
    for seed, view in enumerate(views, start=11):
        more = {"view": view, "lesion_id": lesion, "answers": asked}
        send(world, case_id, planted_jpeg(scene(1200, 900, seed=seed)), **more)
    make_pictures(world.system)
    return case_id

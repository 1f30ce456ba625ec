"""A requester's pictures: sent, confirmed, looked at, and what the store holds of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dermavis.domain.roles import Role
from dermavis.services import changing, photos
from dermavis.services.work import System, reading, writing
from tests import material
from tests.factories import World
from tests.uploading import uploaded

ORIGINAL = material.planted_jpeg(material.scene(1200, 900), orientation=6)
DIAGNOSTIC = material.planted_jpeg(material.scene(600, 800))


def send(world: World, case_id: UUID, content: bytes, **more: Any) -> UUID:
    """Send a whole file as the requester and return its photo's id."""
    return uploaded(world.system, world.actor(Role.REQUESTER), case_id, content, **more)


def shown(world: World, case_id: UUID) -> list[photos.ShownPhoto]:
    """Return the photos of a case as its requester sees them."""
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return photos.states(work, case_id)


def opened(world: World, case_id: UUID, photo_id: UUID, role: str, who: Role | str = Role.REQUESTER) -> Any:
    """Open one picture of a photo."""
    return photos.show_picture(world.system, world.actor(who), case_id, photo_id, role)


def confirm(world: World, case_id: UUID, *photo_ids: UUID) -> None:
    """Press « Terminer » on the page that adds pictures."""
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        changing.add_photos(work, case_id, photo_ids)


def stored_files(system: System) -> set[str]:
    """Return the key of everything that the photo store holds."""
    return set(system.photo_store.list(""))

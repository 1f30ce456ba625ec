"""Cases with pictures, taken through the upload and the picture lane as a phone's are."""

from __future__ import annotations

import hashlib
import time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from dermavis.domain.requests import read_request
from dermavis.domain.roles import Role
from dermavis.models import Case, PictureJob
from dermavis.services import claiming, drafts, sending
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.material import planted_jpeg, scene, shared_files
from tests.uploading import process_all, uploaded

PATIENCE_S = 30


def pictures() -> dict[str, tuple[str, bytes]]:
    """Return a file for three views and the role it is sent in: a real one where there are, a turned one, our own."""
    real = [path.read_bytes() for path in shared_files("clinical/*.jpg")[:1]]
    return {
        "overview": ("original", real[0] if real else planted_jpeg(scene(1200, 900, seed=4))),
        "close_up": ("original", planted_jpeg(scene(2400, 1800, seed=5), orientation=6)),
        "scale": ("diagnostic", planted_jpeg(scene(1600, 1200, seed=6))),
    }


def sent_with_pictures(
    world: World, files: dict[str, tuple[str, bytes]] | None = None, **changes: Any
) -> UUID:
    """Return a sent case with three pictures of its first lesion: the scale's full format is still awaited.

    ``files``: others instead, a role and a file for each view.
    """
    actor = world.actor(Role.REQUESTER)
    content = cases.content(**changes)
    lesion = content["lesions"][0]["id"]
    case_id = uuid4()
    with writing(world.system, actor) as work:
        drafts.save(work, case_id, content, 0)
    taken = []
    for view, (role, file) in (files or pictures()).items():
        more = {"role": role, "view": view, "lesion_id": UUID(lesion)}
        photo_id = uploaded(world.system, actor, case_id, file, **more)
        digest = hashlib.sha256(file).hexdigest()
        taken.append({"id": str(photo_id), "lesion": lesion, "view": view, "skipped": None, "sha256": digest})
    make_pictures(world.system)
    skipped = [photo for photo in content["photos"] if (photo["lesion"], photo["view"]) not in _of(taken)]
    with writing(world.system, actor) as work:
        draft = drafts.save(work, case_id, content | {"photos": taken + skipped}, 1)
    with writing(world.system, actor) as work:
        sending.send(work, case_id, draft.revision)
    return case_id


def claimed_with_pictures(world: World, expert: Role | str = Role.EXPERT, **changes: Any) -> UUID:
    """Return a case with pictures that the expert has claimed."""
    case_id = sent_with_pictures(world, **changes)
    with writing(world.system, world.actor(expert)) as work:
        claiming.claim(work, case_id)
    return case_id


def draw_beside(world: World, case_id: UUID, view: str, marks: list[dict[str, Any]]) -> None:
    """Draw beside the picture of a sent request's view, in a revision of its own."""
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        case = work.session.get_one(Case, case_id)
        content = open_content(work, case, last_revision(work, case))
        drawn = next(photo for photo in content["photos"] if photo["view"] == view and not photo["skipped"])
        drawn["marks"] = marks
        add_revision(work, case, read_request(content, work.now.date()), reason="un repère")


def make_pictures(system: System) -> None:
    """Make every received file into pictures; a worker may be doing the same."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        process_all(system)
        with reading(system) as work:
            waiting = select(func.count()).select_from(PictureJob).where(PictureJob.done_at.is_(None))
            if not work.session.scalar(waiting):
                return
        time.sleep(0.1)
    raise AssertionError("the pictures were not ready in time")


def _of(photos: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(photo["lesion"], photo["view"]) for photo in photos}

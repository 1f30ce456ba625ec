"""The worker's picture lane: which picture is made first, each once only, and what a lost process leaves."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from dermavis.adapters.imaging import ImagingFailed
from dermavis.domain.pictures import REFUSALS
from dermavis.domain.ports import Picture
from dermavis.models import PictureJob
from dermavis.services.pictures import MOST_TRIES, process_next_picture
from dermavis.services.work import reading
from tests import cases, material
from tests.clock import FakeClock
from tests.factories import World
from tests.photographing import DIAGNOSTIC, ORIGINAL, send, shown, stored_files
from tests.uploading import process_all


def test_diagnostic_pictures_are_made_before_originals(world: World, clock: FakeClock) -> None:
    case_id = cases.drafted(world)
    first = send(world, case_id, ORIGINAL, role="original")
    clock.advance(seconds=1)
    second = send(world, case_id, DIAGNOSTIC)
    assert process_next_picture(world.system)
    states = {photo.id: photo.state for photo in shown(world, case_id)}
    assert states == {first: "received", second: "ready"}


class Unwell:
    """Imaging that fails ``times`` times, then works."""

    def __init__(self, inner: Any, times: int) -> None:
        self.inner, self.times = inner, times

    def process(self, content: bytes, close_up: bool) -> Picture:
        self.times -= 1
        if self.times >= 0:
            raise ImagingFailed("lost")
        return self.inner.process(content, close_up)


def test_a_lost_child_process_is_tried_again_later_and_not_for_ever(world: World, clock: FakeClock) -> None:
    case_id = cases.drafted(world)
    system = replace(world.system, imaging=Unwell(world.system.imaging, 2))
    send(world, case_id, DIAGNOSTIC)
    assert process_next_picture(system)
    assert not process_next_picture(system)
    for _ in range(2):
        clock.advance(hours=1)
        assert process_next_picture(system)
    assert shown(world, case_id)[0].state == "ready"
    hopeless = replace(world.system, imaging=Unwell(world.system.imaging, 99))
    send(world, case_id, DIAGNOSTIC)
    for _ in range(MOST_TRIES):
        assert process_next_picture(hopeless)
        clock.advance(hours=1)
    assert not process_next_picture(hopeless)
    assert shown(world, case_id)[1].refusal == REFUSALS["not_prepared"]


def test_a_worker_that_dies_half_way_leaves_the_picture_to_the_next(world: World, clock: FakeClock) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, DIAGNOSTIC)

    class Dying:
        def process(self, content: bytes, close_up: bool) -> Picture:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process_next_picture(replace(world.system, imaging=Dying()))
    assert not process_next_picture(world.system)
    clock.advance(minutes=4)
    assert process_next_picture(world.system)
    assert shown(world, case_id)[0].id == photo_id
    assert shown(world, case_id)[0].state == "ready"


@pytest.mark.postgres
def test_two_workers_never_make_the_same_picture_twice(world: World) -> None:
    case_id = cases.drafted(world)
    for seed in range(4):
        send(world, case_id, material.jpeg(material.scene(300, 200, seed)))
    counts: list[int] = []
    workers = [threading.Thread(target=lambda: counts.append(process_all(world.system))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 4
    assert len(stored_files(world.system)) == 8
    with reading(world.system) as work:
        assert set(work.session.scalars(select(PictureJob.tries))) == {1}

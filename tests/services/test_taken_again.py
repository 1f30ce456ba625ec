"""A view that was taken again stands beside the former picture, on every page and in the report."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, Opinion
from dermavis.services import reports
from dermavis.services.work import reading
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.seen import requester_sees, view_for
from tests.taken_again import taken_again

TAKES = [
    ("overview", "1re\u00a0prise"),
    ("overview", "2e\u00a0prise"),
    ("close_up", ""),
    ("scale", ""),
]


@pytest.mark.parametrize("who", [Role.EXPERT, Role.REQUESTER])
def test_the_new_picture_stands_right_after_the_old_one_and_says_which_it_is(
    world: World, clock: FakeClock, who: Role
) -> None:
    photos = view_for(world, who, taken_again(world, "overview")).photos
    assert [(photo.view, photo.take) for photo in photos] == TAKES


def test_the_requester_s_page_keeps_that_order(world: World) -> None:
    photos = requester_sees(world, taken_again(world, "overview")).photos
    assert [(photo.view, photo.take) for photo in photos] == TAKES


def test_in_the_report_former_pictures_give_way_where_there_is_no_room(world: World) -> None:
    case_id = taken_again(world, "scale", "overview")
    cases.sign(world, case_id)
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        case = work.session.get_one(Case, case_id)
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        report = reports.report_of(work, case, opinion, with_pictures=True)
    assert [picture["legend"] for picture in report["pictures"]] == [
        "Vue d’ensemble · 1re\u00a0prise",
        "Vue d’ensemble · 2e\u00a0prise",
        "Gros plan",
        "Gros plan avec échelle · 2e\u00a0prise",
    ]

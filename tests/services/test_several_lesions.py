"""A request with several lesions, from its pictures to its report: each is asked, answered and told by its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import Case, CaseLesion
from dermavis.services import drafts, pooling, sending
from dermavis.services.case_view import view_of
from dermavis.services.expert_view import expert_view
from dermavis.services.requester_view import requester_view
from dermavis.services.work import reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.photographing import DIAGNOSTIC, confirm, send
from tests.uploading import process_all

CALL = {"whom": "Dr Hennequin", "phone": "0639980012", "at": "2026-03-12T08:50:00Z"}


def answer(first: str, second: str, **changes: Any) -> dict[str, Any]:
    """An opinion on both, which says of the case itself that its doctor follows it."""
    lesions = [
        {"diagnosis": "Kératose", "conduct": "Rien.", "destination": first},
        {"diagnosis": "Carcinome", "conduct": "Exérèse.", "destination": second},
    ]
    return cases.opinion(lesions=lesions, **changes)


def _case(world: World, case_id: UUID) -> Case:
    with reading(world.system) as work:
        return work.session.get_one(Case, case_id)


@pytest.mark.postgres
def test_the_case_takes_the_gravest_and_its_reader_gets_each_by_its_number(world: World) -> None:
    case_id = cases.answered(world, answer=answer("gp", "surgery"), **cases.two_lesions())
    case = _case(world, case_id)
    assert (case.destination, case.level, case.downstream) == ("surgery", "ordinary", "to_plan")
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        shown = requester_view(work, case_id).opinion
    assert shown is not None
    assert shown.outcome.id == "surgery"
    assert [lesion["outcome"] for lesion in shown.report["lesions"]] == [
        "Suivi par le médecin traitant",
        "Chirurgie",
    ]
    told = [shown.text.index(words) for words in ("SUITE : Chirurgie", "LÉSION 1 : ", "LÉSION 2 : ")]
    assert told == sorted(told)


def test_a_correction_of_one_lesion_moves_the_case_and_wants_its_call(world: World) -> None:
    an_hour_ago = FakeClock(world.system.clock.now() - timedelta(hours=1))
    then = replace(world, system=replace(world.system, clock=an_hour_ago))
    case_id = cases.answered(then, answer=answer("gp", "gp"), **cases.two_lesions())
    assert _case(world, case_id).destination == "gp"
    again = {"amends": "correction", "amends_why": "Lésion 2 relue."}
    with pytest.raises(InvalidInput) as refused:
        cases.sign(world, case_id, answer=answer("gp", "emergency", **again))
    assert set(refused.value.errors) == {"calls"}
    cases.sign(world, case_id, answer=answer("gp", "emergency", **again, calls=[CALL]))
    assert (_case(world, case_id).destination, _case(world, case_id).level) == ("emergency", "now")
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        versions = [version.content for version in view_of(work, case_id).versions]
    assert [[lesion.destination for lesion in content.lesions] for content in versions] == [
        ["gp", "gp"],
        ["gp", "emergency"],
    ]


def test_the_coordination_reads_what_each_lesion_lacks(world: World) -> None:
    request = cases.two_lesions()
    request["photos"] = request["photos"][:-1]
    del request["lesions"][1]["history"]["course"]
    case_id = cases.sent(world, "pooled_requester", **request)
    assert _case(world, case_id).to_complete == ["Gros plan, lésion 2", "Évolution, lésion 2"]


def test_pictures_stand_by_lesion_and_a_view_that_one_lacks_is_offered_first(world: World) -> None:
    request = cases.two_lesions()
    first, second = (UUID(lesion["id"]) for lesion in request["lesions"])
    case_id = cases.claimed(world, **request)
    taken = [send(world, case_id, DIAGNOSTIC, view="close_up", lesion_id=of) for of in (second, first)]
    taken.append(send(world, case_id, DIAGNOSTIC, view="overview", lesion_id=second))
    process_all(world.system)
    confirm(world, case_id, *taken)
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        view = view_of(work, case_id)
        missing = [row.id for row in expert_view(work, view).views if row.missing]
    assert [(photo.group, photo.view) for photo in view.photos] == [
        ("Lésion 1", "close_up"),
        ("Lésion 2", "close_up"),
        ("Lésion 2", "overview"),
    ]
    assert missing == ["overview"]
    assert [label for label, _ in view.skipped] == ["Ensemble, lésion 1"]


@pytest.mark.postgres
def test_a_lesion_taken_out_of_a_request_that_was_sent_back_is_no_part_of_the_case(world: World) -> None:
    request = cases.two_lesions()
    request["photos"] = request["photos"][:-1]
    case_id = cases.sent(world, "pooled_requester", **request)
    assert _observed(world, case_id) == [UUID(lesion["id"]) for lesion in request["lesions"]]
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, "insufficient_history", "")
    second = request["lesions"][1]["id"]
    alone = cases.content(
        lesions=request["lesions"][1:], photos=[row for row in request["photos"] if row["lesion"] == second]
    )
    with writing(world.system, world.actor("pooled_requester")) as work:
        draft = drafts.read(work, case_id)
        sending.send(work, case_id, drafts.save(work, case_id, alone, draft.revision).revision)
    assert _observed(world, case_id) == [UUID(second)]


def _observed(world: World, case_id: UUID) -> list[UUID]:
    with reading(world.system) as work:
        rows = select(CaseLesion.lesion_id).where(CaseLesion.case_id == case_id).order_by(CaseLesion.position)
        return list(work.session.scalars(rows))

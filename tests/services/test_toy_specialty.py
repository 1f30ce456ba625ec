"""A second specialty, added by a file alone: laboratory values, no picture and no lesion; its cases live as all do."""

from __future__ import annotations

import dataclasses
import io
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.requests import RequestContent
from dermavis.domain.roles import Role
from dermavis.models import Case, Opinion
from dermavis.services import (
    answering,
    claiming,
    conversation,
    drafts,
    following,
    reports,
    sending,
    worklist,
)
from dermavis.services.case_view import view_of
from dermavis.services.expert_view import expert_view
from dermavis.services.pooling_case import pool_case
from dermavis.services.requester_view import requester_view
from dermavis.services.work import System, reading, writing
from dermavis.settings import Settings
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.haematology import HAEMATOLOGY, add_team, answer, content, drafted, sent


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The same service with one more file."""
    return dataclasses.replace(settings, specialties_dir=cases.REQUESTS)


@pytest.fixture
def team_id(world: World) -> UUID:
    """The blood team of the centre."""
    return add_team(world)


def _case(system: System, case_id: UUID) -> Case:
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def test_the_file_alone_makes_the_specialty_known(system: System, world: World) -> None:
    assert system.specialty(HAEMATOLOGY).name == "Hématologie"
    case_id = drafted(world)
    case = _case(system, case_id)
    assert (case.specialty_id, case.specialty_version, case.motive) == (HAEMATOLOGY, 1, "anaemia")
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert drafts.read(work, case_id).content["history"]["haemoglobin"]["value"] == 9.4


def test_a_draft_keeps_the_specialty_it_was_begun_in(system: System, world: World) -> None:
    case_id = drafted(world)
    with writing(system, world.actor(Role.REQUESTER)) as work, pytest.raises(InvalidInput) as refused:
        drafts.save(work, case_id, cases.content(), 1)
    assert set(refused.value.errors) == {"specialty"}


def test_what_no_file_describes_is_not_offered(system: System, world: World) -> None:
    with pytest.raises(NotFound):
        cases.drafted(world, specialty={"id": "cardiology", "version": 1})


def test_its_own_questions_are_asked_and_no_picture_is(system: System, world: World, team_id: UUID) -> None:
    history = {**content()["history"], "haemoglobin": {"status": "unknown", "value": None}}
    case_id = drafted(world, history=history, question="")
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, case_id, 1)
    assert set(refused.value.errors) == {"history.haemoglobin", "question"}


def test_the_pages_show_values_and_speak_of_no_skin(system: System, world: World, team_id: UUID) -> None:
    case_id = sent(world)
    with reading(system, world.actor(Role.EXPERT)) as work:
        [row] = worklist.worklist(work, "queue").rows
        assert (row.id, row.motive, row.thumb) == (case_id, "Anémie", "")
        view = view_of(work, case_id)
        assert view.motive_label == "Anémie"
        assert (view.lesions, view.photos, view.skipped) == ([], [], [])
        lines = {line.label: " ".join(part for part, _ in line.parts) for line in view.facts}
        assert "9,4" in lines["Hémoglobine"]
        assert "310" in lines["Plaquettes"]
        may = expert_view(work, view)
        assert may.claims
        assert may.views == []
        assert {row.id for row in may.questions} == {"haemoglobin", "platelets", "bleeding"}
        assert [row.id for row in may.templates] == ["iron_deficiency"]
    with reading(system, world.actor("other_expert")) as work, pytest.raises(NotFound):
        view_of(work, case_id)  # of the same centre, but not of this team


def test_a_case_is_claimed_questioned_answered_reported_and_closed(
    system: System, world: World, team_id: UUID, clock: FakeClock
) -> None:
    case_id = sent(world)
    expert, requester = world.actor(Role.EXPERT), world.actor(Role.REQUESTER)
    with writing(system, expert) as work:
        claiming.claim(work, case_id)
    with writing(system, expert) as work, pytest.raises(InvalidInput):
        conversation.ask(work, case_id, "Une photo ?", ["overview"], [])
    with writing(system, expert) as work:
        conversation.ask(work, case_id, "Et la ferritine ?", [], ["bleeding"])
    with writing(system, requester) as work:
        conversation.write(work, case_id, "Elle est à 8.")
    assert _case(system, case_id).state == "claimed"
    with writing(system, expert) as work:
        assert answering.save_draft(work, case_id, answer(), 0) == 1
        answering.sign(work, case_id, answer(), 1)
    clock.advance(seconds=20)
    with reading(system, requester) as work:
        case = work.session.get_one(Case, case_id)
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        written = reports.report_text(work, case, opinion)
        shown = requester_view(work, case_id)
    assert shown.opinion is not None
    assert shown.opinion.outcome.requester_label == "Suivi par vous"
    made = reports.report_pdf(system, requester, case_id, opinion.id)
    pages = PdfReader(io.BytesIO(made.content)).pages
    printed = " ".join(page.extract_text() for page in pages)
    assert len(pages) == 1
    for text in (written, printed):
        assert "hématologie" in text.lower()
        assert "Anémie par carence en fer" in text
        assert "Ferritine à trois mois" in text
        assert "Faut-il un myélogramme" in text
        assert "LÉSION" not in text.upper()
        assert "dermato" not in text.lower()
    assert "9,4" in printed
    with writing(system, requester) as work:
        following.open_case(work, case_id)
        following.tell_aftermath(work, case_id, "followed", "yes", "")
    assert _case(system, case_id).state == "closed"


def test_an_outcome_that_the_specialty_does_not_know_is_not_signed(
    system: System, world: World, team_id: UUID
) -> None:
    case_id = sent(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, case_id)
    for wrong, field in (
        (answer(destination="surgery"), "destination"),
        (answer(lesions=[{**answer()["lesions"][0], "certainty": "probable"}]), "lesions.0.certainty"),
    ):
        with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.EXPERT)) as work:
            answering.sign(work, case_id, wrong, 1)
        assert set(refused.value.errors) == {field}
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.EXPERT)) as work:
        answering.sign(work, case_id, answer(destination="emergency"), 1)
    assert set(refused.value.errors) == {"calls"}


def test_a_pooling_coordination_sees_what_is_missing_without_asking_for_pictures(
    system: System, world: World, team_id: UUID
) -> None:
    history = {**content()["history"]}
    del history["platelets"]
    case_id = cases.sent(world, "pooled_requester", **{**content(), "history": history})
    with reading(system, world.actor(Role.COORDINATOR)) as work:
        shown = pool_case(work, case_id)
    assert "Plaquettes" in {check.words for check in shown.checks if not check.ok}
    assert not any("hoto" in check.words for check in shown.checks)
    assert shown.destination is not None
    assert shown.destination.chosen == str(team_id)


def test_what_is_stored_is_read_back_as_it_was(system: System, world: World, team_id: UUID) -> None:
    case_id = sent(world)
    with reading(system, world.actor(Role.EXPERT)) as work:
        kept = view_of(work, case_id).content
    again = drafts.as_json(RequestContent.model_validate(content()))
    assert kept["history"] == again["history"]
    assert kept["specialty"] == {"id": HAEMATOLOGY, "version": 1}

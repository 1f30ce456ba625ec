"""The report of a signed case: what it says, what it never says, and that it is made once."""

from __future__ import annotations

import io

from pypdf import PdfReader
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Case, Document, Opinion
from dermavis.services import conversation, reports
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.pictured_cases import claimed_with_pictures, draw_beside


def test_the_report_says_the_opinion_and_never_the_messages(system: System, world: World) -> None:
    case_id = cases.claimed(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        conversation.write(work, case_id, "Le mot de passage est sycomore.")
    cases.sign(world, case_id)
    requester = world.actor(Role.REQUESTER)
    with reading(system, requester) as work:
        case = work.session.get_one(Case, case_id)
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        written = reports.report_text(work, case, opinion)
        spoken = [message.text for message in conversation.messages(work, case)]
    assert any("sycomore" in text for text in spoken)
    first = reports.report_pdf(system, requester, case_id, opinion.id)
    again = reports.report_pdf(system, requester, case_id, opinion.id)
    assert first == again
    assert first.name == "avis-D-1-2026-03-12.pdf"
    printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(first.content)).pages)
    for text in (written, printed):
        assert "Kératose séborrhéique irritée" in text
        assert "Suivi par le médecin traitant" in text
        assert "Hélène Vautrin" in text
        assert "sycomore" not in text
    with reading(system) as work:
        assert work.session.scalar(select(func.count()).select_from(Document)) == 1


def test_the_kept_report_is_sealed(system: System, world: World) -> None:
    case_id = cases.answered(world)
    requester = world.actor(Role.REQUESTER)
    with reading(system) as work:
        opinion_id = work.session.scalars(select(Opinion.id).where(Opinion.case_id == case_id)).one()
    made = reports.report_pdf(system, requester, case_id, opinion_id)
    with reading(system) as work:
        key = work.session.scalars(select(Document.store_key)).one()
    assert made.content.startswith(b"%PDF")
    assert b"%PDF" not in system.photo_store.get(key)


def test_what_the_requester_drew_is_printed_over_its_picture_and_told_to_who_cannot_see(
    system: System, world: World
) -> None:
    arrow = {"shape": "arrow", "start": (0.25, 0.25), "end": (0.5, 0.5)}
    case_id = claimed_with_pictures(world)
    draw_beside(world, case_id, "overview", [arrow])
    cases.sign(world, case_id)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        case = work.session.get_one(Case, case_id)
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        report = reports.report_of(work, case, opinion, with_pictures=True)
    told = {picture["legend"]: picture for picture in report["pictures"]}
    assert len(told) == 3
    overview = told.pop("Vue d’ensemble")
    assert overview["marks"][0]["end"] == list(arrow["end"])
    assert overview["alternative"].endswith("avec une flèche du demandeur")
    assert not any(picture["marks"] or "demandeur" in picture["alternative"] for picture in told.values())

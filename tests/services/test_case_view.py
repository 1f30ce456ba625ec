"""What the page of a case shows, to whom, and that reading it leaves a trace."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case
from dermavis.services import conversation
from dermavis.services.case_view import note_reading
from dermavis.services.opinion_versions import last_signed
from dermavis.services.reports import report_of
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.material import jpeg, scene
from tests.seen import view_for
from tests.uploading import process_all, uploaded


def test_the_page_tells_who_what_and_how_to_call(world: World) -> None:
    view = view_for(world, Role.EXPERT, cases.sent(world))
    assert (view.patient.name, view.patient.birth_date, view.patient.more) == (
        "Mme Hélène Vautrin",
        "12/03/1958",
        "F",
    )
    assert view.question == "Surveiller ou retirer\u00a0?"
    assert view.thought == "Pense à\u00a0: Kératose (peu sûr). Sans cet avis, aurait adressé."
    signs = next(line for line in view.facts if line.label == "Signes")
    assert signs.parts[0] == ("Saigne au frottement.", True)
    assert not signs.parts[1][1]
    assert [(row.part, row.shown) for row in view.telephones][:2] == [
        ("requester", "06\u00a039\u00a098\u00a000\u00a011"),
        ("substitute", ""),
    ]
    assert view.telephones[-1].part == "patient"
    assert view.telephones[-1].link.startswith("tel:+33639980013")
    assert ("Gros plan", "Le patient ne souhaite pas") in view.skipped


def test_a_refused_file_that_was_replaced_and_a_view_taken_later_are_shown_to_nobody(
    world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    requester = world.actor(Role.REQUESTER)
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        asked = conversation.ask(work, case_id, "Un gros plan ?", ["close_up"], []).id
    uploaded(world.system, requester, case_id, b"%PDF-1.7 " + b"x" * 2000, answers=asked)
    process_all(world.system)
    before = view_for(world, Role.EXPERT, case_id)
    assert [row.refused for row in before.awaited] == [True]
    assert "close_up" in [photo["view"] for photo in before.content["photos"] if photo["skipped"]]
    clock.advance(minutes=5)
    uploaded(world.system, requester, case_id, jpeg(scene(640, 480)), answers=asked)
    process_all(world.system)
    for name in (Role.EXPERT, Role.REQUESTER):
        view = view_for(world, name, case_id)
        assert [row.view for row in view.photos] == ["close_up"]
        assert view.awaited == []
        assert "Gros plan" not in [label for label, _ in view.skipped]
        assert view.skipped
    clock.advance(minutes=5)
    cases.sign(world, case_id)
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        case = work.session.get_one(Case, case_id)
        signed = last_signed(work, case)
        assert signed is not None
        facts = {row["label"]: row["value"] for row in report_of(work, case, signed, False)["facts"]}
    assert facts["Vues non prises"]
    assert "Gros plan\u00a0:" not in facts["Vues non prises"]


def test_the_substitute_s_number_is_read_from_what_was_written(world: World) -> None:
    contact = {"phone": "03 85 00 00 42", "substitute": "Dr Valence, 06 39 98 00 12"}
    view = view_for(world, Role.EXPERT, cases.sent(world, contact=contact))
    substitute = next(row for row in view.telephones if row.part == "substitute")
    assert (substitute.name, substitute.link) == ("Dr Valence", "tel:+33639980012")
    assert view.telephones[0].link == "tel:+33385000042"


def test_two_birth_names_are_both_said(world: World) -> None:
    patient = cases.content()["patient"] | {"used_name": "d’Aubigné"}
    view = view_for(world, Role.EXPERT, cases.sent(world, patient=patient))
    assert (view.patient.name, view.patient.born_as) == ("Mme Hélène d’Aubigné", "Vautrin")


def test_who_has_the_case_is_named_to_colleagues_and_to_the_requester(world: World) -> None:
    case_id = cases.claimed(world)
    mine = view_for(world, Role.EXPERT, case_id).holder
    assert mine is not None
    assert mine.mine
    for name in ("other_expert", Role.REQUESTER):
        holder = view_for(world, name, case_id).holder
        assert holder is not None
        assert (holder.mine, holder.short_name, holder.since) == (False, "Dr Expert", "10\u00a0h")


def test_the_opinion_is_shown_with_its_version(world: World) -> None:
    view = view_for(world, Role.REQUESTER, cases.answered(world))
    assert view.opinion is not None
    assert (view.opinion.version, view.opinion.signed_by) == (1, "Dr Camille Expert")
    assert view.opinion.signed == "12\u00a0mars\u00a02026, 9\u00a0h\u00a059", "and it left at ten"
    assert not view.opinion.superseded


def test_an_opinion_being_written_is_shown_to_nobody_else(world: World) -> None:
    assert view_for(world, Role.REQUESTER, cases.claimed(world)).versions == []


@pytest.mark.parametrize("name", ["stranger", "stranger_expert", Role.BILLING_CLERK, Role.ADMINISTRATOR])
def test_a_stranger_finds_nothing(world: World, name: Role | str) -> None:
    case_id = cases.sent(world)
    with pytest.raises(NotFound):
        view_for(world, name, case_id)


def test_reading_leaves_a_trace_with_the_version_read(world: World, system: System) -> None:
    view = view_for(world, Role.EXPERT, cases.answered(world))
    note_reading(system, world.actor(Role.EXPERT), view, "expert")
    with reading(system) as work:
        (row,) = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.read")).all()
    assert view.opinion is not None
    assert (row.case_id, row.subject_id) == (view.id, view.opinion.id)
    assert row.detail == {"screen": "expert", "revision": 1}

"""A sent request and its revisions: what changed since one looked, who did it and why, and two who wrote at once."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.roles import Role
from dermavis.models import CaseLook, Message
from dermavis.services import answering, changing, conversation
from dermavis.services.access import find_case
from dermavis.services.case_looks import News, news_of, note_look
from dermavis.services.case_view import view_of
from dermavis.services.crossed_completions import crossed
from dermavis.services.identity_corrections import correct_identity
from dermavis.services.opinion_versions import last_signed
from dermavis.services.reports import report_of
from dermavis.services.request_versions import (
    REASONS,
    completed_since,
    parts_between,
    parts_of,
    reason_words,
    versions_of_request,
)
from dermavis.services.work import reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def completed(world: World, case_id: UUID, since: int = 1, why: str = "", **changes: Any) -> None:
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        changing.complete(work, case_id, changes, since, why)


def looked(world: World, case_id: UUID, revision: int, who: Role | str = Role.EXPERT) -> None:
    with writing(world.system, world.actor(who)) as work:
        note_look(work, case_id, revision)


def news(world: World, case_id: UUID, since: int = 0) -> News | None:
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        return news_of(work, case_id, view_of(work, case_id).photos, since)


def marked(world: World, case_id: UUID) -> bool:
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        found = worklist(work, "queue")
    assert case_id in {row.id for row in found.rows}
    return case_id in found.completed


@pytest.mark.postgres
def test_the_expert_is_told_what_changed_since_they_looked_and_their_list_marks_it(
    world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    looked(world, case_id, 1)
    assert news(world, case_id) is None
    assert not marked(world, case_id)
    clock.advance(minutes=5)
    completed(world, case_id, why="Résultat reçu.", question="Et sous anticoagulant ?")
    clock.advance(minutes=5)
    completed(world, case_id, 2, contact={"phone": "0639980014", "substitute": "Dr Valence"})
    assert marked(world, case_id)
    told = news(world, case_id)
    assert told is not None
    assert (told.fresh, told.since) == (True, 1)
    assert [(row.number, row.why, row.by) for row in told.made] == [
        (2, "Résultat reçu.", "Dr Camille Requester"),
        (3, "", "Dr Camille Requester"),
    ]
    assert [(row.label, row.after) for row in told.parts] == [
        ("Où joindre le demandeur", "06\u00a039\u00a098\u00a000\u00a014"),
        ("Question", "Et sous anticoagulant ?"),
    ]
    looked(world, case_id, 3)
    looked(world, case_id, 1, "other_expert")
    known = news(world, case_id)
    assert known is not None
    assert (known.fresh, known.since) == (False, 2)
    assert not marked(world, case_id)
    named = news(world, case_id, since=1)
    assert named is not None
    assert (named.fresh, named.since) == (True, 1)


def test_a_corrected_identity_is_called_so_and_not_a_completion(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    looked(world, case_id, 1)
    clock.advance(minutes=5)
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        correct_identity(work, case_id, {"birth_name": "Vautrain"}, "", "Faute de frappe.", 1)
    told = news(world, case_id)
    assert told is not None
    assert [row.reason for row in told.made] == ["Identité corrigée"]
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        assert worklist(work, "queue").completed == {case_id: "Identité corrigée"}
        assert view_of(work, case_id).completed.startswith("Identité corrigée")
        since = completed_since(work, find_case(work, case_id), 1)
    assert since.startswith("L’identité du patient a été corrigée par Dr Camille Requester")
    completed(world, case_id, 2, question="Autre")
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        assert worklist(work, "queue").completed == {case_id: "Complétée"}


def test_every_reason_for_a_revision_has_its_own_words() -> None:
    assert reason_words("redirected") == "Adressée ailleurs"
    assert len(set(REASONS.values())) == len(REASONS)


@pytest.mark.postgres
def test_an_older_page_takes_no_look_back_and_a_person_has_one_row(world: World) -> None:
    case_id = cases.claimed(world)
    completed(world, case_id, question="Autre")
    looked(world, case_id, 2)
    looked(world, case_id, 1)
    with reading(world.system) as work:
        assert work.session.scalars(select(CaseLook.revision)).all() == [2]


def test_every_revision_is_read_by_its_number_and_compared_with_any_other(world: World) -> None:
    case_id = cases.claimed(world)
    completed(world, case_id, question="Deux")
    completed(world, case_id, 2, question="Trois")
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        case = find_case(work, case_id)
        assert [row.number for row in versions_of_request(work, case)] == [1, 2, 3]
        assert "Vautrin" in {row.after for row in parts_of(work, case, 1)}
        between = {pair: parts_between(work, case, *pair) for pair in [(2, 3), (3, 2), (2, 2)]}
        assert [(row.before, row.after) for row in between[2, 3]] == [("Deux", "Trois")]
        assert [(row.before, row.after) for row in between[3, 2]] == [("Trois", "Deux")]
        assert between[2, 2] == []
        with pytest.raises(NotFound):
            parts_of(work, case, 4)


def test_a_report_says_on_which_revision_its_opinion_rests(world: World) -> None:
    case_id = cases.claimed(world)
    completed(world, case_id, question="Deux")
    cases.sign(world, case_id)
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        case = find_case(work, case_id)
        signed = last_signed(work, case)
        assert signed is not None
        report = report_of(work, case, signed, with_pictures=False)
        assert view_of(work, case_id).versions[-1].rests_on == 2
    assert (report["request_version"], report["question"]) == (2, "Deux")


def test_a_signature_puts_no_text_of_another_tablet_aside_unread(world: World) -> None:
    case_id = cases.claimed(world)
    expert = world.actor(Role.EXPERT)
    with reading(world.system, expert) as work:
        lesion = view_of(work, case_id).content["lesions"][0]["id"]
    mine, other = cases.opinion(), cases.opinion(safety_net="Si elle saigne")
    mine["lesions"][0]["lesion"] = other["lesions"][0]["lesion"] = lesion
    with writing(world.system, expert) as work:
        answering.save_draft(work, case_id, mine, 0)
    with writing(world.system, expert) as work:
        answering.save_draft(work, case_id, other, 1)
    with (
        pytest.raises(Conflict, match="Modifié sur un autre appareil par Dr Camille Expert à"),
        writing(world.system, expert) as work,
    ):
        answering.sign(work, case_id, mine, 1, from_revision=1)
    with writing(world.system, expert) as work:
        assert answering.sign(work, case_id, other, 1, from_revision=1).signed_at is not None


def test_two_who_complete_at_once_lose_nothing_and_see_where_both_wrote(world: World) -> None:
    case_id = cases.claimed(world)
    sent = cases.content()
    completed(world, case_id, question="La leur", contact=sent["contact"] | {"substitute": "Dr Autre"})
    history = deepcopy(sent["history"]) | {"allergies": {"status": "answered", "value": "Pénicilline"}}
    changes = {"question": "La mienne", "history": history, "contact": sent["contact"]}
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        both = crossed(work, case_id, changes, 1)
    assert [row.path for row in both.both] == [("question",)]
    assert {row.after for row in both.theirs} == {"La leur", "Dr Autre"}
    assert both.content["question"] == "La mienne"
    assert both.content["contact"]["substitute"] == "Dr Autre"
    assert both.content["history"]["allergies"]["value"] == "Pénicilline"


def test_a_message_sent_twice_is_one_and_another_text_under_its_id_is_refused(world: World) -> None:
    case_id, message_id = cases.claimed(world), uuid4()
    for _ in range(2):
        with writing(world.system, world.actor(Role.REQUESTER)) as work:
            assert conversation.write(work, case_id, "Bonjour", message_id).id == message_id
    for who, text in ((Role.REQUESTER, "Bonsoir"), (Role.EXPERT, "Bonjour")):
        with pytest.raises(Conflict) as refused, writing(world.system, world.actor(who)) as work:
            conversation.write(work, case_id, text, message_id)
        assert refused.value.code == "message_changed"
    asked = uuid4()
    for _ in range(2):
        with writing(world.system, world.actor(Role.EXPERT)) as work:
            conversation.ask(work, case_id, "Une échelle ?", ["close_up"], [], asked)
    with pytest.raises(Conflict), writing(world.system, world.actor(Role.EXPERT)) as work:
        conversation.ask(work, case_id, "Une échelle ?", ["overview"], [], asked)
    with reading(world.system) as work:
        count = select(func.count()).select_from(Message).where(Message.case_id == case_id)
        assert work.session.scalar(count) == 2

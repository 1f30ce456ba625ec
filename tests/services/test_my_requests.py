"""« Mes demandes » on both databases: who sees what, in which section, page by page, and what a search finds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services import claiming, drafts, following, pooling, sending
from dermavis.services.case_people import asker_of
from dermavis.services.my_requests import PAGE, Section, page_of, search
from dermavis.services.request_rows import RequestRow
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def rows(
    system: System, world: World, section: Section, name: Role | str = Role.REQUESTER
) -> list[RequestRow]:
    with reading(system, world.actor(name)) as work:
        return page_of(work, section).rows


def patient(**traits: Any) -> dict[str, Any]:
    return {**cases.content()["patient"], **traits}


def ids(shown: list[RequestRow]) -> set[UUID]:
    return {row.id for row in shown}


@pytest.mark.postgres
def test_each_request_stands_in_one_section_and_says_what_is_waited_for(system: System, world: World) -> None:
    draft, sent, held = cases.drafted(world), cases.sent(world), cases.on_hold(world)
    answered, over = cases.answered(world), cases.closed(world)
    declined = cases.claimed(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, declined, "no_capacity")
    for_you = rows(system, world, Section.FOR_YOU)
    running = rows(system, world, Section.RUNNING)
    assert ids(for_you) == {held, answered, declined}
    assert ids(running) == {draft, sent}
    assert ids(rows(system, world, Section.OVER)) == {over}
    words = {row.id: (row.words, row.line) for row in (*for_you, *running)}
    assert words[held] == ("Précision demandée", "«\u00a0Une photo du cuir chevelu, s’il vous plaît.\u00a0»")
    assert words[declined] == ("Déclinée\u00a0: à réorienter", "Pas de place dans le délai")
    assert words[answered][0] == "Avis rendu, à lire"
    assert words[draft][0] == "À compléter"
    assert "·" in words[sent][0]
    assert words[sent][0].startswith("Reste")


def test_a_draft_that_was_not_sent_for_three_days_says_so(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.drafted(world)
    prepared = cases.drafted(world, Role.SITE_SECRETARY)

    def lines() -> dict[UUID, tuple[str, str]]:
        shown = [*rows(system, world, Section.FOR_YOU), *rows(system, world, Section.RUNNING)]
        return {row.id: (row.tone, row.line) for row in shown}

    clock.advance(days=2.9)
    assert lines()[case_id] == ("", "Pas encore envoyée.")
    assert "jours" not in lines()[prepared][1]
    clock.advance(days=1.2)
    assert lines()[case_id] == ("warn", "Pas envoyée depuis 4\u00a0jours\u00a0: à envoyer ou à supprimer.")
    assert lines()[prepared][1].endswith(". Pas envoyée depuis 4\u00a0jours\u00a0: à envoyer ou à supprimer.")
    with writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, case_id, cases.content(question="À retirer ?"), 1)
    assert lines()[case_id] == ("", "Pas encore envoyée.")


def test_a_critical_opinion_stays_with_what_waits_until_it_is_confirmed_and_then_waits_for_its_appointment(
    system: System, world: World
) -> None:
    answer = cases.opinion(destination="surgery", within_two_weeks=True)
    case_id = cases.answered(world, answer=answer)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.open_case(work, case_id)
    [row] = rows(system, world, Section.FOR_YOU)
    assert (row.id, row.tone, row.unread) == (case_id, "late", True)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    assert rows(system, world, Section.FOR_YOU) == []
    assert [row.words for row in rows(system, world, Section.RUNNING)] == ["Rendez-vous à donner"]


def test_a_request_sent_back_by_the_coordination_waits_for_its_requester(
    system: System, world: World
) -> None:
    case_id = cases.sent(world, "pooled_requester")
    assert [row.words for row in rows(system, world, Section.RUNNING, "pooled_requester")] == [
        "En relecture à la CPTS"
    ]
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, "insufficient_history", "")
    [row] = rows(system, world, Section.FOR_YOU, "pooled_requester")
    assert (row.words, row.line) == ("Renvoyée, à compléter", "Histoire incomplète")
    assert row.href == f"/requests/{case_id}"


def test_what_the_secretary_prepared_waits_for_those_who_ask_at_the_site_and_becomes_the_senders(
    system: System, world: World
) -> None:
    secretary, doctor = world.actor(Role.SITE_SECRETARY), world.actor(Role.REQUESTER)
    case_id = cases.drafted(world, Role.SITE_SECRETARY)
    with pytest.raises(Forbidden), writing(system, secretary) as work:
        sending.send(work, case_id, 1)
    for name in (Role.REQUESTER, Role.NURSE_REQUESTER, "other_requester"):
        [row] = rows(system, world, Section.FOR_YOU, name)
        assert (row.id, row.words) == (case_id, "À relire et envoyer")
        assert row.line == f"Préparée par {secretary.name}."
    assert rows(system, world, Section.FOR_YOU, "stranger") == []
    assert rows(system, world, Section.FOR_YOU, Role.SITE_SECRETARY) == []
    assert ids(rows(system, world, Section.RUNNING, Role.SITE_SECRETARY)) == {case_id}
    with pytest.raises(NotFound), writing(system, world.actor("stranger")) as work:
        drafts.read(work, case_id)

    with writing(system, doctor) as work:
        drafts.save(work, case_id, cases.content(question="À retirer ?"), 1)
        sending.send(work, case_id, 2)

    with reading(system, doctor) as work:
        asker = asker_of(work, work.session.get_one(Case, case_id))
    assert (asker.name, asker.for_another) == (doctor.name, secretary.name)
    assert ids(rows(system, world, Section.RUNNING)) == {case_id}
    assert rows(system, world, Section.FOR_YOU, "other_requester") == []
    with pytest.raises(NotFound), writing(system, world.actor("other_requester")) as work:
        sending.send(work, case_id, 2)


def test_a_colleagues_own_draft_stays_theirs(system: System, world: World) -> None:
    case_id = cases.drafted(world, "other_requester")
    assert rows(system, world, Section.FOR_YOU) == rows(system, world, Section.RUNNING) == []
    with pytest.raises(NotFound), writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.read(work, case_id)


def test_the_list_is_ones_own_the_secretary_sees_the_site_and_a_substitute_whom_they_stand_in_for(
    system: System, world: World
) -> None:
    mine, colleague = cases.sent(world), cases.sent(world, "other_requester")
    cases.sent(world, "stranger")
    assert ids(rows(system, world, Section.RUNNING)) == {mine}
    assert ids(rows(system, world, Section.RUNNING, Role.SITE_SECRETARY)) == {mine, colleague}
    assert ids(rows(system, world, Section.RUNNING, Role.SUBSTITUTE)) == {colleague}
    named = rows(system, world, Section.RUNNING, Role.SITE_SECRETARY)
    assert {row.requester for row in named} == {"Dr Camille Requester", "Dr Camille Other Requester"} or all(
        row.requester for row in named
    )
    with pytest.raises(Forbidden):
        rows(system, world, Section.RUNNING, Role.EXPERT)


@pytest.mark.postgres
def test_pages_show_each_request_once_while_others_arrive(
    system: System, world: World, clock: FakeClock
) -> None:
    before = {cases.drafted(world) for _ in range(2 * PAGE + 10)}
    seen: list[UUID] = []
    after, first = "", True
    while first or after:
        with reading(system, world.actor(Role.REQUESTER)) as work:
            page = page_of(work, Section.RUNNING, after)
        seen += [row.id for row in page.rows]
        after, first = page.after, False
        clock.advance(seconds=1)
        for _ in range(5):
            cases.drafted(world)
    assert len(seen) == len(set(seen))
    assert set(seen) == before
    with pytest.raises(InvalidInput), reading(system, world.actor(Role.REQUESTER)) as work:
        page_of(work, Section.RUNNING, "yesterday~x")


@pytest.mark.postgres
def test_a_search_finds_by_name_number_and_birth_date_and_signs_find_nothing(
    system: System, world: World
) -> None:
    wanted = cases.closed(
        world, patient=patient(birth_name="LEBŒUF", first_name="Élodie", birth_date="1980-03-01")
    )
    cases.sent(world)
    theirs = cases.sent(world, "other_requester", patient=patient(birth_name="Leboeuf"))

    def found(query: str, name: Role | str = Role.REQUESTER) -> set[UUID]:
        with reading(system, world.actor(name)) as work:
            return ids(search(work, query).rows)

    for query in ("leboeuf", "lebœuf elo", "D-1", "01/03/1980"):
        assert found(query) == {wanted}
    for query in ("%", "_", "％", "", "boeuf"):
        assert found(query) == set()
    assert found("leboeuf", "other_requester") == {theirs}

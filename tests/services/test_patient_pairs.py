"""Possible duplicates, all of them, page by page, however many patients a site has."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import event, select

from dermavis.domain.duplicates import Known, Likeness, likeness
from dermavis.domain.errors import InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import DueRow, Patient
from dermavis.services import housekeeping, patient_pairs
from dermavis.services.patient_duplicates import PAGE, Pair, possible_duplicates
from dermavis.services.patient_merges import keep_apart
from dermavis.services.patients import keep_patient, read_identity
from dermavis.services.work import System, reading, writing
from tests.announced import let_pair
from tests.factories import World
from tests.known_patients import BASE, known

NUMBERS = ("279035121518989", "185022A00404289")


def pages(world: World) -> list[list[Pair]]:
    """Return the whole list, a page at a time."""
    found, after = [], ""
    while True:
        with writing(world.system, world.actor(Role.REQUESTER)) as work:
            page = possible_duplicates(work, after)
        found.append(page.pairs)
        after = page.after
        if not after:
            return found


def ids(pair: Pair) -> frozenset[UUID]:
    return frozenset((pair.one.id, pair.other.id))


@pytest.mark.postgres
def test_every_pair_is_listed_once_the_surest_first_by_25(world: World, system: System) -> None:
    people = [
        {"first_name": f"Anne{chr(97 + n // 26)}{chr(97 + n % 26)}", "birth_date": f"19{n % 80 + 10}-01-02"}
        for n in range(40)
    ]
    for changes in ({}, {"birth_name": "Vautrain"}):
        known(world, *({**person, **changes} for person in people))
    number = {"ins": NUMBERS[0], "ins_oid": "1.2.250.1.213.1.4.8"}
    same = known(world, {"birth_name": "Martin", **number}, {"birth_name": "Durand", **number})
    traits = known(world, {"first_name": "Rose"}, {"first_name": "Rose"})
    let_pair(system)
    found = pages(world)
    assert [len(page) for page in found[:-1]] == [PAGE] * (len(found) - 1)
    every = [pair for page in found for pair in page]
    assert len({ids(pair) for pair in every}) == len(every) >= 42
    assert [ids(pair) for pair in every[:2]] == [frozenset(same), frozenset(traits)]
    order = [list(Likeness).index(pair.likeness) for pair in every]
    assert order == sorted(order)
    with writing(system, world.actor(Role.REQUESTER)) as work, pytest.raises(InvalidInput):
        possible_duplicates(work, "9~x~y")


@pytest.mark.postgres
def test_the_list_holds_exactly_what_the_rule_says_of_any_two(world: World, system: System) -> None:
    chance = Random(7)
    people = []
    for _ in range(120):
        day = date(1950, 1, 1) + timedelta(days=chance.randrange(30))
        names = [
            chance.choice(["Martin", "Martín", "Marin", "Paul", "Anne Marie", "Marie-Anne"]) for _ in "ab"
        ]
        numbers = (
            {"ins": chance.choice(NUMBERS), "ins_oid": "1.2.250.1.213.1.4.8"} if chance.random() < 0.1 else {}
        )
        people.append(
            {
                "birth_name": names[0],
                "first_name": names[1],
                "birth_date": day.isoformat(),
                "sex": chance.choice("FMU"),
                **numbers,
            }
        )
    known(world, *people)
    let_pair(system)
    with reading(system) as work:
        every = [
            Known(row.id, row.organization_id, read_identity(work, row))
            for row in work.session.scalars(select(Patient))
        ]
    wanted = {
        frozenset((one.id, other.id)): why
        for n, one in enumerate(every)
        for other in every[:n]
        if (why := likeness(one, other))
    }
    assert len(set(wanted.values())) == len(Likeness)
    assert {ids(pair): pair.likeness for page in pages(world) for pair in page} == wanted


def test_what_is_decided_or_corrected_leaves_the_list(world: World, system: System) -> None:
    one, other, third = known(world, {}, {"birth_name": "Vautrain"}, {"birth_name": "Vautrinn"})
    let_pair(system)
    assert {ids(pair) for page in pages(world) for pair in page} == {
        frozenset((one, other)),
        frozenset((one, third)),
    }
    with writing(system, world.actor(Role.REQUESTER)) as work:
        keep_apart(work, other, one)
        keep_patient(work, BASE | {"id": str(third), "birth_name": "Martin"}, world.site_id, third)
    assert pages(world) == [[]], "before the clock has looked"
    let_pair(system)
    assert pages(world) == [[]]


@pytest.mark.postgres
def test_a_group_larger_than_one_transaction_is_compared_to_its_end(
    world: World, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient_pairs, "MOST_COMPARED", 3)
    known(world, *({} for _ in range(11)))
    let_pair(system)
    assert sum(len(page) for page in pages(world)) == 55


def test_who_was_known_before_is_compared_by_a_round_that_comes_once(
    world: World, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient_pairs, "MOST_COMPARED", 4)
    known(world, *({} for _ in range(6)), {"first_name": "Rose"})
    with writing(system) as work:
        for row in work.session.scalars(select(DueRow)):
            work.session.delete(row)
    assert pages(world) == [[]]
    housekeeping.begin(system)
    let_pair(system)
    assert sum(len(page) for page in pages(world)) == 15
    housekeeping.begin(system)
    with reading(system) as work:
        rounds = work.session.scalars(select(DueRow).where(DueRow.kind == patient_pairs.ROUND)).all()
        assert [row.outcome for row in rounds] == ["done"]


def test_a_page_asks_as_little_of_many_pairs_as_of_few(world: World, system: System) -> None:
    asked: list[str] = []

    def statements() -> int:
        let_pair(system)
        asked.clear()
        with writing(system, world.actor(Role.REQUESTER)) as work:
            assert len(possible_duplicates(work).pairs) == PAGE
        return len(asked)

    event.listen(
        system.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement)
    )
    known(world, *({"first_name": f"Rose{chr(97 + n)}"} for n in range(PAGE + 1) for _ in range(2)))
    few = statements()
    known(world, *({"birth_name": "Martin"} for _ in range(25)))
    assert statements() == few
    assert 0 < few < 10

"""The model that random schedules are held against notices what is lost, doubled or of other bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.schedules.drawing import KINDS, MOMENTS, draw
from tests.schedules.model import (
    BYTES,
    DOUBLED,
    LOST,
    OTHER,
    Asked,
    HeldCase,
    HeldPicture,
    Surroundings,
    TakenPicture,
    faults,
)

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
AROUND = Surroundings(
    NOON - timedelta(minutes=5), NOON + timedelta(minutes=5), frozenset({"expert", "junior"})
)
HELD = HeldCase(
    id="one",
    state="submitted",
    number="D-1",
    submissions=1,
    revisions=("Retirer ?",),
    named=("picture",),
    pictures={"picture": HeldPicture("overview", "aa", "bb")},
    notices={"expert": 1, "junior": 1},
    submitted_at=NOON,
    due_at=NOON + timedelta(hours=48),
)


def asked() -> Asked:
    """A request that was typed, photographed, sent and acknowledged."""
    one = Asked("one", pictures={"picture": TakenPicture("overview", "aa", "bb")})
    one.type("Retirer ?")
    one.press("Retirer ?")
    one.promise()
    return one


def kinds(one: Asked, *held: HeldCase) -> set[str]:
    """Return the kinds of fault that the model finds."""
    return {fault.kind for fault in faults([one], held, AROUND)}


def test_what_arrived_once_as_it_was_sent_has_no_fault() -> None:
    assert faults([asked()], [HELD], AROUND) == []


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        ([], LOST),
        ([replace(HELD, number="", state="draft", submissions=0)], LOST),
        ([HELD, HELD], DOUBLED),
        ([HELD, replace(HELD, id="another", number="D-2")], DOUBLED),
        ([replace(HELD, submissions=2)], DOUBLED),
        ([replace(HELD, revisions=("Retirer ?", "Retirer ?"))], DOUBLED),
        ([replace(HELD, notices={"expert": 2, "junior": 1})], DOUBLED),
        ([replace(HELD, notices={"expert": 1})], LOST),
        ([replace(HELD, notices={"expert": 1, "junior": 1, "stranger": 1})], OTHER),
        ([replace(HELD, revisions=("Surveiller ?",))], LOST),
        ([replace(HELD, named=())], LOST),
        ([replace(HELD, named=("picture", "picture"))], DOUBLED),
        ([replace(HELD, pictures={})], LOST),
        ([replace(HELD, pictures={**HELD.pictures, "more": HeldPicture("overview", "cc", "dd")})], DOUBLED),
        ([replace(HELD, pictures={"picture": HeldPicture("overview", "aX", "bb")})], BYTES),
        ([replace(HELD, pictures={"picture": HeldPicture("overview", "aa", "bX")})], BYTES),
        ([replace(HELD, pictures={"picture": HeldPicture("overview", "", "bb")})], LOST),
        ([replace(HELD, pictures={"picture": HeldPicture("overview", "aa", "")})], LOST),
        ([replace(HELD, pictures={"picture": HeldPicture("overview", "aa", "bb", whole=False)})], BYTES),
        ([replace(HELD, pictures={"picture": HeldPicture("close_up", "aa", "bb")})], OTHER),
        ([replace(HELD, submitted_at=NOON + timedelta(days=2))], OTHER),
        ([replace(HELD, due_at=NOON - timedelta(days=3650))], OTHER),
    ],
)
def test_a_planted_loss_double_or_changed_byte_is_found(held: list[HeldCase], kind: str) -> None:
    assert kind in kinds(asked(), *held)


def test_a_diagnostic_picture_that_the_service_made_of_the_right_original_is_no_loss() -> None:
    made = HeldPicture("overview", "aa", "", made_here=True)
    assert faults([asked()], [replace(HELD, pictures={"picture": made})], AROUND) == []
    assert BYTES in kinds(asked(), replace(HELD, pictures={"picture": replace(made, original="aX")}))


def test_a_change_that_left_without_its_writer_being_told_is_lost_and_no_longer_once_told() -> None:
    one = asked()
    one.type("Surveiller ?")
    one.press("Surveiller ?")
    assert LOST in kinds(one, HELD)
    one.told_left_out.add("Surveiller ?")
    assert faults([one], [HELD], AROUND) == []
    assert faults([one], [replace(HELD, revisions=("Surveiller ?",))], AROUND) == []


def test_words_that_stood_in_their_field_as_the_request_left_are_told_as_well() -> None:
    one = asked()
    one.late = "Surveiller ?"
    assert LOST in kinds(one, HELD)
    one.told_left_out.add("Surveiller ?")
    assert faults([one], [HELD], AROUND) == []
    one.late, one.told_left_out = HELD.revisions[-1], set()
    assert faults([one], [HELD], AROUND) == []


def test_what_was_never_sent_must_not_arrive_and_what_was_taken_back_may_stay() -> None:
    draft = Asked("one")
    draft.type("Retirer ?")
    assert faults([draft], [], AROUND) == []
    assert OTHER in kinds(draft, HELD)
    one = asked()
    one.type("Surveiller ?")
    assert faults([one], [replace(HELD, number="", state="draft")], AROUND) == []


def test_a_seed_draws_the_same_schedule_and_a_hundred_draw_every_happening() -> None:
    assert draw(7) == draw(7) != draw(8)
    drawn = [errand for seed in range(100) for errand in draw(seed).errands]
    met = {one.kind for errand in drawn for moment in MOMENTS for one in errand.happenings[moment]}
    assert met | {"changed after Envoyer", "begun without line"} == set(KINDS)
    assert any(errand.changes for errand in drawn)
    assert any(errand.without_line for errand in drawn)
    assert not all(errand.sends for errand in drawn)

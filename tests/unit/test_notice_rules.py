"""The words of every piece of news, and when it may reach somebody: pure rules."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time, timedelta

import pytest

from dermavis.domain.letters import LETTERS, written
from dermavis.domain.notice_letters import letter, title
from dermavis.domain.notice_words import EVENTS, by_urgency
from dermavis.domain.notices import MAIL_AFTER, UNPRESSED_WAIT, Wishes, backoff, letter_from, push_from

EVENING = datetime(2026, 3, 12, 19, 30, tzinfo=UTC)  # 20:30 in Paris


def test_an_urgent_case_has_words_of_its_own_for_what_presses_and_for_nothing_else() -> None:
    assert by_urgency("handed_over", "urgent") == "handed_over_urgent"
    assert by_urgency("handed_over", "routine") == "handed_over"
    assert by_urgency("message", "urgent") == "message"
    assert by_urgency("handed_over_urgent", "urgent") == "handed_over_urgent", "twice is once"
    pressing = {name for name in EVENTS if name.endswith("_urgent")} - {"became_urgent"}
    assert all(name.removesuffix("_urgent") in EVENTS and EVENTS[name].urgency == "high" for name in pressing)


def test_every_event_has_french_words_and_fits_a_locked_screen() -> None:
    for name, event in EVENTS.items():
        shown = title(name, "D-4821")
        assert shown == f"{event.words} · D-4821"
        assert len(shown) <= 40
        assert event.urgency in {"low", "normal", "high"}
        assert event.letter in {"always", "unread", "never"}
        subject, text = letter(name, "D-4821", "https://dermavis.example/cases/1")
        assert subject == shown
        assert f"{event.sentence} (dossier D-4821)." in text
        assert "https://dermavis.example/cases/1" in text
    assert title("draft_reminder", "") == "Demande non envoyée"


@pytest.mark.parametrize("kind", sorted(LETTERS))
def test_a_letter_is_completed_with_what_it_carries_and_nothing_stays_open(kind: str) -> None:
    carried = {name: f"<{name}>" for name in LETTERS[kind].carries}
    subject, text = written(kind, carried)
    assert subject
    assert all(piece in text for piece in carried.values())
    assert not re.search(r"[{}]", text)
    if carried:
        with pytest.raises(KeyError):
            written(kind, {})


def test_quiet_hours_hold_back_what_can_wait_and_nothing_urgent() -> None:
    wishes = Wishes(quiet_from=time(20, 0), quiet_to=time(7, 30))
    morning = datetime(2026, 3, 13, 6, 30, tzinfo=UTC)
    assert push_from(EVENTS["message"], wishes, EVENING) == morning
    assert push_from(EVENTS["opinion_now"], wishes, EVENING) == EVENING
    assert push_from(EVENTS["message"], wishes, EVENING - timedelta(hours=1)) == EVENING - timedelta(hours=1)
    assert push_from(EVENTS["message"], wishes, morning) == morning
    early = datetime(2026, 3, 13, 5, 0, tzinfo=UTC)
    assert push_from(EVENTS["message"], wishes, early) == morning
    noon_nap = Wishes(quiet_from=time(12, 0), quiet_to=time(14, 0))
    assert push_from(EVENTS["message"], noon_nap, datetime(2026, 3, 12, 12, 0, tzinfo=UTC)) == datetime(
        2026, 3, 12, 13, 0, tzinfo=UTC
    )
    elsewhere = Wishes(quiet_from=time(20, 0), quiet_to=time(7, 30), time_zone="America/Martinique")
    assert push_from(EVENTS["message"], elsewhere, EVENING) == EVENING
    for event, held in (("opinion", True), ("opinion_unread", True), ("opinion_now_unread", False)):
        leaves = letter_from(EVENTS[event], wishes, EVENING, can_be_pushed=True)
        assert leaves == (morning if held else EVENING), event


def test_a_person_chooses_their_letters_but_an_opinion_is_always_written() -> None:
    at = EVENING
    assert letter_from(EVENTS["message"], Wishes(mail="opinions"), at, can_be_pushed=False) is None
    assert letter_from(EVENTS["message"], Wishes(mail="always"), at, can_be_pushed=True) == at
    assert letter_from(EVENTS["message"], Wishes(), at, can_be_pushed=True) == at + MAIL_AFTER
    assert letter_from(EVENTS["opinion"], Wishes(mail="opinions"), at, can_be_pushed=True) == at
    assert letter_from(EVENTS["closed"], Wishes(mail="always"), at, can_be_pushed=False) is None
    assert push_from(EVENTS["opinion"], Wishes(push=False), at) is None


def test_preferences_survive_being_stored_and_unreadable_ones_become_the_defaults() -> None:
    wishes = Wishes(
        push=False, mail="always", quiet_from=time(20), quiet_to=time(7, 30), time_zone="Indian/Reunion"
    )
    assert Wishes.read(json.loads(json.dumps({"notices": wishes.store()}))) == wishes
    assert Wishes.read({}) == Wishes()
    assert Wishes.read({"notices": {"mail": "?", "quiet_from": "25:99"}}) == Wishes()


def test_tries_wait_longer_each_time_and_never_all_together() -> None:
    waits = [backoff(tries, 0) for tries in range(1, 14)]
    assert waits[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert waits == sorted(waits)
    assert max(waits) == timedelta(minutes=30)
    assert max(backoff(tries, 0, longest=UNPRESSED_WAIT) for tries in range(1, 14)) == timedelta(hours=2)
    assert backoff(500, 0) == timedelta(minutes=30)
    assert backoff(1, 1.0) == timedelta(seconds=2.5)
    assert backoff(1, 0.5, asked=120) == timedelta(seconds=120)

"""Who confirms that two records are joined."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dermavis.domain.joining import (
    LAPSES_AFTER,
    SECOND_READING_AFTER,
    Second,
    awaited_words,
    confirmation,
    first_told_at,
)

ME, COLLEAGUE, SECRETARY, OTHER_SECRETARY = (UUID(int=n) for n in range(1, 5))
AT = datetime(2026, 3, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("proposer", "asking", "secretaries", "second", "people"),
    [
        (ME, {ME, COLLEAGUE}, {SECRETARY}, Second.COLLEAGUE, {COLLEAGUE}),
        (ME, {ME}, {SECRETARY}, Second.SECRETARY, {SECRETARY}),
        (ME, {ME}, set(), Second.SAME_AGAIN, {ME}),
        (ME, {ME}, {ME}, Second.SAME_AGAIN, {ME}),
        (SECRETARY, {ME}, {SECRETARY, OTHER_SECRETARY}, Second.COLLEAGUE, {ME}),
        (SECRETARY, set(), {SECRETARY, OTHER_SECRETARY}, Second.NOBODY, set()),
        (ME, {COLLEAGUE}, set(), Second.COLLEAGUE, {COLLEAGUE}),
        (ME, set(), {SECRETARY}, Second.NOBODY, set()),
    ],
)
def test_a_colleague_then_the_secretary_then_the_same_person_a_day_later(
    proposer: UUID, asking: set[UUID], secretaries: set[UUID], second: Second, people: set[UUID]
) -> None:
    found = confirmation(proposer, AT, asking, secretaries)
    assert (found.second, found.people) == (second, people)
    alone = second is Second.SAME_AGAIN
    assert found.since == AT + (SECOND_READING_AFTER if alone else timedelta(0))
    assert found.until == AT + LAPSES_AFTER
    assert (proposer in found.people) is alone, "nobody confirms at once what they proposed"
    assert first_told_at(found, AT) == (found.since if alone else AT + timedelta(days=3))


@pytest.mark.parametrize("second", Second)
def test_the_screen_says_who_and_by_when(second: Second) -> None:
    words = awaited_words(second, "Dr Solène Maubert", "13 mars, 10 h", "11 avr. 2026")
    assert "d’ici le 11 avr. 2026" in words
    assert ("Maubert" in words) is (second in {Second.COLLEAGUE, Second.SECRETARY})
    assert ("13 mars" in words) is (second is Second.SAME_AGAIN)

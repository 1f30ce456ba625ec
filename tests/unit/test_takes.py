"""In which order pictures of the same view are shown, and how each is told from the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dermavis.domain.takes import takes

SENT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return SENT + timedelta(minutes=minutes)


def test_a_later_picture_stands_after_the_former_of_its_view_and_lesion_alone() -> None:
    pictures = [
        (("overview", 1), at(-5)),
        (("close_up", 1), at(-4)),
        (("close_up", 2), at(-3)),
        (("close_up", 2), at(90)),
        (("overview", 1), at(80)),
        (("overview", 1), at(60)),
    ]
    found = takes(pictures, SENT)
    assert [take.place for take in found] == [0, 5, 4, 1, 2, 3]
    assert [take.words for take in found] == [
        "1re\u00a0prise",
        "2e\u00a0prise",
        "3e\u00a0prise",
        "",
        "1re\u00a0prise",
        "2e\u00a0prise",
    ]
    assert [take.is_last for take in found] == [False, False, True, True, False, True]


def test_pictures_of_the_request_keep_its_order_whenever_their_bytes_came() -> None:
    pictures = [("close_up", at(-1)), ("close_up", at(-9)), ("close_up", at(9)), ("close_up", at(3))]
    assert [take.place for take in takes(pictures, SENT)] == [0, 1, 3, 2]


def test_lesions_stand_by_their_ranks() -> None:
    pictures = [(("close_up", "b"), SENT), (("close_up", "a"), SENT), (("close_up", "b"), at(1))]
    assert [take.place for take in takes(pictures, SENT, [1, 0, 1])] == [1, 0, 2]

"""What differs between two contents of a request, in the words that a doctor reads."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import uuid4

from dermavis.adapters.specialty_files import load_specialty
from dermavis.domain.request_differences import PartDifference, joined, part_differences
from tests import cases

DERMATOLOGY = load_specialty("dermatology")


def found(before: dict[str, Any], after: dict[str, Any]) -> dict[str, PartDifference]:
    return {".".join(row.path): row for row in part_differences(DERMATOLOGY, before, after)}


def test_a_request_reads_as_itself_whatever_the_phones_clock() -> None:
    content = cases.content()
    assert (
        part_differences(DERMATOLOGY, content, content | {"device": {"time": "2026-03-12T09:00:00Z"}}) == []
    )


def test_answers_added_changed_and_removed_are_told_old_beside_new() -> None:
    before = cases.content()
    after = deepcopy(before)
    after["history"]["duration"] = {"status": "answered", "value": {"unit": "weeks", "count": 3}}
    after["history"]["allergies"] = {"status": "unknown", "value": None}
    removed = next(name for name in before["history"] if name not in ("duration", "allergies"))
    del after["history"][removed]
    after["question"] = "Biopsie\u00a0?"
    told = found(before, after)
    assert set(told) == {"history.duration", "history.allergies", f"history.{removed}", "question"}
    assert told["history.duration"].after == "Depuis 3\u00a0semaines"
    assert told["history.duration"].before not in ("", "Depuis 3\u00a0semaines")
    assert told["history.allergies"].after == "Inconnu"
    assert (told[f"history.{removed}"].kind, told[f"history.{removed}"].after) == ("removed", "")
    assert told["question"].before == before["question"]


def test_a_changed_identity_stands_first_then_the_contact_then_the_pictures() -> None:
    before = cases.content()
    after = deepcopy(before)
    photo = str(uuid4())
    lesion = before["lesions"][0]["id"]
    after["photos"].append(
        {"id": photo, "lesion": lesion, "view": "close_up", "skipped": None, "sha256": None}
    )
    after["contact"]["phone"] = "+33385000099"
    after["patient"]["birth_date"] = "1941-02-03"
    rows = part_differences(DERMATOLOGY, before, after)
    assert [row.section for row in rows] == ["Patient", "Contact", "Photos"]
    assert rows[0].after == "03/02/1941"
    assert rows[1].after == "03\u00a085\u00a000\u00a000\u00a099"
    assert (rows[2].photo, rows[2].taken, rows[2].kind) == (photo, True, "added")


def test_the_fingerprint_of_a_picture_and_the_order_of_pictures_are_nobodys_words() -> None:
    before = cases.content()
    after = deepcopy(before)
    after["photos"].reverse()
    after["photos"][0]["sha256"] = "0" * 64
    assert part_differences(DERMATOLOGY, before, after) == []


def test_a_lesion_reads_as_the_expert_reads_it_and_an_addressee_by_name() -> None:
    before = cases.content()
    after = deepcopy(before)
    after["lesions"][0]["size_mm"] = 31
    team = str(uuid4())
    after["addressing"] = {"mode": "named", "team": team, "person": None}
    rows = {row.path[0]: row for row in part_differences(DERMATOLOGY, before, after, {team: "CHU, avis"})}
    assert "31\u00a0mm" in rows["lesions"].after
    assert "31\u00a0mm" not in rows["lesions"].before
    assert rows["addressing"].after == "CHU, avis"


def test_a_content_that_lacks_whole_parts_is_compared_all_the_same() -> None:
    after = cases.content()
    told = found({}, after)
    assert told["patient.birth_name"].kind == "added"
    assert all(row.before == "" for row in told.values())


def test_two_texts_of_one_request_are_joined_and_mine_stands_where_both_wrote() -> None:
    base = cases.content()
    mine, theirs = deepcopy(base), deepcopy(base)
    mine["question"] = "La mienne"
    mine["history"]["allergies"] = {"status": "answered", "value": "Pénicilline"}
    mine["photos"] = [*mine["photos"][1:], {"id": "mine", "view": "close_up", "skipped": None}]
    theirs["question"] = "La leur"
    theirs["contact"]["substitute"] = "Dr Autre"
    theirs["photos"] = [{"id": "theirs", "view": "overview", "skipped": None}, *theirs["photos"]]
    both = joined(base, mine, theirs)
    assert both["question"] == "La mienne"
    assert both["history"]["allergies"]["value"] == "Pénicilline"
    assert both["contact"]["substitute"] == "Dr Autre"
    there = {photo["id"] for photo in both["photos"]}
    assert there == {"theirs", "mine", *(photo["id"] for photo in base["photos"][1:])}
    assert joined(base, base, theirs) == theirs
    assert joined(base, mine, base) == mine

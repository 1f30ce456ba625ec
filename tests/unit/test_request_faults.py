"""What is wrong with a request as a whole, told before it is sent."""

from __future__ import annotations

import pytest

from dermavis.domain.request_faults import faults, is_minor
from dermavis.domain.requests import read_request
from tests.whole_request import TODAY, WHOLE, changed


def test_a_sound_request_has_no_fault() -> None:
    assert faults(read_request(WHOLE, TODAY), TODAY) == {}


FAULTY = [
    ("patient.ins", "258037107600187", "patient.ins"),
    ("patient.ins_oid", "1.2.3", "patient.ins_oid"),
    ("patient.birthplace_insee", "Mâcon", "patient.birthplace_insee"),
    ("patient.identity_status", "qualified", "patient.identity_status"),
    ("patient.phone", "12", "patient.phone"),
    ("patient.postcode", "00000", "patient.postcode"),
    ("contact.phone", "06", "contact.phone"),
    ("consent.by", "representative", "consent.representative_name"),
    ("lesions", [], "photos.0.lesion"),
    ("photos.0.skipped", "Patient parti", "photos.0.skipped"),
    ("addressing", {"mode": "named"}, "addressing"),
    ("addressing", {"mode": "team_queue"}, "addressing"),
    ("patient.birth_date", "2019-06-22", "patient.representative"),
]


@pytest.mark.parametrize(("path", "value", "field"), FAULTY)
def test_what_contradicts_itself_is_told_before_sending(path: str, value: object, field: str) -> None:
    assert list(faults(read_request(changed(path, value), TODAY), TODAY)) == [field]


def test_a_minor_turns_adult_on_the_eighteenth_birthday() -> None:
    assert is_minor(read_request(changed("patient.birth_date", "2008-11-27"), TODAY), TODAY)
    assert not is_minor(read_request(changed("patient.birth_date", "2008-11-26"), TODAY), TODAY)
    assert not is_minor(read_request({}, TODAY), TODAY)

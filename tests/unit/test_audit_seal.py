"""What is hashed of the audit, and how seals are chained."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.audit_seal import Cell, follows, head_of, leaf_hash, merkle_root, row_bytes, sealed

AT = datetime(2026, 3, 12, 9, 0, 0, 5, tzinfo=UTC)
ID = UUID(int=7)

# The example tree of Certificate Transparency's implementations (RFC 9162, section 2.1.1): leaves, and roots by number.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("number", sorted(ROOTS))
def test_roots_are_those_of_the_published_example(number: int) -> None:
    assert merkle_root([leaf_hash(content) for content in LEAVES[:number]]).hex() == ROOTS[number]


leaves = st.lists(st.binary(min_size=1, max_size=4).map(leaf_hash), min_size=1, max_size=20)


@given(leaves, leaves)
def test_other_leaves_or_another_order_have_another_root(one: list[bytes], other: list[bytes]) -> None:
    assert (merkle_root(one) == merkle_root(other)) == (one == other)


def test_a_node_does_not_pass_for_a_leaf() -> None:
    first, second = leaf_hash(b"a"), leaf_hash(b"b")
    assert merkle_root([leaf_hash(first + second)]) != merkle_root([first, second])


def test_a_row_is_the_same_bytes_whatever_the_order_of_columns_and_the_zone() -> None:
    paris = AT.astimezone(timezone(timedelta(hours=1)))
    assert row_bytes({"id": 1, "at": AT, "actor_id": ID}) == row_bytes({"actor_id": ID, "at": paris, "id": 1})
    assert row_bytes({"id": 1, "at": AT}) == b'[["at",{"at":"2026-03-12T09:00:00.000005Z"}],["id",1]]'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (None, ""),
        (None, "null"),
        (ID, str(ID)),
        (ID, ID.hex),
        (ID, ID.hex.upper()),
        (AT, AT + timedelta(microseconds=1)),
        (AT, "2026-03-12T09:00:00.000005Z"),
        ('{"a": 1}', '{"a":1}'),
        (b"a", "a"),
        (1, 1.0),
        ("é", "e\u0301"),
        ("\ud800", "?"),
    ],
)
def test_what_differs_in_a_column_differs_in_the_bytes(one: Cell, other: Cell) -> None:
    assert row_bytes({"detail": one}) != row_bytes({"detail": other})
    assert row_bytes({"detail": one}) == row_bytes({"detail": one})


def test_a_value_does_not_slip_from_one_column_into_the_next() -> None:
    assert row_bytes({"action": "ab", "kind": "c"}) != row_bytes({"action": "a", "kind": "bc"})
    assert row_bytes({"action": "a", "kind": None}) != row_bytes({"action": None, "kind": "a"})


def test_seals_follow_each_other_in_number_and_rows() -> None:
    first = sealed(None, 1, 10, [leaf_hash(b"a")], AT)
    second = sealed(first, 11, 12, [leaf_hash(b"b")], AT)
    assert (first.number, second.number) == (1, 2)
    assert follows(None, first)
    assert follows(first, second)
    assert not follows(None, second)
    assert not follows(None, replace(first, first_id=2))
    assert not follows(first, replace(second, first_id=12))
    assert not follows(second, second)


def test_a_head_stands_for_everything_before_it_and_all_that_its_seal_says() -> None:
    first = sealed(None, 1, 10, [leaf_hash(b"a")], AT)
    forged = sealed(None, 1, 10, [leaf_hash(b"x")], AT)
    heads = {
        head_of(before, first_id, last_id, root, at)
        for before in (None, first, forged)
        for first_id in (11, 12)
        for last_id in (20, 21)
        for root in (bytes(32), b"\x01" * 32)
        for at in (AT, AT + timedelta(microseconds=1))
    }
    assert len(heads) == 3 * 2**4
    assert sealed(first, 11, 20, [leaf_hash(b"b")], AT).head in {
        head_of(first, 11, 20, merkle_root([leaf_hash(b"b")]), AT)
    }

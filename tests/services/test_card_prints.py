"""Prints of the reference card: a code each, verified both ways, withdrawn; and the reading kept with a picture."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.reference_card import AS_DRAWN, PrintCheck
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, PhotoMeasure, PrintBatch
from dermavis.models.photos import CARD
from dermavis.services import card_prints
from dermavis.services.case_photos import card_shown
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.load.card_scenes import BATCH, composed
from tests.photographing import ORIGINAL, send, shown
from tests.unit.test_card_finding import PLAIN
from tests.unit.test_reference_card import GOOD
from tests.uploading import process_all


def test_each_print_has_its_own_code_and_one_that_waits_is_taken_again(world: World) -> None:
    first = _printed(world)
    assert _printed(world) == first
    _verified(world, first, AS_DRAWN)

    second, of_centre = _printed(world), _printed(world, Role.SUPER_USER)

    codes = [_row(world, one).code for one in (first, second, of_centre)]
    assert codes == ["A", "B", "C"]
    assert (_row(world, first).layout, _row(world, first).code_size) == ("DVC1", 20)


def test_what_was_measured_is_kept_with_the_print_and_told_for_the_scale(world: World) -> None:
    shrunk, unseen = _printed(world), "Z9"
    assert _known(world, shrunk) == card_prints.KnownPrint(1.0, verified=False)

    _verified(world, shrunk, PrintCheck(83.0, 83.2))

    row = _row(world, shrunk)
    assert (row.measured_width_hundredths, row.measured_height_hundredths) == (8300, 8320)
    known = _known(world, shrunk)
    assert known.verified
    assert known.factor == pytest.approx(83.1 / 85.6)
    with reading(world.system) as work:
        assert card_prints.known_prints(work, [unseen]) == {}
    with pytest.raises(Conflict):
        _verified(world, shrunk, AS_DRAWN)


def test_a_withdrawn_print_is_sure_of_nothing_and_its_sheet_is_gone(world: World) -> None:
    one = _printed(world)
    _verified(world, one, AS_DRAWN)
    assert _sheet(world, one)[1].startswith(b"%PDF-")

    for _ in range(2):
        with writing(world.system, world.actor(Role.REQUESTER)) as work:
            card_prints.withdraw_print(work, one)

    assert not _known(world, one).verified
    with pytest.raises(NotFound):
        _sheet(world, one)
    assert _audited(world.system) == ["card.print", "card.verify", "card.withdraw"]


def test_a_print_is_its_own_place_s_and_not_everybody_prints(world: World) -> None:
    one = _printed(world)

    for stranger in (Role.SUPER_USER, "stranger"):
        with pytest.raises(NotFound), writing(world.system, world.actor(stranger)) as work:
            card_prints.verify_print(work, one, AS_DRAWN)
    for role in (Role.EXPERT, Role.COORDINATOR, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden), writing(world.system, world.actor(role)) as work:
            card_prints.begin_print(work)


def test_when_every_code_is_taken_it_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_prints, "batch_codes", lambda: iter(["A"]))
    _verified(world, _printed(world), AS_DRAWN)

    with pytest.raises(Conflict) as refused:
        _printed(world)

    assert refused.value.code == "no_code_left"


def test_a_picture_keeps_what_was_read_of_its_card(world: World, carded: bytes) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, carded)
    process_all(world.system)

    row = _measure(world, photo_id)

    assert row.version == 1
    assert (row.values["found"], row.values["batch"], row.values["discs"]) == (True, BATCH, 6)
    # The measures of the picture's quality are told apart from it.
    assert "sharpness" in shown(world, case_id)[0].measures


def test_a_picture_without_a_card_keeps_that_too(world: World) -> None:
    photo_id = send(world, cases.drafted(world), ORIGINAL)
    process_all(world.system)

    assert _measure(world, photo_id).values == {"found": False}


@pytest.fixture(scope="module")
def carded() -> bytes:
    """A JPEG of a card beside a lesion."""
    file = io.BytesIO()
    composed(PLAIN).save(file, "JPEG", quality=90)
    return file.getvalue()


def _printed(world: World, who: Role | str = Role.REQUESTER) -> UUID:
    with writing(world.system, world.actor(who)) as work:
        return card_prints.begin_print(work)


def _verified(world: World, print_id: UUID, check: PrintCheck) -> None:
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        card_prints.verify_print(work, print_id, check)


def _row(world: World, print_id: UUID) -> PrintBatch:
    with reading(world.system) as work:
        return work.session.get_one(PrintBatch, print_id)


def _known(world: World, print_id: UUID) -> card_prints.KnownPrint:
    code = _row(world, print_id).code
    with reading(world.system) as work:
        return card_prints.known_prints(work, [code])[code]


def _sheet(world: World, print_id: UUID) -> tuple[str, bytes]:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return card_prints.sheet(work, print_id)


def _measure(world: World, photo_id: UUID) -> Any:
    with reading(world.system) as work:
        return work.session.scalars(
            select(PhotoMeasure).where(PhotoMeasure.photo_id == photo_id, PhotoMeasure.source == CARD)
        ).one()


def _audited(system: System) -> list[str]:
    with reading(system) as work:
        return list(
            work.session.scalars(
                select(AuditEvent.action).where(AuditEvent.action.like("card.%")).order_by(AuditEvent.id)
            )
        )


def test_what_the_viewer_gets_is_as_large_as_the_print_was_measured() -> None:
    drawn = card_shown(GOOD, card_prints.KnownPrint(1.0, verified=True))
    shrunk = card_shown(GOOD, card_prints.KnownPrint(0.95, verified=True))
    unknown = card_shown(GOOD, card_prints.KnownPrint())

    assert drawn is not None
    assert shrunk is not None
    assert unknown is not None
    assert shrunk["map"][0] == pytest.approx(drawn["map"][0] * 0.95)
    assert shrunk["size"] == pytest.approx([85.6 * 0.95, 53.98 * 0.95])
    assert (drawn["said"], unknown["said"]) == ("scale", "approximate")
    assert drawn["gains"] == [1.2, 1.0, 0.9]
    nothing = replace(GOOD, discs=0, gains=None)
    assert card_shown(nothing, card_prints.KnownPrint(1.0, verified=True)) is None


def test_an_original_that_follows_leaves_the_card_that_was_found(world: World, carded: bytes) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, carded, role="diagnostic")
    process_all(world.system)

    send(world, case_id, ORIGINAL, role="original", photo_id=photo_id)
    process_all(world.system)

    assert _measure(world, photo_id).values["found"]

"""The map between two planes: what was put in comes out, whatever the camera."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dermavis.domain import homography as h
from dermavis.domain import reference_card as card

small = st.floats(-0.0015, 0.0015)
share = st.floats(0.5, 8)
slant = st.floats(-2, 2)
maps = st.tuples(
    share, slant, st.floats(-500, 500), slant, share, st.floats(-500, 500), small, small, st.just(1.0)
)
places = st.tuples(st.floats(0, 85), st.floats(0, 54))


@given(maps, places)
def test_a_map_and_its_inverse_bring_a_place_back(map_: h.Map, place: h.Point) -> None:
    assume(abs(map_[0] * map_[4] - map_[1] * map_[3]) > 0.1)

    back = h.apply(h.inverse(map_), h.apply(map_, place))

    assert math.dist(back, place) < 1e-6


@given(maps)
def test_a_fit_finds_the_map_that_its_points_were_made_with(map_: h.Map) -> None:
    assume(abs(map_[0] * map_[4] - map_[1] * map_[3]) > 0.1)
    pairs = [(place, h.apply(map_, place)) for place in (*card.DISCS, *card.CODE_CORNERS)]

    fitted = h.fit(pairs, [1.0] * 6 + [0.25] * 4)

    for place in ((0.0, 0.0), (85.6, 0.0), (100.0, 70.0)):
        assert math.dist(h.apply(fitted, place), h.apply(map_, place)) < 1e-4


def test_a_light_point_hardly_moves_the_fit() -> None:
    pairs = [(disc, disc) for disc in card.DISCS]
    astray = ((20.0, 20.0), (21.0, 20.0))

    heavy, light = h.fit([*pairs, astray]), h.fit([*pairs, astray], [1.0] * 6 + [0.05])

    assert h.length(light, (0, 0), (10, 0)) == pytest.approx(10, abs=0.001)
    assert abs(h.length(heavy, (0, 0), (10, 0)) - 10) > 0.005


@given(st.floats(0, 50), st.floats(0, math.tau))
def test_the_tilt_of_a_plane_is_read_from_its_map(tilt: float, turn: float) -> None:
    focal, distance, angle = 1500.0, 200.0, math.radians(tilt)
    across = (math.cos(turn), math.sin(turn) * math.cos(angle), math.sin(turn) * math.sin(angle))
    down = (-math.sin(turn), math.cos(turn) * math.cos(angle), math.cos(turn) * math.sin(angle))
    rows = (
        *(focal * across[0] + 1000 * across[2], focal * down[0] + 1000 * down[2], 1000 * distance),
        *(focal * across[1] + 700 * across[2], focal * down[1] + 700 * down[2], 700 * distance),
        *(across[2], down[2], distance),
    )

    assert h.tilt_degrees(rows, focal, (1000, 700)) == pytest.approx(tilt, abs=0.01)


@pytest.mark.parametrize(
    "pairs",
    [
        [((0.0, 0.0), (0.0, 0.0))] * 3,
        [((float(n), 0.0), (float(n), 0.0)) for n in range(6)],
        [((1.0, 1.0), (float(n), 0.0)) for n in range(5)],
    ],
)
def test_points_that_fix_no_map_are_refused(pairs: list[tuple[h.Point, h.Point]]) -> None:
    with pytest.raises(h.NoMap):
        h.fit(pairs)


def test_a_map_that_flattens_and_a_place_on_the_horizon_are_refused() -> None:
    with pytest.raises(h.NoMap):
        h.inverse((1, 2, 0, 2, 4, 0, 0, 0, 1))
    with pytest.raises(h.NoMap):
        h.apply((1, 0, 0, 0, 1, 0, 1, 0, -5), (5, 3))


@given(maps, st.sampled_from([1.0, -1.0]))
def test_a_map_is_told_with_the_sign_that_is_positive_where_it_is_used(map_: h.Map, sign: float) -> None:
    assume(abs(map_[0] * map_[4] - map_[1] * map_[3]) > 0.1)
    turned = h.inverse(map_)
    backwards = tuple(sign * each for each in turned)

    told = h.in_front(backwards, (42.8, 27.0))  # type: ignore[arg-type]

    x, y = h.apply(map_, (42.8, 27.0))
    assert told[6] * x + told[7] * y + told[8] > 0
    assert math.dist(h.apply(tuple(told), (x, y)), (42.8, 27.0)) < 1e-4  # type: ignore[arg-type]

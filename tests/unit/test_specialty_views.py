"""Which pictures a request must show: every line of the field's table of motives and sites."""

from __future__ import annotations

from typing import Any

import pytest

from dermavis.adapters.specialty_files import load_specialty
from dermavis.domain.specialty import optional_views, required_views

DERMATOLOGY = load_specialty("dermatology")


def lesion(**observed: Any) -> dict[str, Any]:
    return {
        "site": "upper_back",
        "side": "right",
        "palpation": "",
        "elementary": [],
        "pigmented": False,
    } | observed


def required(motive: str, observed: dict[str, Any], dermatoscope: bool = False) -> list[str]:
    return [view.id for view in required_views(DERMATOLOGY, motive, observed, dermatoscope)]


def offered(motive: str, observed: dict[str, Any], dermatoscope: bool = False) -> list[str]:
    return [view.id for view in optional_views(DERMATOLOGY, motive, observed, dermatoscope)]


@pytest.mark.parametrize(
    ("motive", "views", "more"),
    [
        ("pigmented", ["overview", "close_up", "scale"], ["dermoscopy", "neighbours"]),
        ("tumour", ["overview", "close_up", "scale"], ["dermoscopy", "neighbours"]),
        ("keratosis", ["overview", "close_up"], ["scale", "dermoscopy", "oblique"]),
        ("wound", ["overview", "close_up", "scale", "oblique"], ["other_side"]),
        (
            "inflammatory",
            ["distribution", "region", "fresh_element"],
            ["oblique", "other_side", "palms", "soles", "mucosa", "vitropression"],
        ),
    ],
)
def test_each_motive_has_its_required_and_optional_views(
    motive: str, views: list[str], more: list[str]
) -> None:
    assert required(motive, lesion()) == views
    assert offered(motive, lesion()) == more


def test_another_motive_offers_every_view_that_it_does_not_require() -> None:
    assert required("other", lesion()) == ["overview", "close_up"]
    every = {view.id for view in DERMATOLOGY.views}
    assert set(offered("other", lesion())) == every - {"overview", "close_up"}


@pytest.mark.parametrize("motive", ["inflammatory", "keratosis", "wound", "other"])
def test_a_lesion_marked_pigmented_is_shown_as_one_whatever_the_motive(motive: str) -> None:
    views = required(motive, lesion(pigmented=True))
    assert [view for view in views if view in ("overview", "close_up", "scale")] == [
        "overview",
        "close_up",
        "scale",
    ]
    assert "dermoscopy" in offered(motive, lesion(pigmented=True))
    assert "region" not in views
    assert "fresh_element" not in views


@pytest.mark.parametrize(
    ("motive", "observed"),
    [
        ("pigmented", lesion()),
        ("tumour", lesion()),
        ("keratosis", lesion(pigmented=True)),
        ("inflammatory", lesion(pigmented=True)),
    ],
)
def test_dermoscopy_is_required_where_the_site_owns_a_dermatoscope(
    motive: str, observed: dict[str, Any]
) -> None:
    assert "dermoscopy" not in required(motive, observed)
    assert "dermoscopy" in offered(motive, observed)
    assert "dermoscopy" in required(motive, observed, dermatoscope=True)
    assert "dermoscopy" not in offered(motive, observed, dermatoscope=True)


def test_a_dermatoscope_asks_nothing_of_a_pale_keratosis() -> None:
    assert required("keratosis", lesion(), dermatoscope=True) == ["overview", "close_up"]


@pytest.mark.parametrize("observed", [lesion(palpation="raised"), lesion(elementary=["macule", "nodule"])])
def test_an_oblique_view_is_offered_when_a_tumour_is_raised(observed: dict[str, Any]) -> None:
    assert "oblique" not in offered("tumour", lesion(palpation="flat", elementary=["macule"]))
    assert "oblique" in offered("tumour", observed)
    assert "oblique" not in required("tumour", observed)


@pytest.mark.parametrize("motive", ["inflammatory", "keratosis", "other"])
@pytest.mark.parametrize(
    ("site", "views"),
    [
        ("big_toenail", ["whole_site", "close_up", "scale"]),
        ("scalp_top", ["whole_site", "close_up"]),
        ("lower_lip", ["whole_site", "close_up"]),
    ],
)
def test_nails_hair_and_mucosae_are_shown_whole_and_near(motive: str, site: str, views: list[str]) -> None:
    assert required(motive, lesion(site=site)) == views
    assert "other_side" in offered(motive, lesion(site=site))


def test_a_pigmented_nail_is_shown_whole_near_and_with_a_scale() -> None:
    assert required("pigmented", lesion(site="thumbnail_plate", pigmented=True)) == [
        "whole_site",
        "close_up",
        "scale",
    ]


def test_views_come_in_the_order_in_which_they_are_taken() -> None:
    for motive in DERMATOLOGY.motives:
        views = required_views(DERMATOLOGY, motive.id, lesion(pigmented=True), True)
        assert [view.priority for view in views] == sorted(view.priority for view in views)
        assert views[0].close_up is False


def test_an_unknown_motive_or_lesion_asks_for_no_view() -> None:
    assert required("", lesion()) == []
    assert required("pigmented", {}) == ["overview", "close_up", "scale"]
    assert required_views(DERMATOLOGY, "pigmented", None) == required_views(DERMATOLOGY, "pigmented", {})

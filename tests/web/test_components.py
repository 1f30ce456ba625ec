"""The components render with nothing undefined, as valid HTML that names things for those who cannot see them."""

from __future__ import annotations

import re

import html5lib
import pytest
from flask import Flask, render_template_string
from markupsafe import Markup

from tests.web.specimen import PAGES, ROOT, create_specimen_app

ERRORS = (400, 403, 404, 413, 429, 500, 503)


@pytest.fixture(scope="module")
def specimens() -> Flask:
    return create_specimen_app()


def rendered(app: Flask, source: str, **names: object) -> str:
    with app.test_request_context():
        return render_template_string(source, **names)


def page(app: Flask, path: str) -> str:
    answer = app.test_client().get(path)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [f"/specimen/{name}" for name in PAGES] + [f"/refusal/{status}" for status in ERRORS] + ["/offline"],
)
def test_every_page_is_valid_html_with_one_main_heading_and_a_title(specimens: Flask, path: str) -> None:
    text = page(specimens, path)
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text)
    assert parser.errors == []
    assert len(re.findall(r"<h1[ >]", text)) == 1
    assert re.search(r"<title>\S.* – DermAvis</title>", text)
    assert '<html lang="fr">' in text
    identifiers = re.findall(r' id="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_page_says_what_happened_what_was_kept_and_what_to_do(specimens: Flask, status: int) -> None:
    text = page(specimens, f"/refusal/{status}")
    words = text[text.index("<main") : text.index("</main>")]
    assert words.count("<p>") >= 3
    assert "<strong>" in words
    assert '<footer class="dock">' in text


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "static/icons/sprite.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    assert {"inbox", "send"} <= known
    asked = set()
    for template in (ROOT / "templates").rglob("*.html"):
        asked |= set(re.findall(r"icon(?:_of)?\('([a-z0-9-]+)'", template.read_text(encoding="utf-8")))
    assert "circle-alert" in asked
    assert asked - known == set()


def test_the_band_writes_the_birth_date_as_people_say_it_and_is_never_translated(specimens: Flask) -> None:
    source = (
        "{% from 'components/patient.html' import patient_band %}{{ patient_band(name, born, '68 ans') }}"
    )
    band = rendered(specimens, source, name="Mme Hélène Vautrin", born="1958-03-12")
    assert 'translate="no"' in band
    assert "Mme Hélène Vautrin" in band
    assert '<span class="birth">12/03/1958</span>' in band


def test_a_field_in_error_is_described_by_its_hint_and_its_error(specimens: Flask) -> None:
    source = (
        "{% from 'components/field.html' import text_field %}"
        "{{ text_field('rpps', 'RPPS', '1', 'Onze chiffres', 'Trop court') }}"
    )
    field = rendered(specimens, source)
    assert 'aria-describedby="rpps-hint rpps-error"' in field
    assert 'aria-invalid="true"' in field
    assert 'id="rpps-error"' in field


def test_what_was_typed_comes_back_and_is_escaped(specimens: Flask) -> None:
    source = (
        "{% from 'components/field.html' import text_area, text_field %}"
        "{{ text_area('q', 'Question', typed) }}{{ text_field('n', 'Nom', typed) }}"
    )
    text = rendered(specimens, source, typed='\nPremière ligne <b> "et" suite')
    assert "<b>" not in text
    assert "&lt;b&gt;" in text
    assert "<textarea" in text
    assert ">\n\nPremière ligne" in text  # HTML drops the first line break: it is written twice
    assert 'value="\nPremière' in text


def test_the_error_summary_links_to_each_field_and_asks_for_the_focus(specimens: Flask) -> None:
    source = "{% from 'components/notice.html' import error_summary %}{{ error_summary(errors) }}"
    summary = rendered(specimens, source, errors={"rpps": "Il manque un chiffre", "born": "Date impossible"})
    assert '<a href="#rpps">Il manque un chiffre</a>' in summary
    assert 'tabindex="-1" data-focus' in summary
    assert "2 réponses sont à revoir" in summary
    assert rendered(specimens, source, errors={}).strip() == ""


def test_a_choice_is_found_by_value_whatever_its_shape(specimens: Flask) -> None:
    source = (
        "{% from 'components/choice.html' import choices, chips %}"
        "{{ choices('a', 'A', options, value) }}{{ chips('b', 'B', options, [value]) }}"
    )
    pairs = [("x", "Ixe"), ("y", "Igrec")]
    mappings = [{"id": "x", "label": "Ixe"}, {"value": "y", "label": "Igrec"}]
    for options in (pairs, mappings):
        text = rendered(specimens, source, options=options, value="y")
        assert re.findall(r'value="(\w)" checked', text) == ["y", "y"]
        assert 'id="a"' in text


def test_a_number_chosen_earlier_is_chosen_again(specimens: Flask) -> None:
    source = (
        "{% from 'components/choice.html' import chips %}{{ chips('b', 'B', [(1, 'Un'), (2, 'Deux')], [2]) }}"
    )
    assert re.findall(r'value="(\d)" checked', rendered(specimens, source)) == ["2"]


def test_the_photo_link_begins_with_the_words_that_are_seen_and_tells_its_state(specimens: Flask) -> None:
    source = "{% from 'components/photo.html' import photo_strip %}{{ photo_strip(photos) }}"
    photo = {
        "id": "p",
        "thumb": "/t",
        "full": "/f",
        "label": "Gros plan",
        "note": "un peu floue",
        "tone": "warn",
    }
    strip = rendered(specimens, source, photos=[photo])
    assert 'aria-label="Gros plan, un peu floue, voir en grand"' in strip
    assert "<span>Gros plan</span>" in strip


@pytest.mark.parametrize(("share", "drawn"), [(0, 3), (0.5, 50), (1.7, 100)])
def test_the_pie_shows_the_share_that_is_spent_and_never_more_than_all(
    specimens: Flask, share: float, drawn: int
) -> None:
    source = "{% from 'components/deadline.html' import deadline %}{{ deadline('Reste 24 h', share) }}"
    assert f'stroke-dasharray="{drawn} 100"' in rendered(specimens, source, share=share)


def test_names_stay_as_they_are_typed_in_lists_and_threads(specimens: Flask) -> None:
    row = rendered(
        specimens,
        "{% from 'components/case_row.html' import case_row %}{{ case_row('/c', name, line='Kératose') }}",
        name=Markup.escape("N’Guyên-Đặng"),
    )
    assert 'translate="no">N’Guyên-Đặng' in row

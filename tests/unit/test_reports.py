"""The report: everything that was signed, whole, readable by people, and safe from what was typed."""

from __future__ import annotations

from datetime import date
from typing import cast

import pytest

from dermavis.adapters.reports.french_dates import age_in_words, short_date, written_instant
from dermavis.adapters.reports.glyphs import SQUARE
from dermavis.domain.report import Report
from dermavis.domain.report_text import plain_text
from tests.reporting import REPORTS, common_report, flat, pages

FIELD_GLYPHS = "« œdème, 3 × 4 mm, ≤ 5 µm, Ÿ, e\u0301, U+202F\u202f: soft\u00adhyphen, ﬁ, ﬂ, ffi »"
HOSTILE = (
    "#panic() $x^2$ *gras* _i_ \\ \" ; @renvoi <nom> #image(\"/etc/passwd\") `c` // non /* non */",
    "= Titre\n- puce\n+ numéro\n#set page(fill: red)\n]#v(9cm)[",
    '{"report": 1}, "signed_at": "x"',
    "<script>alert(1)</script> &amp; %PDF-1.4 endstream",
)  # fmt: skip


def test_a_common_case_fits_one_page_and_says_everything_outcome_first() -> None:
    [page] = pages(REPORTS.make(common_report()))
    words = flat(page)
    for expected in (
        "Mme Hélène VAUTRIN née le 12/03/1958 68 ans", "Nom de naissance : D’AUBIGNÉ", "Identité validée",
        "jeudi 26 novembre 2026 à 8 h 31 (heure de Paris, UTC+1)", "Dr Solène Maubert", "RPPS 10005678901",
        "Dr Julien Hennequin", "Tél. 03 85 00 12 34", "Surveiller ou retirer ?", "amlodipine 5 mg", "CIM-10 L82",
        "Vaseline, le soir, 3 semaines", "naevus, carcinome basocellulaire pigmenté", "Gros plan avec échelle",
        "Avis rendu sur la base des informations transmises.", "version 1", "page 1 / 1",
        "Envoyée le mercredi 25 novembre 2026 à 9 h 20 (heure de Paris, UTC+1), version 1",
    ):  # fmt: skip
        assert flat(expected) in words, expected
    assert "démonstration" not in words
    outcome, diagnosis = words.index("Suivi par le médecin"), words.index("Kératose séborrhéique irritée")
    assert outcome < diagnosis < words.index("La demande")


def test_the_characters_of_the_field_are_printed_and_copied_back() -> None:
    [page] = pages(REPORTS.make(common_report(question=FIELD_GLYPHS, photo_advice="", teaching="")))
    assert SQUARE not in page
    assert flat(FIELD_GLYPHS) in flat(page)


def test_the_non_breaking_blank_of_a_name_does_not_spread_to_the_copied_text() -> None:
    patient = {"name": "Mme\u00a0Zoé LE\u00a0GOFF\u2011MARTIN", "birth_date": "1958-03-12", "sex": "F"}
    [page] = pages(REPORTS.make(common_report(patient=patient)))
    assert "Mme Zoé LE GOFF-MARTIN" in page
    assert "\u00a0" not in page
    assert "\u2011" not in page
    assert "Avis D-4821" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_typed_stays_text(text: str) -> None:
    report = common_report(question=text, safety_net=text)
    report["patient"]["name"] = text.split("\n")[0][:40]
    report["lesions"][0]["diagnosis"] = text
    report["pictures"][0]["legend"] = text.split("\n")[0][:20]
    whole = flat(" ".join(pages(REPORTS.make(report))))
    assert whole.count(flat(text)) >= 3


def test_what_no_font_can_print_never_stops_a_report() -> None:
    odd = "emoji 🙂, 中, privé \ue000, demi \ud800, contrôle \x00\x07, sens \u202e, fin"
    [page] = pages(REPORTS.make(common_report(question=odd)))
    assert f"emoji {SQUARE}, {SQUARE}, privé {SQUARE}, demi , contrôle , sens , fin" in flat(page)


def test_each_of_several_lesions_is_numbered_and_says_where_it_leads() -> None:
    report = common_report(outcome={"label": "Chirurgie", "level": "ordinary"})
    report["lesions"] = [
        {
            "title": "Dos",
            "diagnosis": "Kératose",
            "conduct": "Rien.",
            "outcome": "Suivi par le médecin traitant",
        },
        {"title": "Nez", "diagnosis": "Carcinome", "conduct": "Exérèse.", "outcome": "Chirurgie"},
    ]
    printed = flat(" ".join(pages(REPORTS.make(report))))
    written = plain_text(cast(Report, report))
    for text in (printed, written.replace("LÉSION", "Lésion")):
        places = [
            text.index(words) for words in ("Chirurgie", "Lésion 1 : Dos", "Lésion 2 : Nez", "Carcinome")
        ]
        assert places == sorted(places)
    assert "Suite pour cette lésion : Suivi par le médecin traitant\nDiagnostic : Kératose" in written


def test_a_long_answer_goes_on_with_the_patient_and_the_number_on_each_page() -> None:
    report = common_report(safety_net="Revenir si la lésion change. " * 400)
    report["lesions"] *= 4
    each = pages(REPORTS.make(report))
    assert len(each) > 2
    for rank, page in enumerate(each, start=1):
        assert "Mme Hélène VAUTRIN" in page
        assert "12/03/1958" in page
        assert f"Avis D-4821 · version 1 · page {rank} / {len(each)}" in flat(page)


def test_a_request_without_lesion_picture_or_history_makes_a_report_too() -> None:
    report = common_report(pictures=[], facts=[], hypothesis="", motive="", teaching="", photo_advice="")
    report["lesions"] = [{"diagnosis": "", "conduct": "Adresser en consultation."}]
    [page] = pages(REPORTS.make(report))
    assert "Diagnostic impossible à distance" in page
    assert "Question" in page
    assert "Hypothèse" not in page


def test_a_corrected_version_says_what_it_replaces_and_a_demonstration_says_so() -> None:
    report = common_report(
        version=2, replaces_version=1, replaces_signed_at="2026-11-26T06:00:00+00:00", fictitious=True
    )
    [page] = pages(REPORTS.make(report))
    assert "Version 2, remplace la version 1 du jeudi 26 novembre 2026 à 7 h 00" in flat(page)
    assert "Document de démonstration, sans valeur médicale" in page


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Paris", "jeudi 1er\u00a0janvier\u00a02026 à 0\u00a0h\u00a030 (heure de Paris, UTC+1)"),
        (
            "America/Martinique",
            "mercredi 31\u00a0décembre\u00a02025 à 19\u00a0h\u00a030 (heure de Martinique, UTC−4)",
        ),
        (
            "Indian/Reunion",
            "jeudi 1er\u00a0janvier\u00a02026 à 3\u00a0h\u00a030 (heure de La Réunion, UTC+4)",
        ),
        ("Asia/Kolkata", "jeudi 1er\u00a0janvier\u00a02026 à 5\u00a0h\u00a000 (UTC+5:30)"),
    ],
)
def test_an_hour_names_its_zone(zone: str, words: str) -> None:
    assert written_instant("2025-12-31T23:30:00+00:00", zone) == words
    assert written_instant("2025-12-31T23:30:00", zone) == words


def test_a_birth_date_never_moves_and_an_unknown_one_is_shown_as_typed() -> None:
    assert short_date("1980-03-01") == "01/03/1980"
    assert short_date("1980") == "1980"
    assert age_in_words("2025-01-31", date(2026, 11, 26)) == "21\u00a0mois"
    assert age_in_words("1958-11-27", date(2026, 11, 26)) == "67\u00a0ans"
    assert age_in_words("", date(2026, 11, 26)) == ""
    assert age_in_words("2027-01-01", date(2026, 11, 26)) == ""

"""The report: everything that was signed, whole, readable by people, by screen readers and by archives."""

from __future__ import annotations

import io
import time
import unicodedata
from datetime import date
from typing import Any, cast

import pypdf
import pytest
from PIL import Image, ImageDraw

from dermavis.adapters.reports import FONT, TypstReports
from dermavis.adapters.reports.french_dates import age_in_words, short_date, written_instant
from dermavis.adapters.reports.glyphs import SQUARE, characters, printable
from dermavis.domain.report import Report, file_name, pictures_to_show
from dermavis.domain.report_text import plain_text

REPORTS = TypstReports()
FIELD_GLYPHS = "« œdème, 3 × 4 mm, ≤ 5 µm, Ÿ, e\u0301, U+202F\u202f: soft\u00adhyphen, ﬁ, ﬂ, ffi »"
HOSTILE = (
    "#panic() $x^2$ *gras* _i_ \\ \" ; @renvoi <nom> #image(\"/etc/passwd\") `c` // non /* non */",
    "= Titre\n- puce\n+ numéro\n#set page(fill: red)\n]#v(9cm)[",
    '{"report": 1}, "signed_at": "x"',
    "<script>alert(1)</script> &amp; %PDF-1.4 endstream",
)  # fmt: skip


def drawn(width: int, height: int) -> bytes:
    """Return a JPEG of a lesion on skin, drawn here."""
    picture = Image.new("RGB", (width, height), (224, 180, 158))
    middle, radius = (width // 2, height // 2), min(width, height) // 7
    ImageDraw.Draw(picture).ellipse(
        (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius), fill=(96, 56, 44)
    )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def common_report(**changes: Any) -> dict[str, Any]:
    """Return the report of an ordinary case: one lesion, three pictures, ten facts."""
    facts = [
        ("Lésion", "dos, à droite, unique, 12 mm"), ("Durée", "2 ans"), ("Évolution", "stable"),
        ("Traitements essayés", "aucun"), ("Traitements en cours", "amlodipine 5 mg"), ("Allergies", "aucune"),
        ("Antécédents", "hypertension"), ("Saignement", "oui, au frottement"), ("Cancer de la peau", "non"),
        ("Phototype", "III"),
    ]  # fmt: skip
    report: dict[str, Any] = {
        "number": "D-4821",
        "version": 1,
        "specialty": "Dermatologie",
        "time_zone": "Europe/Paris",
        "requested_at": "2026-11-25T08:20:00+00:00",
        "request_version": 1,
        "request_made_at": "2026-11-25T08:20:00+00:00",
        "signed_at": "2026-11-26T07:31:00+00:00",
        "patient": {
            "name": "Mme Hélène VAUTRIN", "birth_name": "D’AUBIGNÉ", "birth_date": "1958-03-12", "sex": "F",
            "identity_status": "Identité validée",
        },
        "requester": {"name": "Dr Julien Hennequin", "profession": "médecin généraliste",
                      "organization": "Cabinet médical de Buxy", "phone": "03 85 00 12 34"},
        "expert": {"name": "Dr Solène Maubert", "profession": "dermatologue",
                   "organization": "CH de Chalon", "rpps": "10005678901"},
        "motive": "Kératose",
        "question": "Surveiller ou retirer ? Elle s’accroche au soutien-gorge.",
        "hypothesis": "kératose séborrhéique",
        "facts": [{"label": label, "value": value} for label, value in facts],
        "pictures": [
            {"content": drawn(900, 1200), "legend": legend, "alternative": f"{legend} du dos"}
            for legend in ("Vue d’ensemble", "Gros plan", "Gros plan avec échelle")
        ],
        "outcome": {"label": "Suivi par le médecin traitant", "level": "ordinary",
                    "more": ["À revoir à distance dans 6 semaines"]},
        "lesions": [
            {
                "title": "Dos, à droite", "diagnosis": "Kératose séborrhéique irritée", "certainty": "Probable",
                "code": "L82", "differentials": ["naevus", "carcinome basocellulaire pigmenté"],
                "description": "Lésion verruqueuse à bords nets.",
                "conduct": "Pas de biopsie.\nNouvelle photo à 6 semaines.",
                "treatments": [{"drug": "Vaseline", "dose": "le soir", "duration": "3 semaines"}],
            }
        ],
        "safety_net": "Elle saigne sans frottement ou change de forme.",
        "teaching": "Les pseudokystes cornés orientent vers une kératose.",
        "photo_advice": "Touchez la lésion à l’écran avant de déclencher.",
    }  # fmt: skip
    return report | changes


def pages(pdf: bytes) -> list[str]:
    """Return what a reader can copy from each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def flat(text: str) -> str:
    """Return text as it is compared: composed, one blank for several, no invisible hyphen, one kind of hyphen."""
    composed = unicodedata.normalize("NFC", text).replace("\u00ad", "").replace("\u2011", "-")
    return " ".join(composed.replace("\u202f", "@@").split()).replace("@@", "\u202f")


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


def test_the_file_is_an_archive_and_tagged_for_screen_readers() -> None:
    reader = pypdf.PdfReader(io.BytesIO(REPORTS.make(common_report())))
    root = reader.trailer["/Root"]
    about = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in about
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "fr-FR"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Avis D-4821 du 26\u00a0novembre\u00a02026"
    assert "VAUTRIN" not in str(reader.metadata)
    kinds, alternatives = _tags(root["/StructTreeRoot"])
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 2
    assert kinds.count("/Figure") == 3
    assert alternatives == ["Vue d’ensemble du dos", "Gros plan du dos", "Gros plan avec échelle du dos"]


def _tags(node: Any) -> tuple[list[str], list[str]]:
    node = node.get_object()
    if isinstance(node, list):
        below = [_tags(each) for each in node]
    elif isinstance(node, dict) and "/K" in node:
        below = [_tags(node["/K"])]
    else:
        below = []
    kinds, alternatives = [], []
    if isinstance(node, dict) and "/S" in node:
        kinds.append(str(node["/S"]))
        if "/Alt" in node:
            alternatives.append(str(node["/Alt"]))
    for more_kinds, more_alternatives in below:
        kinds += more_kinds
        alternatives += more_alternatives
    return kinds, alternatives


def test_pictures_are_whole_and_their_bytes_untouched() -> None:
    wide, tall = drawn(1600, 900), drawn(700, 1400)
    pictures = [{"content": wide, "legend": "a", "alternative": ""}, {"content": tall, "legend": "b"}]
    pdf = REPORTS.make(common_report(pictures=pictures))
    found = [image for page in pypdf.PdfReader(io.BytesIO(pdf)).pages for image in page.images]
    assert sorted(image.image.size for image in found if image.image) == [(700, 1400), (1600, 900)]
    assert wide in pdf
    assert tall in pdf


def test_at_most_two_rows_of_four_pictures_are_printed() -> None:
    pictures = [{"content": drawn(300, 200 + rank), "legend": str(rank)} for rank in range(10)]
    reader = pypdf.PdfReader(io.BytesIO(REPORTS.make(common_report(pictures=pictures))))
    assert sum(len(page.images) for page in reader.pages) == 8


@pytest.mark.parametrize(
    ("ranks", "several", "shown"),
    [
        ([0, 0, 0, 0, 0], False, [0, 1, 2, 3]),
        ([], True, []),
        ([0] * 9 + [1, 2], True, [0, 1, 2, 3, 4, 5, 9, 10]),
        ([1, 0, -1, 0], True, [2, 1, 3, 0]),
        ([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], True, [0, 1, 2, 3, 4, 5, 6, 8]),
    ],
)
def test_no_lesion_is_left_without_a_picture_in_the_report(
    ranks: list[int], several: bool, shown: list[int]
) -> None:
    assert pictures_to_show(ranks, several) == shown


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


def test_a_picture_that_is_no_jpeg_is_refused() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    with pytest.raises(ValueError, match="not a JPEG"):
        REPORTS.make(common_report(pictures=[{"content": out.getvalue(), "legend": "a"}]))


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


def test_the_same_report_is_the_same_file_and_comes_quickly() -> None:
    report = common_report()
    first = REPORTS.make(report)
    start = time.perf_counter()
    assert REPORTS.make(report) == first
    assert time.perf_counter() - start < 2


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


def test_the_name_of_the_file_is_the_number_and_the_day() -> None:
    assert file_name("D-4821", date(2026, 11, 26)) == "avis-D-4821-2026-11-26.pdf"
    assert file_name("D-4821", date(2026, 11, 26), 2) == "avis-D-4821-2026-11-26-v2.pdf"
    assert file_name('../"\r\n', date(2026, 11, 26)) == "avis-avis-2026-11-26.pdf"


def test_the_font_says_what_it_holds() -> None:
    known = characters(FONT)
    assert {ord(character) for character in "œŒŸ≤≥×µ«»’€ﬁ\u202f\u00a0□"} <= known
    assert ord("中") not in known
    assert printable("a\r\nb\u2028c\td", FONT) == "a\nb\nc d"

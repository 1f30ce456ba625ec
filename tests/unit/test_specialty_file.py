"""A specialty file: what it must hold, and how a faulty one is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dermavis.adapters.specialty_files import load_specialties, load_specialty
from dermavis.domain.specialty import SpecialtyError, parse
from dermavis.domain.toml_lines import line_of
from tests.specialties import FOLDER

DERMATOLOGY = (Path(__file__).parents[2] / "dermavis" / "specialties" / "dermatology.toml").read_text("utf-8")
TOY = (FOLDER / "haematology.toml").read_text("utf-8")


def line_with(text: str, words: str) -> int:
    """The line of the only place where these words stand."""
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if words in line]
    assert len(lines) == 1, f"{words} stands on lines {lines}"
    return lines[0]


def refusal(text: str) -> SpecialtyError:
    with pytest.raises(SpecialtyError) as caught:
        parse(text, "essai.toml")
    return caught.value


def test_the_packaged_specialties_are_read() -> None:
    specialties = load_specialties()
    assert specialties["dermatology"].name == "Dermatologie"
    assert specialties["dermatology@1"].version == 1


def test_a_file_in_the_installations_folder_adds_a_specialty() -> None:
    assert "haematology" not in load_specialties()
    assert load_specialty("haematology", FOLDER).name == "Hématologie"


def test_an_older_version_stays_readable_beside_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "haematology.toml").write_text(TOY.replace("version = 1", "version = 2"), "utf-8")
    (tmp_path / "haematology-1.toml").write_text(TOY, "utf-8")
    specialties = load_specialties(tmp_path)
    assert specialties["haematology"].version == 2
    assert specialties["haematology@1"].version == 1


def test_two_files_of_one_version_are_refused(tmp_path: Path) -> None:
    (tmp_path / "haematology.toml").write_text(TOY, "utf-8")
    (tmp_path / "haematology-1.toml").write_text(TOY, "utf-8")
    with pytest.raises(SpecialtyError, match="déjà dans un autre fichier"):
        load_specialties(tmp_path)


@pytest.mark.parametrize(
    ("written", "faulty", "place", "reason"),
    [
        (
            'label = "Pic monoclonal"',
            'lable = "Pic monoclonal"',
            'lable = "Pic',
            "« lable » n’est pas une clé connue ici",
        ),
        ('unit = "G/L"', "unit = 12", "unit = 12", "« unit » : un texte est attendu"),
        ("max = 3000", 'max = "beaucoup"', 'max = "beaucoup"', "« max » : un nombre est attendu"),
        ('id = "anaemia"', 'id = "Anémie"', 'id = "Anémie"', "un identifiant s’écrit en minuscules"),
        (
            'tier = "call_now"',
            'tier = "tomorrow"',
            'tier = "tomorrow"',
            "« tomorrow » n’est pas permis pour « tier »",
        ),
        (
            'screen = "proteins"',
            'screen = "protein"',
            'screen = "protein"',
            "l’écran « protein » n’existe pas ; peut-être « proteins »",
        ),
        (
            'motives = ["monoclonal_peak"]',
            'motives = ["peek"]',
            'motives = ["peek"]',
            "le motif « peek » n’existe pas",
        ),
        ('id = "platelets"', 'id = "haemoglobin"', None, "l’identifiant « haemoglobin » est donné deux fois"),
        (
            'id = "peak"',
            'id = "old_bleeding_score"',
            'id = "old_bleeding_score"',
            "a servi à une ancienne question",
        ),
        ('phrase = "pic de {}"', 'phrase = "pic"', 'phrase = "pic"', "la phrase doit contenir une fois"),
        ("max = 150\n", "max = -1\n", None, "le minimum (0) dépasse le maximum (-1)"),
        (
            'certainty = "possible"',
            'certainty = "sûr"',
            'certainty = "sûr"',
            "la certitude « sûr » n’existe pas",
        ),
        ("uses_pictures = false", "uses_pictures = true", "uses_pictures", "aucune vue n’est décrite"),
        ("uses_lesions = false", "uses_lesions = true", "uses_lesions", "aucun siège n’est décrit"),
        ('kind = "yes_no"', 'kind = "choice"', 'kind = "choice"', "un choix sans aucune réponse possible"),
        ('negative = "saignement"', "", 'kind = "yes_no"', "dit comment se lisent le oui"),
        ('[[outcomes]]\nid = "gp"', '[[outcomes]\nid = "gp"', None, "n’est pas du TOML"),
        (
            'optional = ["history_quality"',
            'optional = ["conduct", "history_quality"',
            'optional = ["conduct"',
            "« conduct » est déjà obligatoire",
        ),
        (
            'certainty = "possible"',
            'certainty = "possible"\ncode = "D50.9"',
            "D50.9",
            "ne nomme aucune liste de codes",
        ),
    ],
)
def test_a_faulty_file_is_refused_with_its_line_and_the_reason(
    written: str, faulty: str, place: str | None, reason: str
) -> None:
    parse(TOY, "essai.toml")
    assert written in TOY
    text = TOY.replace(written, faulty, 1)
    error = refusal(text)
    assert reason in error.reason.replace("\u00a0", " ")
    assert str(error) == f"essai.toml, ligne {error.line}\u00a0: {error.reason}"
    if place is not None:
        assert error.line == line_with(text, place)
    else:
        first_change = next(
            number
            for number, (old, new) in enumerate(
                zip(TOY.splitlines(), text.splitlines(), strict=True), start=1
            )
            if old != new
        )
        assert abs(error.line - first_change) <= 1


def test_a_missing_key_is_told_at_its_table() -> None:
    text = TOY.replace('short_label = "Pic"\nnoun', "noun", 1)
    error = refusal(text)
    assert error.reason == "il manque «\u00a0short_label\u00a0»"
    assert text.splitlines()[error.line - 1 : error.line + 1] == ["[[motives]]", 'id = "monoclonal_peak"']


def test_the_line_of_a_fault_inside_a_list_of_several_lines_is_its_own() -> None:
    text = DERMATOLOGY.replace('{ id = "sudden", label', '{ id = "stable", label')
    error = refusal(text)
    assert "la réponse «\u00a0stable\u00a0» est donnée deux fois" in error.reason
    assert 'label = "Soudaine"' in text.splitlines()[error.line - 1]


def test_an_unknown_view_is_refused_where_it_is_named() -> None:
    text = DERMATOLOGY.replace('optional_views = ["other_side"]', 'optional_views = ["other_sides"]')
    error = refusal(text)
    assert error.line == line_with(text, '"other_sides"')
    assert (
        error.reason
        == "la vue «\u00a0other_sides\u00a0» n’existe pas\u00a0; peut-être «\u00a0other_side\u00a0»"
    )


def test_a_rule_for_an_unknown_group_of_sites_is_refused() -> None:
    text = DERMATOLOGY.replace('site_group = "nail"', 'site_group = "nails"')
    assert refusal(text).line == line_with(text, 'site_group = "nails"')


def test_a_question_of_each_lesion_needs_lesions_and_its_details_go_with_it() -> None:
    alone = DERMATOLOGY.replace('kind = "yes_no"\nper_lesion = true', 'kind = "yes_no"', 1)
    assert "les deux sont posées pour chaque lésion" in refusal(alone).reason
    text = TOY.replace('kind = "yes_no"', 'kind = "yes_no"\nper_lesion = true', 1)
    assert "les lésions ne servent pas" in refusal(text).reason


def test_a_follow_up_of_a_later_question_or_an_unknown_answer_is_refused() -> None:
    text = DERMATOLOGY.replace('question = "bleeding", values', 'question = "pregnancy", values')
    assert "n’est pas une question posée avant celle-ci" in refusal(text).reason
    text = DERMATOLOGY.replace(
        'question = "bleeding", values = [true]', 'question = "bleeding", values = ["often"]'
    )
    assert "«\u00a0bleeding\u00a0» n’a pas de réponse «\u00a0often\u00a0»" in refusal(text).reason


def test_an_instruction_of_more_than_eight_words_is_refused() -> None:
    eight = "un deux trois quatre cinq six sept huit"
    text = DERMATOLOGY.replace("Verre transparent appuyé sur un élément rouge", eight)
    parse(text, "essai.toml")
    text = text.replace(eight, f"{eight} neuf")
    error = refusal(text)
    assert error.line == line_with(text, "neuf")
    assert "9 mots, le plus long permis est 8" in error.reason


def test_a_file_that_is_cut_short_is_refused_at_its_end() -> None:
    error = refusal(TOY + '\n[[reasons]]\nid = "cut')
    assert error.line == len(TOY.splitlines()) + 3


def test_lines_are_found_through_long_strings_comments_and_lists_of_tables() -> None:
    text = '''a = """
[not.a.table]
b = 1
"""
# [[comment]]
[table] # with a comment
list = [ # a comment with a ]
  "one",
  { deep = ["x, y"], other = "]" }, "three",
]
[[rows]]
[[rows]]
id = 'second'
[[rows.inner]]
x = 1
'''
    places = {
        ("a",): 1,
        ("table",): 6,
        ("table", "list"): 7,
        ("table", "list", 0): 8,
        ("table", "list", 1): 9,
        ("table", "list", 1, "deep"): 9,
        ("table", "list", 2): 9,
        ("rows", 0): 11,
        ("rows", 1): 12,
        ("rows", 1, "id"): 13,
        ("rows", 1, "inner", 0, "x"): 15,
        ("nowhere",): 1,
    }
    assert {path: line_of(text, path) for path in places} == places


@pytest.mark.parametrize("text", [DERMATOLOGY, TOY], ids=["dermatology", "haematology"])
def test_french_words_are_typeset(text: str) -> None:
    fault = re.compile(r" [:;?!»]|« |'|\.\.\.|\d (?:mm|cm|°C)\b")
    assert fault.search("Qu'est-ce ?")
    strings = re.findall(r'"((?:\\.|[^"\\])*)"', re.sub(r"(?m)^\s*#.*$", "", text))
    assert len(strings) > 50
    assert [words for words in strings if fault.search(words)] == []

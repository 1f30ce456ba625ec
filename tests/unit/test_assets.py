"""Static files: one release for all, kept for ever under it, found again by pages of an earlier one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask

from blueprints.pwa.assets import Assets
from blueprints.pwa.stylesheet import join, shrink
from tests.web.specimen import ROOT, create_specimen_app

STATIC = ROOT / "static"
BUDGET_OF_SCRIPTS = 25_000
"""Bytes of JavaScript, compressed, on a page without pictures."""


@pytest.fixture(scope="module")
def specimens() -> Flask:
    return create_specimen_app()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "css").mkdir()
    (tmp_path / "css/app.css").write_text('@layer one, two;\n@import "a.css" layer(one);\n', encoding="utf-8")
    (tmp_path / "css/a.css").write_text("/* words */\na { color: red }\n", encoding="utf-8")
    (tmp_path / "page.js").write_text("// nothing\n" * 100, encoding="utf-8")
    return tmp_path


def test_the_release_changes_with_any_file(folder: Path) -> None:
    before = Assets(folder).release
    assert Assets(folder).release == before
    (folder / "page.js").write_text("// something", encoding="utf-8")
    assert Assets(folder).release != before


def test_the_style_sheets_are_joined_in_their_order_and_layers(folder: Path) -> None:
    assert Assets(folder).files["css/app.css"].content == b"@layer one,two;@layer one{a{color:red}}\n"


def test_a_sheet_that_is_listed_and_missing_stops_the_start(folder: Path) -> None:
    (folder / "css/a.css").unlink()
    with pytest.raises(FileNotFoundError):
        Assets(folder)


def test_an_unknown_file_has_no_address(folder: Path) -> None:
    with pytest.raises(KeyError, match=r"nothing\.js"):
        Assets(folder).url("nothing.js")


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("a  >  b { x : y ; }", "a>b{x :y}"),
        ("p { width: calc(1px + 2px - 3px) }", "p{width:calc(1px + 2px - 3px)}"),
        ('q::before { content: " ;  { /x/ " }', 'q::before{content:" ;  { /x/ "}'),
        (".a :is(b, c) { d: e }", ".a :is(b,c){d:e}"),
        (
            "@media (width > 9em) and (hover: none) { a { b: c } }",
            "@media (width>9em) and (hover:none){a{b:c}}",
        ),
    ],
)
def test_shrinking_keeps_what_blanks_mean(long: str, short: str) -> None:
    assert shrink(long) == short + "\n"


def test_every_sheet_of_the_folder_is_joined_or_stands_apart() -> None:
    joined = join(STATIC / "css/app.css")
    listed = (STATIC / "css/app.css").read_text(encoding="utf-8")
    for sheet in (STATIC / "css").rglob("*.css"):
        name = sheet.relative_to(STATIC / "css").as_posix()
        assert name == "app.css" or name.startswith("apart/") or f'@import "{name}"' in listed
    assert "@import" not in joined
    assert joined.count("{") == joined.count("}")


def test_a_file_is_kept_for_ever_and_typed(specimens: Flask) -> None:
    assets: Assets = specimens.extensions["assets"]
    answer = specimens.test_client().get(assets.url("js/app.js"))
    assert answer.status_code == 200
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_page_of_an_earlier_release_finds_todays_file_and_keeps_none_under_that_address(
    specimens: Flask,
) -> None:
    assets: Assets = specimens.extensions["assets"]
    answer = specimens.test_client().get("/static/0123456789ab/js/app.js")
    assert answer.data == assets.files["js/app.js"].content
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["js/nothing.js", "../app.py", "%2e%2e/app.py", "", "css"])
def test_what_is_no_static_file_is_not_found(specimens: Flask, path: str) -> None:
    assert (
        specimens.test_client().get(f"/static/{specimens.extensions['assets'].release}/{path}").status_code
        == 404
    )


def test_a_browser_that_takes_gzip_receives_it(specimens: Flask) -> None:
    assets: Assets = specimens.extensions["assets"]
    url = assets.url("css/app.css")
    packed = specimens.test_client().get(url, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == assets.files["css/app.css"].content
    plain = specimens.test_client().get(url, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_a_picture_is_not_compressed_twice(specimens: Flask) -> None:
    answer = specimens.test_client().get(
        specimens.extensions["assets"].url("icons/icon-192.png"), headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in answer.headers
    assert answer.content_type == "image/png"


def test_a_file_known_already_is_not_sent_again(specimens: Flask) -> None:
    client, url = specimens.test_client(), specimens.extensions["assets"].url("js/app.js")
    tag = client.get(url).headers["ETag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_the_scripts_of_a_page_without_pictures_stay_within_their_budget(specimens: Flask) -> None:
    files = specimens.extensions["assets"].files
    page = specimens.test_client().get("/specimen/phone").get_data(as_text=True)
    fetched = [name for name in files if name.endswith(".js") and f'/{name}"' in page]
    assert "js/app.js" in fetched
    assert any(name.startswith("vendor/htmx") for name in fetched)
    assert sum(len(files[name].compressed or files[name].content) for name in fetched) <= BUDGET_OF_SCRIPTS


def test_vendored_files_carry_their_version_and_licence() -> None:
    table = (STATIC / "vendor/README.md").read_text(encoding="utf-8")
    libraries = sorted(
        path for path in (STATIC / "vendor").iterdir() if path.is_dir() or path.suffix == ".js"
    )
    assert {path.is_dir() for path in libraries} == {True, False}
    for library in libraries:
        name = library.name.partition(".")[0].rpartition("-")[0]
        assert f"`{library.name}{'/' * library.is_dir()}`" in table
        assert (STATIC / f"vendor/{name}-LICENSE").is_file()
    assert "ISC License" in (STATIC / "icons/LICENSE").read_text(encoding="utf-8")

"""What the phone makes of an INS DataMatrix: all of it or a sentence, in any order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from dermavis.domain.identity import normalise_nir
from tests.ins_codes import FIELDS, GS, HEADER, LONGEST, code_text, ended

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.e2e

READ = """async (codes) => {
    const { identityOf } = await import(`${location.origin}/static/today/js/scan/ins.js`);
    const told = (code) => {
        try { return identityOf(code); } catch ({ code: fault, message: words }) { return { fault, words }; }
    };
    return codes.map(told);
}"""


@pytest.fixture
def read(phone: Page) -> Any:
    """Return a function: the texts of codes → what the page makes of each."""
    phone.goto("/sign-in")

    def read_all(*texts: str, kind: str = "DataMatrix") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = phone.evaluate(READ, [{"format": kind, "text": text} for text in texts])
        return found

    return read_all


def some_fields(dice: random.Random) -> dict[str, str]:
    """Return an identity of any length of names, its number with its key."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def name(longest: int) -> str:
        signs = "".join(dice.choice(f"{letters * 4} -'") for _ in range(dice.randint(1, longest)))
        return (dice.choice(letters) + signs).strip()[:longest].strip() or "A"

    department = dice.choice(["51", "2A", "2B", "97", "99"])
    month, serial = dice.choice(["03", "12", "20", "35", "50", "99"]), dice.randint(1_001, 989_999)
    number = f"{dice.choice('123478')}{dice.randint(0, 99):02}{month}{department}{serial:06}"
    return FIELDS | {
        "S1": normalise_nir(number) or "",
        "S3": name(dice.choice([3, 30, 100])),
        "S4": name(dice.choice([3, 30, 100])),
        "S6": f"{dice.randint(1, 28):02}-{dice.randint(1, 12):02}-{dice.randint(1920, 2024)}",
    }


def test_fields_in_any_order_are_read_or_refused_but_never_glued(read: Any) -> None:
    dice = random.Random(20261127)
    wanted, texts = [], []
    for _ in range(400):
        fields = some_fields(dice)
        order = dice.sample(list(fields), len(fields))
        if dice.random() < 0.3:
            order.remove("S7")
        wanted.append({tag: fields[tag] for tag in order})
        texts.append(code_text(fields, order))
    for fields, told in zip(wanted, read(*texts), strict=True):
        traits = told["traits"]
        assert traits["birth_name"] == fields["S4"]
        assert traits["given_names"] == fields["S3"]
        assert traits["first_name"] == fields["S3"].split(" ")[0]
        assert traits["ins"] == fields["S1"]
        assert traits["birth_date"] == "-".join(reversed(fields["S6"].split("-")))
        assert traits["birthplace_insee"] == fields.get("S7", "")
        assert not told["test"]


def test_a_lost_separator_is_never_a_name(read: Any) -> None:
    dice = random.Random(7)
    texts = []
    for _ in range(200):
        fields = some_fields(dice)
        text = code_text(fields, dice.sample(list(fields), len(fields)))
        ends = [at for at, sign in enumerate(text) if sign == GS]
        if not ends:
            continue
        lost = dice.choice(ends)
        texts.append(text[:lost] + text[lost + 1 :])
    assert len(texts) > 100
    faults = [told.get("fault") for told in read(*texts)]
    assert set(faults) <= {"glued", "short", "lacks", "twice", "unreadable"}
    assert "glued" in faults


def test_a_code_that_is_cut_anywhere_is_refused_in_words(read: Any) -> None:
    whole = code_text()
    cut = [whole[:length] for length in range(len(HEADER), len(whole) - len(ended("S7", FIELDS["S7"])))]
    for told in read(*cut):
        assert told["fault"] in {"short", "lacks", "glued", "unreadable"}
        assert told["words"].endswith((".", "…"))


FAULTS = [
    ("twice", code_text() + ended("S5", "F")),
    ("other", "0103400930000120" + "17270101"),
    ("document", "DC04FR0000" + "A" * 30),
    ("version", code_text(header="IS02" + "0" * 22)),
    ("version", "IS01" + "123"),
    ("key", code_text(S1="279035121518988")),
    ("key", code_text(S1="979035121518989")),
    ("oid", code_text(S2="1.2.250.1.213.1.4.13")),
    ("date", code_text(S6="31-02-1979")),
    ("date", code_text(S6="12-03-2979")),
    ("unreadable", code_text(S5="X")),
    ("lacks", code_text({tag: FIELDS[tag] for tag in FIELDS if tag != "S4"})),
]


def test_each_fault_has_its_sentence(read: Any) -> None:
    found = read(*(text for _, text in FAULTS))
    assert [told["fault"] for told in found] == [fault for fault, _ in FAULTS]
    assert all(told["words"] for told in found)


def test_what_else_a_code_may_be_is_told(read: Any) -> None:
    assert read("3400930000120", kind="EAN13")[0]["fault"] == "linear"
    assert read(code_text(), kind="QRCode")[0]["fault"] == "qr"
    (told,) = read(code_text(S2="1.2.250.1.213.1.4.10"))
    assert told["test"], "an identity of the test series says so"
    (told,) = read(code_text(S3="A" * LONGEST["S3"], S4="B" * LONGEST["S4"]))
    assert (told["traits"]["given_names"], told["traits"]["birth_name"]) == ("A" * 100, "B" * 100)

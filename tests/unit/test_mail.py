"""Mail: what arrives is what was written, and a refusal is told from a delay."""

from __future__ import annotations

import random
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from dermavis.adapters.mail import MailServer, MailUrlRefused, SmtpSender
from dermavis.adapters.mail_message import encoded_words, message_bytes, simple_html
from dermavis.adapters.mailbox import MailboxFolder
from dermavis.bootstrap import build
from dermavis.domain.ports import DeliveryFailed, DeliveryRefused, Mail
from dermavis.settings import Settings, SettingsRefused
from tests.receivers import MailReceiver, plain_text

FROM = "DermAvis Bourgogne-Franche-Comté <ne-pas-repondre@dermavis.example>"
WORDS = (
    "Avis rendu · D-4821", "Précision demandée", "« œdème »", "aujourd’hui à 18 h", "l’été",
    "n° 12 : à vérifier !", "Ÿ", "≤ 5 µm", "…", "NAÏF", "français", "e\u0301", "=?", "demande", "—", "🙂",
)  # fmt: skip


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 11, 26, 12, 0, 0, 1234, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[MailReceiver]:
    with MailReceiver() as running:
        yield running


def test_a_letter_arrives_with_its_words_its_date_and_its_number(server: MailReceiver) -> None:
    text = "Bonjour,\n\nL’avis « D-4821 » est rendu : https://dermavis.example/cases/1.\n"
    SmtpSender(server.url, FROM, Noon()).send(Mail("nadège@exemple.fr".replace("è", "e"), "Avis rendu", text))
    [message] = server.messages
    assert message["Subject"] == "Avis rendu"
    assert message["From"] == FROM
    assert message["Date"] == "Thu, 26 Nov 2026 12:00:00 +0000"
    assert message["Message-ID"].endswith("@dermavis.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert plain_text(message).replace("\r\n", "\n") == text
    page = message.get_body(("html",))
    assert page is not None
    assert (
        '<a href="https://dermavis.example/cases/1">https://dermavis.example/cases/1</a>.'
        in page.get_content()
    )


def test_french_subjects_of_any_length_come_back_unchanged() -> None:
    draw = random.Random(7)
    for _ in range(250):
        subject = " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, 25)))
        content = message_bytes(Mail("a@exemple.fr", subject, "x"), FROM, "1", Noon().now())
        assert message_from_bytes(content, policy=default)["Subject"] == subject
        head = content.partition(b"Date:")[0]
        assert head.isascii()
        assert all(len(line) <= 76 for line in head.split(b"\r\n"))


def test_a_subject_cannot_add_a_header_or_a_recipient() -> None:
    subject = "Avis\r\nBcc: voleur@exemple.fr\r\n\r\nCorps"
    content = message_bytes(Mail("a@exemple.fr", subject, "x"), FROM, "1", Noon().now())
    message = message_from_bytes(content, policy=default)
    assert message["Subject"] == "Avis Bcc: voleur@exemple.fr Corps"
    assert message["Bcc"] is None
    assert message["To"] == "a@exemple.fr"


def test_a_text_that_looks_like_encoded_words_stays_text() -> None:
    looks = "=?utf-8?B?YmFk?="
    assert looks not in encoded_words(looks)


def test_the_page_shows_markup_as_text() -> None:
    page = simple_html('<script>x</script> & "y"\nligne 2\n\nhttps://a.fr/?a=1&b=<2>')
    assert "<script>" not in page
    assert "&lt;script&gt;x&lt;/script&gt; &amp; &#34;y&#34;<br>" in page
    assert '<a href="https://a.fr/?a=1&amp;b=">' in page


@pytest.mark.parametrize(
    "address",
    ["", "sans-arobase", "a@", "@exemple.fr", "a@b@exemple.fr", "a\r\nRCPT TO:<x@y.fr>@exemple.fr",
     "a b@exemple.fr", "é@exemple.fr", "a@exemple..fr", "a@" + "x" * 80 + ".fr", "<a@exemple.fr>"],
)  # fmt: skip
def test_an_unusable_address_is_refused_for_good_and_reaches_no_server(
    server: MailReceiver, address: str
) -> None:
    with pytest.raises(DeliveryRefused):
        SmtpSender(server.url, FROM, Noon()).send(Mail(address, "Avis rendu", "x"))
    assert server.messages == []


def test_an_accented_domain_is_written_as_the_network_knows_it(server: MailReceiver) -> None:
    SmtpSender(server.url, FROM, Noon()).send(Mail("cabinet@santé.example", "Avis rendu", "x"))
    assert server.envelopes[0][0] == ["cabinet@xn--sant-epa.example"]


def test_a_mailbox_that_does_not_exist_is_final_and_a_full_one_is_not(server: MailReceiver) -> None:
    sender = SmtpSender(server.url, FROM, Noon())
    server.answer("nul@exemple.fr", "550 no such user")
    server.answer("pleine@exemple.fr", "452 mailbox full")
    with pytest.raises(DeliveryRefused):
        sender.send(Mail("nul@exemple.fr", "Avis rendu", "x"))
    with pytest.raises(DeliveryFailed):
        sender.send(Mail("pleine@exemple.fr", "Avis rendu", "x"))
    sender.send(Mail("bonne@exemple.fr", "Avis rendu", "x"))
    assert len(server.messages) == 1


def test_a_server_that_does_not_answer_is_tried_again() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(DeliveryFailed):
        SmtpSender(url, FROM, Noon()).send(Mail("a@exemple.fr", "Avis rendu", "x"))


def test_a_secret_is_never_sent_over_a_line_that_cannot_be_protected(server: MailReceiver) -> None:
    url = server.url.replace("smtp://", "smtp://nom:secret@") + "?starttls=required"
    with pytest.raises(DeliveryFailed):
        SmtpSender(url, FROM, Noon()).send(Mail("a@exemple.fr", "Avis rendu", "x"))
    assert server.messages == []


def test_the_address_of_a_server_says_everything() -> None:
    assert MailServer.from_url("smtp://nom:p%40ss@mail.example") == MailServer(
        "mail.example", 587, "starttls", "nom", "p@ss"
    )
    assert MailServer.from_url("smtps://mail.example").port == 465
    assert MailServer.from_url("smtp://relais.example?starttls=none") == MailServer(
        "relais.example", 25, "none", "", ""
    )
    assert MailServer.from_url("smtp://127.0.0.1:2525").protection == "none"


@pytest.mark.parametrize(
    "url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://a?starttls=maybe"]
)
def test_an_unreadable_server_address_is_refused_at_start(url: str) -> None:
    with pytest.raises(MailUrlRefused):
        SmtpSender(url, FROM, Noon())


def test_the_mailbox_keeps_letters_newest_first_and_to_itself(tmp_path: Path) -> None:
    folder = MailboxFolder(tmp_path / "mailbox", FROM, Noon())
    for number in (1, 2):
        folder.send(Mail("dr@exemple.fr", f"Précision demandée {number}", "Bonjour,\n\nœ\n"))
    letters = folder.list()
    assert {letter.subject for letter in letters} == {"Précision demandée 1", "Précision demandée 2"}
    assert letters == sorted(letters, key=lambda letter: letter.id, reverse=True)
    assert letters[0].text == "Bonjour,\n\nœ\n"
    assert letters[0].to == "dr@exemple.fr"
    assert letters[0].sent_at == Noon().now().replace(microsecond=0)
    assert folder.read(letters[0].id) == letters[0]
    assert folder.list(limit=1) == letters[:1]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "mailbox").iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize("name", ["../vapid", "..", "", "20261126T120000001234-00000000", "/etc/passwd"])
def test_the_mailbox_opens_its_own_letters_only(tmp_path: Path, name: str) -> None:
    folder = MailboxFolder(tmp_path / "mailbox", FROM, Noon())
    folder.send(Mail("dr@exemple.fr", "Avis rendu", "x"))
    (tmp_path / "vapid.eml").write_text("Subject: secret\n\nx")
    assert folder.read(name) is None


def test_a_service_with_an_unreadable_mail_address_refuses_to_start_in_words(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"DERMAVIS_ENV": "test", "DATA_DIR": str(tmp_path), "SMTP_URL": "http://mail.example"}
    )
    with pytest.raises(SettingsRefused, match="SMTP_URL"):
        build(settings)

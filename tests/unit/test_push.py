"""Web push: whom it is sent to, how it is sealed, and what the answers mean."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import http_ece
import pytest
from py_vapid import Vapid02

from dermavis.adapters import push_network
from dermavis.adapters.push import WebPushSender
from dermavis.adapters.push_network import AddressRefused, endpoint_refusal, public_addresses, push_session
from dermavis.domain.ports import ChannelGone, DeliveryFailed, DeliveryRefused, PushTarget
from tests.receivers import Phone, PushReceiver

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def sender(tmp_path: Path, receiver: PushReceiver, watch: Watch) -> WebPushSender:
    return WebPushSender(tmp_path / "vapid.pem", "mailto:contact@exemple.fr", watch, [receiver.host])


def test_a_phone_reads_what_was_sent_and_nobody_between_does(
    sender: WebPushSender, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    sender.send(phone.target, "Avis rendu · D-4821".encode(), "high", 3600, topic="D-4821")
    [message] = receiver.for_phone(phone)
    assert message.payload.decode() == "Avis rendu · D-4821"
    assert b"Avis rendu" in message.payload
    assert b"Avis rendu" not in message.sealed
    other = Phone("b", phone.endpoint)
    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(message.sealed, private_key=other.key, auth_secret=other.secret)


def test_time_to_live_urgency_and_topic_reach_the_push_service(
    sender: WebPushSender, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    sender.send(phone.target, b"x", "high", 7200, topic="D-4821")
    headers = receiver.for_phone(phone)[0].headers
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("7200", "high", "D-4821")
    assert headers["content-encoding"] == "aes128gcm"


def test_the_token_is_signed_by_our_key_for_that_service_and_ends_within_a_day(
    sender: WebPushSender, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    sender.send(phone.target, b"x", "normal", 60)
    authorization = receiver.for_phone(phone)[0].headers["authorization"]
    assert Vapid02.verify(authorization)
    assert authorization.endswith(f"k={sender.public_key}")


def test_one_token_serves_a_service_until_its_last_hour(
    sender: WebPushSender, receiver: PushReceiver, watch: Watch
) -> None:
    phone = receiver.phone("a")
    for passed in (timedelta(), timedelta(hours=10), timedelta(hours=1, minutes=30)):
        watch.time += passed
        sender.send(phone.target, b"x", "normal", 60)
    first, second, third = (message.headers["authorization"] for message in receiver.for_phone(phone))
    assert first == second
    assert third != first


@pytest.mark.parametrize("status", [404, 410])
def test_an_endpoint_that_is_gone_is_told_apart(
    sender: WebPushSender, receiver: PushReceiver, status: int
) -> None:
    phone = receiver.phone("a")
    receiver.answer(phone, status)
    with pytest.raises(ChannelGone):
        sender.send(phone.target, b"x", "normal", 60)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_service_in_trouble_is_tried_again(
    sender: WebPushSender, receiver: PushReceiver, status: int
) -> None:
    phone = receiver.phone("a")
    receiver.answer(phone, (status, {"Retry-After": "120"}), 201)
    with pytest.raises(DeliveryFailed) as caught:
        sender.send(phone.target, b"x", "normal", 60)
    assert caught.value.retry_after == 120
    sender.send(phone.target, b"x", "normal", 60)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("Thu, 26 Nov 2026 12:05:00 GMT", 300),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0),
        ("9999999999", 86400),
        ("soon", None),
        ("", None),
    ],
)
def test_the_wait_that_a_service_asks_for_is_read_in_both_forms(
    sender: WebPushSender, receiver: PushReceiver, header: str, wait: int | None
) -> None:
    phone = receiver.phone("a")
    receiver.answer(phone, (429, {"Retry-After": header}))
    with pytest.raises(DeliveryFailed) as caught:
        sender.send(phone.target, b"x", "normal", 60)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_any_other_refusal_is_final_and_leaves_the_channel(
    sender: WebPushSender, receiver: PushReceiver, status: int
) -> None:
    phone = receiver.phone("a")
    receiver.answer(phone, status)
    with pytest.raises(DeliveryRefused):
        sender.send(phone.target, b"x", "normal", 60)


def test_a_redirect_is_not_followed(sender: WebPushSender, receiver: PushReceiver) -> None:
    phone, elsewhere = receiver.phone("a"), receiver.phone("b")
    receiver.answer(phone, (307, {"Location": elsewhere.endpoint}))
    with pytest.raises(DeliveryRefused):
        sender.send(phone.target, b"x", "normal", 60)
    assert receiver.attempts == [("a", 307)]


def test_no_answer_at_all_is_tried_again_and_names_no_endpoint(tmp_path: Path, watch: Watch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
    sender = WebPushSender(tmp_path / "vapid.pem", "mailto:contact@exemple.fr", watch, [host])
    with pytest.raises(DeliveryFailed) as caught:
        sender.send(Phone("a", f"http://{host}/secret").target, b"x", "normal", 60)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://fcm.googleapis.com:443/wp/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com/QG",
        "https://wns2-par02p.notify.windows.com/w/?token=BQ",
    ],
)
def test_the_browsers_own_push_services_are_accepted(endpoint: str) -> None:
    assert endpoint_refusal(endpoint) is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/wp/abc",
        "https://fcm.googleapis.com:8443/wp/abc",
        "https://fcm.googleapis.com.attaquant.example/wp/abc",
        "https://evilfcm.googleapis.com/wp/abc",
        "https://x.fcm.googleapis.com/wp/abc",
        "https://notpush.apple.com/QG",
        "https://web.push.apple.com@127.0.0.1/QG",
        "https://web.push.apple.com:x/QG",
        "https://127.0.0.1/push",
        "https://[::1]/push",
        "https://localhost/push",
        "https://169.254.169.254/latest/meta-data",
        "ftp://web.push.apple.com/QG",
        "file:///etc/passwd",
        "https://web.push.apple.com/\r\nX: y",
        "https://web.push.äpple.com/QG",
        "https:///QG",
        "https://web.push.apple.com/" + "a" * 3000,
        "",
    ],
)
def test_any_other_address_is_refused_before_a_byte_leaves(endpoint: str, tmp_path: Path) -> None:
    assert endpoint_refusal(endpoint)
    sender = WebPushSender(tmp_path / "vapid.pem", "mailto:contact@exemple.fr", Watch())
    with pytest.raises(DeliveryRefused):
        sender.send(Phone("a", endpoint).target, b"x", "normal", 60)


def test_the_test_receiver_is_a_stranger_without_its_setting(receiver: PushReceiver) -> None:
    phone = receiver.phone("a")
    assert endpoint_refusal(phone.endpoint) == "not https on 443"
    assert endpoint_refusal(phone.endpoint, [receiver.host]) is None
    assert endpoint_refusal(phone.endpoint, ["127.0.0.1"]) is None
    assert endpoint_refusal(phone.endpoint, ["127.0.0.1:1"]) == "not https on 443"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
     "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:7f00:1::"],
)  # fmt: skip
def test_a_push_service_whose_name_leads_inside_is_refused_at_send_time(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (seen, 443)) for seen in ("142.250.75.10", address)
    ]
    monkeypatch.setattr(push_network.socket, "getaddrinfo", lambda *_, **__: answers[:1])
    assert public_addresses("fcm.googleapis.com", 443) == ["142.250.75.10"]
    monkeypatch.setattr(push_network.socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(AddressRefused):
        public_addresses("fcm.googleapis.com", 443)


def test_a_rebound_name_gets_no_connection(
    tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(0.3)
        port = inside.getsockname()[1]
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(push_network.socket, "getaddrinfo", lambda *_, **__: answer)
        sender = WebPushSender(tmp_path / "vapid.pem", "mailto:contact@exemple.fr", watch)
        with pytest.raises(DeliveryFailed):
            sender.send(Phone("a", "https://fcm.googleapis.com/wp/a").target, b"x", "normal", 60)
        with pytest.raises(TimeoutError):
            inside.accept()


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(5)
        port = inside.getsockname()[1]
        monkeypatch.setattr(push_network, "public_addresses", lambda *_: ["127.0.0.1"])
        session = push_session()
        seen: list[bytes] = []

        def listen() -> None:
            connection, _ = inside.accept()
            with connection:
                seen.append(connection.recv(2048))

        listener = threading.Thread(target=listen)
        listener.start()
        with pytest.raises(OSError, match=r"(?s).+"):
            session.post(f"https://fcm.googleapis.com:{port}/", data=b"x", timeout=5)
        listener.join()
        # The name still goes into the TLS hello, so that the certificate is checked for it.
        assert b"fcm.googleapis.com" in seen[0]


def test_a_proxy_of_the_environment_is_not_used(
    sender: WebPushSender, receiver: PushReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    phone = receiver.phone("a")
    sender.send(phone.target, b"x", "normal", 60)
    assert len(receiver.for_phone(phone)) == 1


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", ""), ("short", "short"), ("B" * 87, "A" * 22), ("é" * 87, "A" * 22), ("****", "****")],
)
def test_a_subscription_with_unusable_keys_is_refused(
    sender: WebPushSender, receiver: PushReceiver, p256dh: str, auth: str
) -> None:
    with pytest.raises(DeliveryRefused):
        sender.send(PushTarget(receiver.phone("a").endpoint, p256dh, auth), b"x", "normal", 60)

"""The opinion as its requester reads it: opened, confirmed, copied, printed, and what was done after it."""

from __future__ import annotations

import re
from uuid import uuid4

import html5lib
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Notification
from dermavis.services import claiming
from dermavis.services.work import reading, writing
from tests import cases
from tests.answered_cases import CALL, critical, deliveries, readings, state_of
from tests.factories import World
from tests.signing_in import sign_in


def test_the_secretary_sees_where_a_request_stands_and_not_the_opinion(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.SITE_SECRETARY))
    page = client.get(f"/cases/{case_id}")
    assert page.status_code == 200
    assert "Avis rendu" in page.text
    assert "Kératose séborrhéique" not in page.text
    for path in ("report", "report.pdf", "report.txt"):
        assert client.get(f"/cases/{case_id}/{path}").status_code == 403
    assert client.post(f"/cases/{case_id}/acknowledgement").status_code == 403
    assert deliveries(world.system, case_id) == ["sent"]
    sign_in(client, world.who(Role.REQUESTER))
    assert "Kératose séborrhéique" in client.get(f"/cases/{case_id}").text


def test_the_substitute_reads_and_confirms_for_whom_they_stand_in_for(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.sent(world, "other_requester")
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, case_id)
    cases.sign(world, case_id, answer=cases.opinion(destination="admission", calls=[CALL]))
    sign_in(client, world.who(Role.SUBSTITUTE))
    assert str(case_id) in client.get("/requests").text
    assert "J’ai pris connaissance" in client.get(f"/cases/{case_id}").text
    assert client.post(f"/cases/{case_id}/acknowledgement").status_code == 303
    assert deliveries(world.system, case_id) == ["acknowledged"] * 2, (
        "theirs, and that of whom they stand in for"
    )


def test_opening_an_ordinary_opinion_confirms_it_and_reads_its_notices(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    for headers in ({"Sec-Purpose": "prefetch"}, {"X-Background": "1"}):
        client.get(f"/cases/{case_id}", headers=headers)
        assert deliveries(world.system, case_id) == ["sent"]
    page = client.get(f"/cases/{case_id}").text
    assert deliveries(world.system, case_id) == ["acknowledged"]
    assert "J’ai pris connaissance" not in page
    with reading(world.system) as work:
        mine = select(Notification).where(
            Notification.person_id == world.who(Role.REQUESTER).person_id, Notification.case_id == case_id
        )
        lines = work.session.scalars(mine).all()
    assert lines
    assert all(line.read_at is not None for line in lines)


def test_a_critical_opinion_is_confirmed_by_its_button_alone(client: FlaskClient, world: World) -> None:
    case_id = critical(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}").text
    assert "critical-bar" in page
    assert 'href="tel:' in page
    assert "Sans confirmation avant" in page
    assert deliveries(world.system, case_id) == ["opened"]
    opinion = re.search(r'name="opinion" value="([^"]+)"', page)
    assert opinion is not None
    assert client.post(f"/cases/{case_id}/acknowledgement", data={"opinion": str(uuid4())}).status_code == 409
    assert deliveries(world.system, case_id) == ["opened"]
    done = client.post(f"/cases/{case_id}/acknowledgement", data={"opinion": opinion[1]})
    assert done.headers["Location"] == f"/cases/{case_id}?done=acknowledged"
    after = client.get(done.headers["Location"]).text
    assert "critical-bar" not in after
    assert "votre lecture est confirmée" in after
    assert deliveries(world.system, case_id) == ["acknowledged"]


def test_a_suspected_cancer_is_shown_with_its_certainty_and_never_its_code(
    client: FlaskClient, world: World
) -> None:
    answer = cases.opinion(
        destination="surgery", within_two_weeks=True, destination_delay="Exérèse sous 10 jours"
    )
    answer["lesions"][0] |= {"diagnosis": "Mélanome suspecté", "code": "C43.5", "certainty": "probable"}
    case_id = cases.answered(world, answer=answer)
    sign_in(client, world.who(Role.REQUESTER))
    for path in ("", "/report", "/report.txt"):
        text = client.get(f"/cases/{case_id}{path}").text
        assert "Mélanome suspecté" in text
        assert "D48.5" in text
        assert "C43" not in text


def test_the_report_comes_as_page_text_and_pdf_with_its_name_and_no_cache_and_each_reading_is_noted(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}/report")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    pdf = client.get(f"/cases/{case_id}/report.pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.mimetype == "application/pdf"
    assert pdf.headers["Content-Disposition"] == 'inline; filename="avis-D-1-2026-03-12.pdf"'
    assert pdf.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in pdf.headers["Content-Security-Policy"]
    kept = client.get(f"/cases/{case_id}/report.pdf?download=1")
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert kept.data == pdf.data
    text = client.get(f"/cases/{case_id}/report.txt")
    assert text.mimetype == "text/plain"
    assert text.text.startswith("AVIS DE TÉLÉEXPERTISE D-1")
    for answer in (page, pdf, text):
        assert "no-store" in answer.headers["Cache-Control"]
    noted = [detail["form"] for action, detail in readings(world.system, case_id) if action == "report.read"]
    assert noted == ["page", "pdf", "pdf", "text"]
    for version in ("2", "x", "-1"):
        assert client.get(f"/cases/{case_id}/report.pdf?version={version}").status_code == 404
    assert "noindex" in pdf.headers["X-Robots-Tag"]


def test_the_copied_words_stand_in_the_page_as_the_plain_report(client: FlaskClient, world: World) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = html5lib.parse(client.get(f"/cases/{case_id}").text, namespaceHTMLElements=False)
    words = page.find(".//textarea[@id='plain-report']")
    assert words is not None
    assert words.text.strip() == client.get(f"/cases/{case_id}/report.txt").text.strip()


def test_what_was_done_is_told_and_the_page_says_what_stays_open_or_that_it_closed(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    client.get(f"/cases/{case_id}")
    refused = client.post(
        f"/cases/{case_id}/aftermath", data={"done": "", "helped": "yes", "note": "À garder"}
    )
    assert refused.status_code == 422
    assert "Dites ce qui a été fait." in refused.text
    assert "À garder" in refused.text
    done = client.post(f"/cases/{case_id}/aftermath", data={"done": "followed", "helped": "yes", "note": ""})
    assert "done=closed" in done.headers["Location"]
    assert state_of(world.system, case_id) == "closed"
    waiting = cases.answered(world, answer=cases.opinion(destination="in_person"))
    client.get(f"/cases/{waiting}")
    client.post(f"/cases/{waiting}/aftermath", data={"done": "referred", "helped": "partly", "note": ""})
    page = client.get(f"/cases/{waiting}").text
    assert state_of(world.system, waiting) == "answered"
    assert "un rendez-vous à donner ou à honorer" in page
    assert "À donner par le centre" in page
    assert client.post(f"/cases/{waiting}/closure").status_code == 400
    late = client.post(
        f"/cases/{waiting}/appointment", data={"day": "bientôt", "hour": "", "place": "Chalon"}
    )
    assert late.status_code == 422
    assert "Indiquez le jour du rendez-vous." in late.text
    client.post(
        f"/cases/{waiting}/appointment", data={"day": "2026-03-20", "hour": "14:30", "place": "Chalon"}
    )
    assert "vendredi 20\u00a0mars\u00a02026, 14\u00a0h\u00a030" in client.get(f"/cases/{waiting}").text
    client.post(f"/cases/{waiting}/appointment", data={"became": "done"})
    assert "Clore la demande" in client.get(f"/cases/{waiting}").text
    assert client.post(f"/cases/{waiting}/closure").status_code == 303
    assert state_of(world.system, waiting) == "closed"


def test_pictures_to_take_again_begin_a_request_that_follows(client: FlaskClient, world: World) -> None:
    case_id = cases.answered(world, answer=cases.opinion(retake=True, retake_views=["close_up"]))
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}").text
    assert "Photos à refaire" in page
    assert "Refaire les photos" in page
    begun = client.post(f"/cases/{case_id}/follow-up")
    assert begun.status_code == 303
    assert re.fullmatch(r"/requests/[0-9a-f-]{36}", begun.headers["Location"])
    assert client.post(f"/cases/{case_id}/follow-up").headers["Location"] == begun.headers["Location"]
    assert client.get(begun.headers["Location"]).status_code == 200

"""An expert's tablet without a screen: claims and signs over HTTP whatever phones sent, and tries again what breaks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode
from uuid import UUID

from tests.sending_phone import Answer, GaveUp, SendingPhone

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}


@dataclass
class SigningTablet(SendingPhone):
    """``signed``: the cases whose signature the server acknowledged."""

    signed: list[UUID] = field(default_factory=list)

    def sign_until_over(self, phones: list[SendingPhone]) -> None:
        """Answer the phones' requests in the order in which they were acknowledged, until told to stop."""
        seen: set[UUID] = set()
        while not self.over.is_set():
            waiting = [row.case_id for phone in phones for row in phone.requests if row.case_id not in seen]
            for case_id in waiting[:1]:
                seen.add(case_id)
                try:
                    self.answer(case_id)
                except GaveUp:
                    return
            if not waiting:
                self.over.wait(0.1)

    def answer(self, case_id: UUID) -> None:
        """Claim the case and sign an ordinary opinion. Raises GaveUp."""
        self._post(f"/cases/{case_id}/claim", self._hidden(case_id))
        fields = self._hidden(case_id) | {
            "photo_quality": "good",
            "history_quality": "good",
            "lesions.0.diagnosis": "Kératose séborrhéique irritée",
            "lesions.0.code": "L82",
            "lesions.0.certainty": "probable",
            "lesions.0.conduct": "Pas de biopsie. Émollient le soir.",
            "destination": "gp",
            "act": "sign",
        }
        before = self.broken
        answer = self._post(f"/cases/{case_id}/opinion", fields)
        if answer.status == 200 and "signed=1" in answer.url:
            self.signed.append(case_id)
        else:  # pressed again after an answer that never came, it is refused where the first press had arrived
            assert self.broken > before, answer.body[:2000]

    def _hidden(self, case_id: UUID) -> dict[str, str]:
        page = self.ask("GET", f"/cases/{case_id}")
        if "set-cookie" in page.headers:  # what the forms' tokens belong to
            self.cookie = f"{self.cookie.split(';')[0]}; {page.headers['set-cookie'].split(';')[0]}"
        return {name: unescape(value) for name, value in HIDDEN.findall(page.body.decode())}

    def _post(self, path: str, fields: dict[str, str]) -> Answer:
        return self.ask("POST", path, urlencode(fields).encode(), FORM)

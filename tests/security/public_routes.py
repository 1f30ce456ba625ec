"""What strangers may open: the table that the permission test compares with the code."""

from __future__ import annotations

PUBLIC: frozenset[str] = frozenset(
    {
        "GET /demonstration/mailbox",
        "GET /demonstration/mailbox/<letter_id>",
        "GET /healthz",
        "GET /invitation/<token>",
        "POST /invitation/<token>",
        "GET /livez",
        "GET /manifest.webmanifest",
        "GET /metrics",
        "GET /api/v1/specialties/<specialty_id>",
        "GET /offline",
        "GET /requests/offline",
        "GET /password/forgotten",
        "POST /password/forgotten",
        "GET /password/forgotten/sent",
        "GET /password/reset/<token>",
        "POST /password/reset/<token>",
        "GET /patient-information",
        "GET /readyz",
        "GET /second-factor/<token>",
        "POST /second-factor/<token>",
        "GET /service-worker.js",
        "GET /sign-in",
        "POST /sign-in",
        "GET /sign-in/code",
        "POST /sign-in/code",
        "POST /sign-in/code/again",
        "GET /sign-in/enrolment",
        "POST /sign-in/enrolment",
        "GET /sign-in/enrolment/authenticator",
        "POST /sign-in/enrolment/authenticator",
        "GET /sign-in/enrolment/email",
        "POST /sign-in/enrolment/email",
        "POST /sign-in/enrolment/email/again",
        "GET /sign-in/recovery",
        "POST /sign-in/recovery",
        "GET /sign-in/resume",
        "POST /sign-in/resume",
        "POST /sign-out",
        "POST /api/v1/session",
        "GET /static/<release>/<path:path>",
    }
)
"""What strangers may open; each is marked ``@public`` in the code, and nothing else is."""

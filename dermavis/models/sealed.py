"""Every column of bytes and every key version, by the key that it hangs on: what a rotation and an erasure walk.

A test walks the tables and fails at a column that stands in no list here: whoever adds one says which key it hangs on.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from dermavis.models.audit import AuditSeal, AuditTimestamp, KeyCheck
from dermavis.models.cases import (
    AdministrativeNote,
    Aftermath,
    Appointment,
    Case,
    CaseRevision,
    CaseText,
    Message,
)
from dermavis.models.demands import DataDemand, DataDemandStep
from dermavis.models.notices import OutboxItem, PushSubscription
from dermavis.models.opinions import Call, Document, Opinion
from dermavis.models.patients import Consent, Patient, PatientIdentityVersion, PatientSearchKey
from dermavis.models.people import (
    AccessToken,
    Device,
    HeldForm,
    OneTimeCode,
    Person,
    RecoveryCode,
    UserSession,
)
from dermavis.models.photos import PhotoFile, Upload

Columns = tuple[InstrumentedAttribute[Any], ...]

DATA_KEYS: Columns = (Case.data_key, Patient.data_key)
"""Wrapped by the master key, bound to their row, with a key version beside them."""

UNDER_MASTER: Columns = (
    Person.totp_sealed,
    OutboxItem.secret_sealed,
    HeldForm.sealed,
    PushSubscription.target_sealed,
)
"""Sealed by the master key itself, bound to table, row and column; which version, their opening tells."""

SEARCHED: Columns = (PatientSearchKey.value_hash,)
"""Hashed under the master key, with a key version beside them; written anew from the sealed identity."""

KEY_VERSIONS: Columns = (Case.key_version, Patient.key_version, PatientSearchKey.key_version)
"""The version of the master key that a row hangs on."""

HANDED_DOWN: Columns = (KeyCheck.lasting_sealed,)
"""Wrapped by each new master key when it is introduced; bound to its version."""

UNDER_LASTING: Columns = (OneTimeCode.code_hash, RecoveryCode.code_hash, PushSubscription.endpoint_hash)
"""Hashed under the secret that is handed down: a rotation leaves them alone."""

UNDER_CASE_KEY: Columns = (
    Case.draft_sealed,
    Case.summary_sealed,
    CaseRevision.content_sealed,
    CaseRevision.identity_sealed,
    CaseText.sealed,
    Message.sealed,
    AdministrativeNote.sealed,
    Aftermath.note_sealed,
    Appointment.place_sealed,
    Opinion.content_sealed,
    Call.sealed,
    Consent.representative_sealed,
    PhotoFile.capture_sealed,
)
UNDER_PATIENT_KEY: Columns = (
    Patient.identity_sealed,
    PatientIdentityVersion.identity_sealed,
    DataDemand.content_sealed,
    DataDemandStep.sealed,
    PatientIdentityVersion.why_sealed,
)

OF_CONTENT: Columns = (
    CaseRevision.fingerprint,
    PhotoFile.sha256,
    PhotoFile.sent_sha256,
    Upload.expected_sha256,
    Document.sha256,
)
"""Plain hashes of a case's content: under no key, and gone with the case."""

UNDER_NO_KEY: Columns = (
    AuditSeal.root,
    AuditSeal.head,
    AuditTimestamp.token,
    KeyCheck.value,
    Device.code_proof_hash,
    Device.token_hash,
    UserSession.token_hash,
    AccessToken.token_hash,
    HeldForm.token_hash,
    PhotoFile.key_version,
)
"""Chained hashes and their stamps, hashes of long random tokens, check values, and a data key's version.

The version of a data key never changes.
"""

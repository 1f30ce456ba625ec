"""Joins the ports and their adapters from the settings. Web, worker and commands all start here."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from dermavis.adapters.cipher import AesGcmCipher, read_or_create_master_key, read_previous_key
from dermavis.adapters.clock import SystemClock
from dermavis.adapters.database import open_engine, writers_place
from dermavis.adapters.heartbeat import HeartbeatRefused, open_heartbeat
from dermavis.adapters.imaging import ChildImaging
from dermavis.adapters.machine import LocalMachine
from dermavis.adapters.mail import MailUrlRefused, SmtpSender
from dermavis.adapters.mail_message import deliverable_address
from dermavis.adapters.mailbox import MailboxFolder
from dermavis.adapters.photo_store import open_photo_store
from dermavis.adapters.push import WebPushSender
from dermavis.adapters.reports import TypstReports
from dermavis.adapters.reports.cards import TypstCards
from dermavis.adapters.specialty_files import load_codes, load_specialties
from dermavis.adapters.turns import FairLock
from dermavis.adapters.witness import WitnessRefused, open_witness
from dermavis.domain.ports import Clock, DeliveryRefused, MailSender, SignOfLife, TimestampAuthority, Witness
from dermavis.models import Person
from dermavis.services.master_keys import recognise
from dermavis.services.work import System, writing
from dermavis.settings import Settings, SettingsRefused


def build(settings: Settings, clock: Clock | None = None) -> System:
    """Build the running system. Opens no connection yet; raises SettingsRefused when the keys are not usable."""
    clock = clock or SystemClock()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    mail = _mail(settings, clock)
    return System(
        settings=settings,
        engine=open_engine(settings.database_url),
        clock=clock,
        cipher=_cipher(settings),
        photo_store=open_photo_store(settings.photo_store_url),
        imaging=ChildImaging(),
        push=WebPushSender(
            settings.keys_dir / "vapid.pem", settings.vapid_subject, clock, settings.push_test_hosts
        ),
        mail=mail,
        reports=TypstReports(),
        cards=TypstCards(),
        specialties=load_specialties(settings.specialties_dir),
        codes=load_codes(),
        witness=_witness(settings, mail),
        authority=_authority(settings),
        heartbeat=_heartbeat(settings),
        machine=LocalMachine(settings.data_dir),
        writer=FairLock(writers_place(settings.database_url)),
    )


def check(system: System) -> None:
    """Refuse to serve a database of another master key, or demonstration accounts in production.

    Raises SettingsRefused, in words.
    """
    with writing(system) as work:
        recognise(work)
    if system.settings.production:
        _refuse_demonstration_accounts(system)


def _refuse_demonstration_accounts(system: System) -> None:
    with Session(system.engine) as session:
        if session.scalar(select(Person.id).where(Person.demonstration).limit(1)) is not None:
            raise SettingsRefused(
                "Cette base contient les comptes de démonstration, dont les mots de passe sont publics : "
                "elle ne peut pas servir en production. Partez d’une base vide."
            )


def _cipher(settings: Settings) -> AesGcmCipher:
    try:
        key = read_or_create_master_key(
            settings.master_key_file, settings.master_key, not settings.production
        )
        previous = read_previous_key(settings.previous_master_key_file, settings.previous_master_key)
    except ValueError as error:
        raise SettingsRefused(str(error)) from error
    return AesGcmCipher(key, previous)


def _mail(settings: Settings, clock: Clock) -> MailSender:
    if settings.smtp_url:
        try:
            return SmtpSender(settings.smtp_url, settings.mail_from, clock)
        except MailUrlRefused as error:
            raise SettingsRefused(str(error)) from error
    return MailboxFolder(settings.data_dir / "mailbox", settings.mail_from, clock)


def _witness(settings: Settings, mail: MailSender) -> Witness | None:
    try:
        return open_witness(settings.audit_witness, settings.data_dir, mail)
    except WitnessRefused as error:
        raise SettingsRefused(str(error)) from error


def _authority(settings: Settings) -> TimestampAuthority | None:
    if not settings.audit_timestamp_url:
        return None
    # Few services have an authority to ask: the others need not wait for its library.
    from dermavis.adapters.timestamping import TimestampsRefused, open_authority

    try:
        return open_authority(
            settings.audit_timestamp_url, settings.audit_timestamp_ca, settings.audit_timestamp_minutes
        )
    except TimestampsRefused as error:
        raise SettingsRefused(str(error)) from error


def _heartbeat(settings: Settings) -> SignOfLife | None:
    try:
        if settings.alert_mail:
            deliverable_address(settings.alert_mail)
        return open_heartbeat(settings.heartbeat_url)
    except DeliveryRefused as error:
        raise SettingsRefused("ALERT_MAIL est l’adresse de courriel qui reçoit les alertes.") from error
    except HeartbeatRefused as error:
        raise SettingsRefused(str(error)) from error

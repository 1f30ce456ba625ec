"""Every setting, read once from the environment. docs/operations.md explains each one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHORTEST_SECRET = 20


class SettingsRefused(Exception):
    """The service must not start with these settings; the message says why, in words."""


@dataclass(frozen=True)
class Settings:
    """The settings of one running service."""

    environment: str
    data_dir: Path
    port: int
    origin: str
    trusted_proxies: int
    database_url: str
    photo_store_url: str
    smtp_url: str
    mail_from: str
    master_key_file: Path
    master_key: str
    previous_master_key_file: Path | None
    previous_master_key: str
    backup_key_file: Path | None
    vapid_subject: str
    push_test_hosts: frozenset[str]
    specialties_dir: Path | None
    demonstration: bool
    web_threads: int
    audit_witness: str
    audit_timestamp_url: str
    audit_timestamp_ca: Path | None
    audit_timestamp_minutes: int
    metrics_token: str
    heartbeat_url: str
    alert_mail: str
    overload_wait_ms: int
    disk_reserve_mb: int
    memory_reserve_mb: int

    @property
    def production(self) -> bool:
        """Real patients: no demonstration, no shortcut."""
        return self.environment == "production"

    @property
    def keys_dir(self) -> Path:
        """Where keys made by the service itself are kept, readable by its own user only."""
        return self.data_dir / "keys"

    @property
    def https(self) -> bool:
        """Whether people reach the service over HTTPS."""
        return self.origin.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises SettingsRefused."""
        env = os.environ if environ is None else environ
        environment = env.get("DERMAVIS_ENV", "demonstration")
        if environment not in {"demonstration", "production", "test"}:
            raise SettingsRefused("DERMAVIS_ENV vaut « demonstration », « production » ou « test ».")
        data_dir = Path(env.get("DATA_DIR", "var")).resolve()
        port = _integer(env, "PORT", 8000)
        settings = cls(
            environment=environment,
            data_dir=data_dir,
            port=port,
            origin=env.get("ORIGIN", f"http://localhost:{port}").rstrip("/"),
            trusted_proxies=_integer(env, "TRUSTED_PROXIES", 0),
            database_url=env.get("DATABASE_URL", f"sqlite:///{data_dir / 'dermavis.sqlite3'}"),
            photo_store_url=env.get("PHOTO_STORE_URL", (data_dir / "photos").as_uri()),
            smtp_url=env.get("SMTP_URL", ""),
            mail_from=env.get("MAIL_FROM", "DermAvis <ne-pas-repondre@dermavis.invalid>"),
            master_key_file=Path(env.get("MASTER_KEY_FILE", str(data_dir / "keys" / "master.key"))),
            master_key=env.get("MASTER_KEY", ""),
            previous_master_key_file=_path(env, "PREVIOUS_MASTER_KEY_FILE"),
            previous_master_key=env.get("PREVIOUS_MASTER_KEY", ""),
            backup_key_file=_path(env, "BACKUP_KEY_FILE"),
            vapid_subject=env.get("VAPID_SUBJECT", "mailto:contact@dermavis.invalid"),
            push_test_hosts=frozenset(h for h in env.get("PUSH_TEST_HOSTS", "").split(",") if h),
            specialties_dir=_path(env, "SPECIALTIES_DIR"),
            demonstration=environment == "demonstration",
            web_threads=_integer(env, "WEB_THREADS", 16),
            audit_witness=env.get("AUDIT_WITNESS", "").strip(),
            audit_timestamp_url=env.get("AUDIT_TIMESTAMP_URL", "").strip(),
            audit_timestamp_ca=_path(env, "AUDIT_TIMESTAMP_CA"),
            audit_timestamp_minutes=_integer(env, "AUDIT_TIMESTAMP_MINUTES", 60),
            metrics_token=_secret(env, "METRICS_TOKEN"),
            heartbeat_url=env.get("HEARTBEAT_URL", "").strip(),
            alert_mail=env.get("ALERT_MAIL", "").strip(),
            overload_wait_ms=_integer(env, "OVERLOAD_WAIT_MS", 2000),
            disk_reserve_mb=_integer(env, "DISK_RESERVE_MB", 500),
            memory_reserve_mb=_integer(env, "MEMORY_RESERVE_MB", 100),
        )
        if settings.production:
            _refuse_unfit_for_production(settings, env)
        return settings


def _path(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name, "")
    return Path(value) if value else None


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, str(default))
    if not value.isdigit():
        raise SettingsRefused(f"{name} doit être un nombre entier : « {value} ».")
    return int(value)


def _secret(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if value and len(value) < SHORTEST_SECRET:
        raise SettingsRefused(
            f"{name} est trop court\u00a0: {SHORTEST_SECRET} signes au moins, tirés au hasard."
        )
    return value


def _refuse_unfit_for_production(settings: Settings, env: Mapping[str, str]) -> None:
    if not settings.https:
        raise SettingsRefused(
            "En production, ORIGIN doit être une adresse https:// (appareil photo, notifications, secret)."
        )
    if "MASTER_KEY_FILE" not in env and not settings.master_key:
        raise SettingsRefused(
            "En production, la clé maîtresse vient de MASTER_KEY_FILE ou de MASTER_KEY : "
            "la clé par défaut, posée à côté des données, est refusée. "
            "« bin/dermavis keys create FICHIER » en fait une."
        )
    if not settings.smtp_url:
        raise SettingsRefused(
            "En production, SMTP_URL est nécessaire : codes, invitations et avis partent par courriel."
        )
    if "MAIL_FROM" not in env or "VAPID_SUBJECT" not in env:
        raise SettingsRefused(
            "En production, MAIL_FROM et VAPID_SUBJECT donnent l’adresse qui écrit et celle qui répond."
        )
    if settings.push_test_hosts:
        raise SettingsRefused(
            "PUSH_TEST_HOSTS ouvre l’envoi vers un récepteur d’essai : refusé en production."
        )

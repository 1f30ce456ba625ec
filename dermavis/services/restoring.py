"""Restoring a backup into an empty place, on SQLite or PostgreSQL whichever it came from.

The whole backup is read first; the pictures are stored next, where they replace nothing; the tables come last, in one
transaction that is compared with the backup before its commit. Nothing can be seen of a restore that fails.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Connection, Engine, delete, func, inspect, select
from sqlalchemy.exc import IntegrityError

from dermavis.adapters.backups.listings import read_rows
from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.backups.tables import digest_of, load_rows, loading
from dermavis.adapters.photo_store import KeyTaken
from dermavis.adapters.schema import current_revision, head_revision, knows_revision, upgrade
from dermavis.domain.backups import BackupDamaged, Manifest, PictureCopy
from dermavis.domain.errors import Conflict, Refusal
from dermavis.domain.ports import Clock
from dermavis.models import DueRow, Heartbeat, KeyCheck, RateCount
from dermavis.services.backup_checks import verify
from dermavis.services.backup_contents import TABLES, Progress, index_of
from dermavis.services.backup_pictures import BATCH, LANES
from dermavis.services.backups import Stores

LEFT_BY_A_START: Final = frozenset(table.__tablename__ for table in (DueRow, Heartbeat, KeyCheck, RateCount))
"""Tables in which a service writes before anybody is in it: nothing is lost with their rows."""

ALIVE: Final = timedelta(seconds=30)
"""A worker notes every ten seconds that it is alive."""


def restore(place: SealedStore, manifest: Manifest, stores: Stores, clock: Clock, told: Progress) -> None:
    """Restore a backup. Raises Refusal, in words, with nothing changed that anybody could see."""
    refuse_other_version(manifest)
    refuse_unless_empty(stores.engine, clock)
    findings = verify(place, manifest, told)
    if findings.damages:
        raise Refusal(
            "backup_damaged",
            "Cette sauvegarde est abîmée, rien n’a été restauré\u00a0:\n" + "\n".join(findings.shown),
        )
    upgrade(stores.engine)
    try:
        _store_pictures(place, manifest, stores, told)
        _load_tables(place, manifest, stores.engine, told)
    except BackupDamaged as damage:
        raise Refusal(
            "backup_damaged",
            f"La sauvegarde a changé pendant la restauration\u00a0: {damage}. La base reste vide.",
        ) from damage


def refuse_other_version(manifest: Manifest) -> None:
    """Refuse a backup whose tables are not this version's. Raises Refusal, in words."""
    head = head_revision()
    columns = {name: set(listing.columns) for name, listing in manifest.tables.items()}
    if manifest.revision == head and columns == {name: set(table.c.keys()) for name, table in TABLES.items()}:
        return
    made = f"Cette sauvegarde a les tables «\u00a0{manifest.revision}\u00a0» (version {manifest.release})"
    if manifest.revision != head and knows_revision(manifest.revision):
        advice = (
            f"celle-ci attend «\u00a0{head}\u00a0». Restaurez-la avec la version qui l’a faite, puis lancez "
            "«\u00a0bin/dermavis migrate\u00a0» avec celle-ci."
        )
    else:
        advice = "plus récentes que celles de cette version. Installez la version qui l’a faite."
    raise Refusal("backup_version", f"{made}, {advice} Rien n’a été changé.")


def refuse_unless_empty(engine: Engine, clock: Clock) -> None:
    """Refuse a database that holds anything, or that a running service uses. Raises Conflict, in words."""
    if current_revision(engine) is None:
        with engine.connect() as connection:
            strangers = set(inspect(connection).get_table_names()) - {"alembic_version"}
        if strangers:
            raise Conflict(
                "not_empty", "Cette base contient les tables d’un autre programme\u00a0: rien n’a été changé."
            )
        return
    if current_revision(engine) != head_revision():
        raise Refusal(
            "tables_behind",
            "Les tables de cette base ne sont pas celles de cette version\u00a0: lancez "
            "«\u00a0bin/dermavis migrate\u00a0», ou restaurez dans une base neuve.",
        )
    with engine.connect() as connection:
        last_beat = connection.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.name.like("worker.%")))
        if last_beat is not None and clock.now() - last_beat < ALIVE:
            raise Conflict(
                "running",
                "Un service travaille sur cette base\u00a0: arrêtez-le d’abord. Rien n’a été changé.",
            )
        _refuse_if_anything_is_there(connection)


def _refuse_if_anything_is_there(connection: Connection) -> None:
    for name, table in TABLES.items():
        if name not in LEFT_BY_A_START and connection.execute(select(table).limit(1)).first() is not None:
            raise Conflict(
                "not_empty",
                "Cette base n’est pas vide\u00a0: une restauration n’efface jamais rien. Donnez une base neuve "
                "(DATABASE_URL ou DATA_DIR). Rien n’a été changé.",
            )


def _store_pictures(place: SealedStore, manifest: Manifest, stores: Stores, told: Progress) -> None:
    def store(entry: PictureCopy) -> int:
        if entry.sha256:
            stores.photo_store.put(entry.store_key, place.picture(entry.sha256))
        return entry.size

    entries, number, size = index_of(place, manifest), 0, 0
    try:
        with ThreadPoolExecutor(LANES) as pool:
            while batch := list(islice(entries, BATCH)):
                size += sum(pool.map(store, batch))
                number += len(batch)
                told("pictures", number, size)
    except KeyTaken as taken:
        raise Conflict(
            "store_taken",
            f"Le dépôt des photographies a déjà un autre fichier sous «\u00a0{taken}\u00a0»\u00a0: "
            "donnez un dépôt neuf (PHOTO_STORE_URL). La base reste vide.",
        ) from taken


def _load_tables(place: SealedStore, manifest: Manifest, engine: Engine, told: Progress) -> None:
    try:
        with loading(engine) as connection:
            _refuse_if_anything_is_there(connection)
            for name in LEFT_BY_A_START:
                connection.execute(delete(TABLES[name]))
            for number, (name, listing) in enumerate(manifest.tables.items(), 1):
                told("loading", number, 0)
                table = TABLES[name]
                load_rows(connection, table, listing.columns, read_rows(place, manifest.id, name, listing))
                if digest_of(connection, table) != (listing.rows, listing.sha256):
                    raise BackupDamaged(
                        f"les lignes restaurées de « {name} » ne sont pas celles de la sauvegarde"
                    )
    except IntegrityError as error:
        raise BackupDamaged("des lignes se réfèrent à d’autres qui n’y sont pas") from error

/**
 * The pictures of one draft on this phone: sealed bytes, where each stands, and what to show of it.
 * States: reading, preparing, waiting, sending, received, verified, refused, lost.
 */
import { all, get, remove, removePicture } from './kept-records.js';
import { ownerId, seal, sealJson, unseal, unsealJson } from './key.js';
import { view } from './specialty.js';
import { put } from './store.js';

const inHand = ({ state }) => ['preparing', 'sending'].includes(state);

const NOWHERE = 'Cette photo n’est ni sur ce téléphone ni sur le serveur. Choisissez-la de nouveau, ou ouvrez la demande sur l’appareil qui l’a prise.';

export class Pictures extends EventTarget {
  constructor(draft) {
    super();
    Object.assign(this, { draft, list: [], shown: new Map(), left: false });
  }

  /** Brings back what this phone holds, and adds what only the server holds. What this page has in hand stays as it is. */
  async load() {
    const before = this.list.filter(inHand);
    const records = await all('pictures', record => record.draft === this.draft.id && record.owner === ownerId());
    const known = await Promise.all(records.map(record => unsealJson(record, `pictures:${record.id}`).catch(() => null)));
    const staying = this.list.filter(picture => before.includes(picture) || inHand(picture));
    const others = known.filter(picture => picture && !staying.some(({ id }) => id === picture.id));
    this.list = [...staying, ...others];
    this.complete();
    for (const picture of others) if (!picture.prepared) this.prepare(picture);
    this.tell();
  }

  /** A picture that this page does not have is the server's, or lost: its answer tells. */
  complete() {
    for (const { id, lesion, view: viewId } of this.entries()) {
      if (!this.of(id)) this.list.push({ id, lesion, view: viewId, state: 'received', elsewhere: true, done: {}, address: {} });
    }
  }

  entries() { return this.draft.content.photos.filter(entry => !entry.skipped); }

  of(id) { return this.list.find(picture => picture.id === id); }

  /** Pictures of one view of one lesion, the first taken first. */
  forView(lesion, viewId) {
    return this.entries().filter(entry => entry.view === viewId && (entry.lesion ?? null) === (lesion ?? null))
      .map(entry => this.of(entry.id)).filter(Boolean);
  }

  /** A picked file: its bytes are copied before anything else happens. Throws PictureTrouble with words to show. */
  async add(file, lesion, viewId, retries = 0) {
    const { copyBytes } = await import('./picture.js');
    const bytes = await copyBytes(file);
    const picture = { id: crypto.randomUUID(), lesion: lesion ?? null, view: viewId, closeUp: Boolean(view(viewId)?.close_up),
      priority: view(viewId)?.priority ?? 99, at: Date.now(), name: file.name, type: file.type, size: bytes.byteLength,
      state: 'preparing', progress: 0, done: {}, address: {}, sha256: {}, retries };
    this.list.push(picture);
    await this.keepBytes(picture, 'original', bytes);
    await this.keep(picture);
    this.draft.content.photos.push({ id: picture.id, lesion: picture.lesion, view: viewId, skipped: null, sha256: null });
    this.draft.changed();
    await this.draft.keeping;
    this.tell();
    this.prepare(picture, bytes);
    return picture;
  }

  /** Makes the diagnostic picture and the fingerprints; without one the original alone is sent. */
  async prepare(picture, bytes) {
    const { fingerprint, foundWanting, makeDiagnostic, PictureTrouble, UNIFORM } = await import('./picture.js');
    try {
      const original = bytes ?? await this.bytes(picture, 'original');
      if (!original) throw new PictureTrouble('Cette photo n’est plus sur ce téléphone. Choisissez-la de nouveau.');
      picture.sha256.original = await fingerprint(original);
      const made = await makeDiagnostic(original, picture.type, picture.closeUp);
      if (made.reason === 'uniform') throw new PictureTrouble(UNIFORM);
      picture.quality = made.quality;
      if (made.bytes) {
        picture.sha256.diagnostic = await fingerprint(made.bytes);
        Object.assign(picture, { width: made.width, height: made.height });
        await this.keepBytes(picture, 'diagnostic', made.bytes);
        this.show(picture, made.bytes);
      }
      picture.serverMakes = !made.bytes;
      picture.prepared = true;
      picture.state = 'waiting';
      this.note(picture, { sha256: picture.sha256.diagnostic ?? picture.sha256.original, ...foundWanting(made.quality, picture.retries) });
    } catch (error) {
      picture.state = 'lost';
      picture.message = error instanceof PictureTrouble ? error.message : 'Cette photo n’a pas pu être lue. Choisissez-la de nouveau.';
    }
    await this.keep(picture);
    this.tell('ready');
  }

  note(picture, more) {
    const entry = this.draft.content.photos.find(one => one.id === picture.id);
    if (!entry) return;
    Object.assign(entry, more);
    this.draft.changed();
  }

  /** An address of the picture for an <img>, or '' while there is nothing to show. */
  async source(picture, large = false) {
    if (!this.shown.has(picture.id)) {
      const bytes = picture.serverMakes || picture.elsewhere ? null : await this.bytes(picture, 'diagnostic');
      if (!bytes) return (large ? picture.full : picture.thumb) ?? '';
      this.show(picture, bytes);
    }
    return this.shown.get(picture.id);
  }

  show(picture, bytes) {
    if (!this.shown.has(picture.id)) this.shown.set(picture.id, URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' })));
  }

  async drop(id) {
    this.draft.content.photos = this.draft.content.photos.filter(entry => entry.id !== id);
    this.list = this.list.filter(picture => picture.id !== id);
    this.draft.changed();
    URL.revokeObjectURL(this.shown.get(id) ?? '');
    this.shown.delete(id);
    this.tell();
    await this.forget(id);
  }

  async forget(id) { await removePicture(id); }

  /** What the server has acknowledged leaves this phone. */
  async release(picture, role) { await remove('bytes', `${picture.id}:${role}`); }

  async keep(picture) {
    if (this.left || !this.of(picture.id)) return;
    const { progress, ...lasting } = picture;
    await put('pictures', { id: picture.id, draft: this.draft.id, owner: ownerId(), ...(await sealJson(lasting, `pictures:${picture.id}`)) });
  }

  async keepBytes(picture, role, bytes) {
    const id = `${picture.id}:${role}`;
    await put('bytes', { id, draft: this.draft.id, owner: ownerId(), ...(await seal(bytes, `bytes:${id}`)) });
  }

  async bytes(picture, role) {
    const id = `${picture.id}:${role}`;
    const record = await get('bytes', id);
    return record ? unseal(record, `bytes:${id}`) : null;
  }

  /** What the server says of each picture: received, verified, refused with its reason. */
  hear(manifest) {
    for (const told of manifest.photos) {
      const picture = this.of(told.id);
      if (!picture || (picture.state === 'lost' && !picture.elsewhere)) continue;
      if (picture.state === 'lost') Object.assign(picture, { state: 'received', message: '' });
      Object.assign(picture, { thumb: told.thumb, full: told.picture });
      const finished = told.state === 'verified' || told.state === 'refused';
      if (finished && picture.state !== told.state) {
        Object.assign(picture, { state: told.state, message: told.message ?? '', progress: 1 });
        this.keep(picture);
      }
    }
    const known = new Set(manifest.photos.map(({ id }) => id));
    for (const picture of this.list) {
      if (picture.elsewhere && picture.state === 'received' && !known.has(picture.id)) Object.assign(picture, { state: 'lost', message: NOWHERE });
    }
    this.tell();
  }

  /** Counts for the line in the dock. */
  standing() {
    const mine = this.entries().map(entry => this.of(entry.id)).filter(Boolean);
    const arrived = mine.filter(picture => ['received', 'verified'].includes(picture.state));
    return { total: mine.length, arrived: arrived.length, verified: mine.filter(picture => picture.state === 'verified').length,
      bad: mine.filter(picture => ['refused', 'lost'].includes(picture.state)), sending: mine.find(picture => picture.state === 'sending') ?? null,
      share: mine.reduce((sum, picture) => sum + (arrived.includes(picture) ? 1 : picture.progress ?? 0), 0) };
  }

  tell(kind = 'change') {
    this.dispatchEvent(new Event('change'));
    if (kind !== 'change') this.dispatchEvent(new Event(kind));
  }
}

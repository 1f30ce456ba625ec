/**
 * Pictures leave by themselves while the questions are being answered: diagnostic pictures, in the order of their
 * views; originals once the request has its receipt, so that no picture waits behind one. One tab at a time sends a
 * draft's pictures; a lost line is tried again by itself.
 */
import { BY_ITSELF, call, Refused, Unreachable } from './api.js';
import { inHand } from './key.js';
import { leaving } from './leaving.js';
import { leavesSomethingOut } from './left-out.js';
import { specialty, view } from './specialty.js';
import { mark } from './store.js';

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
const LOOK_AGAIN = 600;

export class Queue {
  constructor(draft, pictures) {
    Object.assign(this, { draft, pictures, running: false, asked: false, line: 'up', tried: false, trouble: null, wake: null });
    pictures.addEventListener('ready', () => this.kick());
    for (const name of ['online', 'pageshow', 'focus']) addEventListener(name, () => this.kick());
    document.addEventListener('visibilitychange', () => document.hidden || this.kick());
  }

  /** Starts, or cuts short the pause before the next try. Asked for while it ends, it begins anew. */
  kick() {
    this.wake?.();
    this.asked = true;
    if (this.running || !this.pictures.list.length) return;
    Object.assign(this, { running: true, asked: false });
    mark('pictures', true);
    this.ended = this.alone(() => this.drain()).then(() => this.tidy()).finally(() => {
      this.running = false;
      if (this.asked && this.next()) this.kick();
    });
    this.follow();
  }

  alone(work) {
    return navigator.locks ? navigator.locks.request(`dermavis-pictures-${this.draft.id}`, work) : work();
  }

  async drain() {
    let pause = FIRST_PAUSE;
    for (let job = this.next(); job; job = this.next()) {
      try {
        await this.sendOne(job);
        pause = FIRST_PAUSE;
        this.stands('up');
      } catch (error) {
        if (error instanceof Unreachable) {
          this.tried = true;
          this.stands('down');
          if (job.picture.state === 'sending') job.picture.state = 'waiting';
          this.pictures.tell();
          await this.rest(error.retryAfter || pause * (0.75 + Math.random() / 2));
          pause = Math.min(pause * 2, LONGEST_PAUSE);
        } else if (error instanceof Refused) await this.refused(job, error);
        else throw error;
      }
    }
  }

  /** The next file to send, {picture, role}: an original waits for every diagnostic picture and for the receipt. */
  next() {
    const wanted = new Set(this.draft.receipt ? this.pictures.list.map(picture => picture.id) : this.pictures.entries().map(entry => entry.id));
    const ready = this.pictures.list.filter(picture => picture.prepared && wanted.has(picture.id) && !['refused', 'lost'].includes(picture.state));
    const main = ready.filter(picture => !picture.done[mainRole(picture)]).sort((one, other) => one.priority - other.priority || one.at - other.at);
    if (main.length) return { picture: main[0], role: mainRole(main[0]) };
    if (!this.draft.receipt) return null;
    const later = ready.find(picture => !picture.done.original && !picture.originalRefused);
    return later ? { picture: later, role: 'original' } : null;
  }

  /** Everything of a sent request has arrived: nothing of it stays on this phone. Whether others wait the outbox sees. */
  async tidy() {
    if (!this.draft.receipt || this.next() || !inHand()) return;
    await this.draft.keeping;
    // A full-size picture that was refused stays until its writer has read why.
    if (this.pictures.list.some(picture => picture.originalRefused) && leavesSomethingOut(this.draft)) return;
    this.pictures.left = true;
    for (const picture of this.pictures.list) await this.pictures.forget(picture.id);
    if (!leavesSomethingOut(this.draft)) await (await import('./sent.js')).forgetSent(this.draft.id);
  }

  /** {gone, total}: of the pictures that can leave, in full size or as the expert sees them. */
  departed(full) {
    const able = this.pictures.list.filter(picture => picture.prepared && !['refused', 'lost'].includes(picture.state) && !(full && picture.originalRefused));
    return { gone: able.filter(picture => picture.done[full ? 'original' : mainRole(picture)]).length, total: able.length };
  }

  async sendOne({ picture, role }) {
    await this.draft.push();
    if (!this.draft.revision || !inHand()) throw new Unreachable(); // without the key nothing is missing: it is closed
    const bytes = await this.pictures.bytes(picture, role).catch(() => null); // sealed under another key, or damaged
    if (!bytes) return this.missing(picture, role);
    if (role === mainRole(picture)) picture.state = 'sending';
    const facts = { draft: this.draft.id, photo: picture.id, lesion: picture.lesion, view: picture.view, role,
      sha256: picture.sha256[role], filename: picture.name, filetype: role === 'diagnostic' ? 'image/jpeg' : picture.type };
    const { upload } = await import('./tus.js');
    await upload(bytes, facts, { address: picture.address[role] }, async (sent, address) => {
      picture.progress = role === mainRole(picture) ? sent / bytes.byteLength : picture.progress;
      if (picture.address[role] !== address) {
        picture.address[role] = address;
        await this.pictures.keep(picture);
      }
      leaving(this.draft.id, { ...this.departed(role !== mainRole(picture)), share: sent / bytes.byteLength });
      this.pictures.tell();
    });
    picture.done[role] = true;
    if (role === mainRole(picture) && picture.state === 'sending') picture.state = 'received';
    await this.pictures.keep(picture);
    if (role === 'original') await this.pictures.release(picture, role);
    this.pictures.tell();
    this.follow();
  }

  async missing(picture, role) {
    if (role === mainRole(picture)) {
      Object.assign(picture, { state: 'lost', message: 'Cette photo n’est plus sur ce téléphone. Choisissez-la de nouveau.' });
    }
    picture.done[role] = true;
    await this.pictures.keep(picture);
    this.pictures.tell();
  }

  /** The server says no: to the session, then it is asked again; to the picture, then its view tells it. */
  async refused({ picture, role }, error) {
    if (error.status === 401) {
      await call('GET', `${this.draft.path}/photos`);
    } else if (role === mainRole(picture)) {
      Object.assign(picture, { state: 'refused', message: error.message });
    } else {
      picture.originalRefused = error.message;
      const { leaveOut } = await import('./left-out.js');
      await leaveOut(this.draft, { label: `${(specialty() && view(picture.view)?.label) || 'Photo'}, plein format`, mine: error.message, picture: true });
    }
    await this.pictures.keep(picture);
    this.pictures.tell();
  }

  /** Asks the server about received pictures until each is verified or refused. */
  async follow() {
    if (this.following) return;
    this.following = true;
    for (let pause = LOOK_AGAIN; this.unsure().length; pause = Math.min(pause * 1.3, 4000)) {
      try {
        this.pictures.hear(await call('GET', `${this.draft.path}/photos`, { headers: BY_ITSELF }));
        this.stands('up');
      } catch (error) {
        if (error instanceof Refused) this.trouble = error;
        else if (error instanceof Unreachable) Object.assign(this, { tried: true, line: 'down' });
        else throw error;
        this.pictures.tell();
      }
      if (this.unsure().length) await new Promise(resolve => setTimeout(resolve, pause));
    }
    this.following = false;
  }

  unsure() { return this.pictures.list.filter(picture => picture.state === 'received'); }

  rest(milliseconds) {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  stands(line) {
    if (this.line === line) return;
    this.line = line;
    this.pictures.tell();
  }
}

/** What the expert's picture is made of: the phone's diagnostic picture, or the original when it could make none. */
export const mainRole = picture => (picture.serverMakes ? 'original' : 'diagnostic');

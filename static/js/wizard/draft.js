/**
 * One draft: its content, the screen where the person stands, and where they are kept. Each change goes to this
 * phone at once and to the server within a moment; a change made elsewhere meanwhile is never written over.
 */
import { call, Refused, Unreachable } from './api.js';
import { ownerId, sealJson } from './key.js';
import { mark, put } from './store.js';

const WAIT = 350;
const RETRY = 5000;

export class Draft extends EventTarget {
  constructor(id, content) {
    super();
    Object.assign(this, { id, content, step: '', revision: 0, changes: 0, saved: 0, receipt: null, standing: 'idle', wanting: false, resting: false, at: 0, local: {}, sent: [], base: null, copied: false, missing: null });
    this.tabs = new BroadcastChannel(`dermavis-draft-${id}`);
    this.tabs.onmessage = event => this.hear(event.data);
  }

  /** Something is here that the server has not; `copied`: another tab's, which sends it as well. */
  get dirty() { return this.changes > this.saved; }

  /** Nothing leaves this phone before the consent is recorded: of a new request, nor of a patient put in another's place. */
  get held() { return !this.content.consent?.given; }

  /** "Envoyer" was touched and there is no receipt yet: it leaves by itself as soon as it can. */
  get wanted() { return Boolean(this.wanting || this.local.wanted) && !this.receipt; }

  get path() { return `/api/v1/drafts/${this.id}`; }

  /** Each change bears a mark, kept with it: a save that went out as its page was closed is known again by it. */
  changed() {
    this.changes += 1;
    this.copied = false;
    this.sent = [...this.sent.slice(-999), Math.max(Date.now(), (Number(this.sent.at(-1)) || 0) + 1)];
    this.keeping = this.keepHere();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.push(), WAIT);
    this.tell('change');
  }

  /** Another screen: kept here before it shows, and sent without waiting. */
  async stand(step) {
    if (this.step === step) return;
    this.step = step;
    if (!this.copied && (this.changes || this.revision)) this.keeping = this.keepHere(); // a copy lies here by its own tab
    await this.keeping;
    if (!this.dirty) return;
    clearTimeout(this.timer);
    this.push();
  }

  /** Sealed one after the other, so that what lies here at last is what was written last. */
  keepHere() {
    this.sealed = Promise.resolve(this.sealed).catch(() => {}).then(() => this.seal());
    return this.sealed.then(record => put('drafts', record));
  }

  /** Resolves once what was written lies here; a phone that keeps nothing holds nobody up for longer than so many milliseconds. */
  kept(patience) {
    return Promise.race([this.keeping, new Promise(go => setTimeout(go, patience))]);
  }

  async seal() {
    const { content, step, revision, receipt, local, sent, base } = this;
    if (!revision) mark('here', true);
    this.at = Date.now();
    const record = { id: this.id, owner: ownerId(), at: this.at, revision, dirty: this.dirty, wanted: Boolean(local.wanted) && !receipt && content.urgency !== 'urgent' };
    return { ...record, ...(await sealJson({ content, step, receipt, local, sent, base }, `drafts:${this.id}`)) };
  }

  /** Sends what is not sent; resolves when the server has everything, throws Unreachable or Refused. */
  async push({ keepalive = false } = {}) {
    if (this.receipt || this.held || this.resting || this.standing === 'conflict' || (this.copied && !this.wanted)) return;
    if (this.sending && !keepalive) {
      await this.sending.catch(() => {});
      return this.dirty ? this.push() : undefined;
    }
    if (!this.dirty) return;
    await this.pushOrThrow(keepalive).catch(error => {
      if (error instanceof Unreachable) this.later(error.retryAfter || RETRY);
      else if (!(error instanceof Refused)) throw error;
    });
  }

  /** The same, when whoever asks wants to know that it failed. */
  async pushOrThrow(keepalive = false) {
    if (this.sending && !keepalive) await this.sending.catch(() => {});
    if (!this.dirty) return;
    this.sending = this.sendOnce(keepalive).finally(() => { this.sending = null; });
    await this.sending;
  }

  async sendOnce(keepalive) {
    const upTo = this.changes;
    const text = { content: structuredClone(this.stamped()), step: this.step };
    this.stands('saving');
    try {
      const answer = await call('PUT', this.path, { body: text, headers: { 'If-Match': `"${this.revision}"` }, keepalive });
      if (answer.revision >= this.revision) Object.assign(this, { revision: answer.revision, base: text.content });
      this.sent = this.sent.slice(this.sent.lastIndexOf(text.content.device.mark) + 1); // those of what was changed meanwhile
      this.saved = Math.max(this.saved, upTo);
      this.missing = answer.missing ?? [];
      this.tell('missing');
      this.keeping = this.keepHere();
      this.tabs.postMessage({ kind: 'saved', revision: this.revision, missing: this.missing, ...text });
      this.stands('saved');
    } catch (error) {
      if (error.status === 412) await this.meet(error.body);
      else if (error.code === 'already_sent') this.finish({ ...error.body.receipt, late: error.body.differences });
      else this.refuse(error);
      throw error;
    }
  }

  /** The server cannot keep it as it is: what it says is shown where the request is reviewed. */
  refuse(error) {
    if (error.code === 'invalid_input') {
      this.missing = Object.entries(error.fields).map(([field, message]) => ({ field, message }));
      this.tell('missing');
    }
    this.stands(error instanceof Refused ? 'refused' : 'offline', error);
  }

  /** The content with the phone's own clock beside it, and the mark of its last change. */
  stamped() {
    const now = new Date();
    return { ...this.content, device: { time: now.toISOString(), offset_minutes: -now.getTimezoneOffset(), mark: this.sent.findLast(Number.isInteger) } };
  }

  later(pause = RETRY) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.push(), pause);
  }

  /** The server stands at another revision: conflict.js tells whether somebody else wrote, and asks which text goes on. */
  meet(theirs) { return import('./conflict.js').then(({ meet }) => meet(this, theirs), () => this.later()); }

  /** Another tab of the same phone saved this draft, sent it, or is to send it as it stands there: nothing here is newer. */
  hear({ kind, revision, content, base, sent, dirty, missing, receipt, wanted, trouble }) {
    if (this.resting) return;
    if (kind === 'sent') this.finish(receipt, false);
    if (this.receipt) return;
    const own = this.dirty && !this.copied;
    if (content && !own && (revision > this.revision || (kind === 'wanted' && dirty && revision === this.revision))) {
      const changes = this.changes + 1;
      Object.assign(this, { revision, content, base: base ?? structuredClone(content), sent: sent ?? this.sent, copied: true, changes, saved: dirty ? this.saved : changes, missing: missing ?? this.missing });
      this.tell('replaced');
    }
    if (kind !== 'wanted' || (wanted && own)) return; // nobody's half-written text is to leave
    Object.assign(this, { wanting: false, local: { ...this.local, wanted, trouble } });
    this.tell('wanted');
  }

  finish(receipt, aloud = true) {
    if (this.receipt) return;
    this.receipt = receipt;
    this.local.unasked = this.dirty && (aloud ? !receipt.late : !this.copied);
    this.saved = this.changes;
    clearTimeout(this.timer);
    this.keeping = Promise.all([import('./sent.js'), this.keeping]).then(([{ keepSent }]) => keepSent(this, aloud)).catch(() => this.keepHere());
    if (aloud) this.tabs.postMessage({ kind: 'sent', receipt });
    this.tell('sent');
  }

  stands(standing, error = null) {
    this.standing = standing;
    this.tell('standing', error);
  }

  tell(kind, detail = null) { this.dispatchEvent(new CustomEvent(kind, { detail })); }
}

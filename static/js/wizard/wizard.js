/** The way through: which screen stands, how the next one comes, and what all screens may ask of each other. */
import { onTrouble } from './store.js';
import { h, notice } from './dom.js';
import { after, allowed, before, placeWords, stepOf } from './flow.js';
import { show, tell } from './frame.js';
import { noSign } from './screens/flags.js';
import { isScreen, prepare, screen } from './screens/all.js';

const KEEPING = 400;

export class Wizard {
  constructor(draft, blank) {
    Object.assign(this, { draft, blank, pictures: null, queue: null, addressing: null, addressingTrouble: '', leaving: [], place: '' });
    for (const name of ['next', 'back', 'go']) this[name] = this[name].bind(this);
    addEventListener('popstate', () => this.follow());
    addEventListener('hashchange', () => this.follow());
    addEventListener('pagehide', () => this.draft.push({ keepalive: true }));
    draft.addEventListener('sent', () => { this.calm('sent-back'); this.enter('recu', 'replace'); this.queue?.kick(); });
    draft.addEventListener('wanted', () => this.heed());
    draft.addEventListener('conflict', event => import('./conflict.js').then(({ settleConflict }) => settleConflict(this, event.detail)));
    draft.addEventListener('replaced', () => { this.pictures?.load(); this.enter(this.place, 'stay'); tell('Demande mise à jour depuis un autre onglet'); });
    draft.addEventListener('standing', event => import('./line.js').then(({ tellLine }) => tellLine(this, event.detail)));
    onTrouble(kind => import('./storage-trouble.js').then(({ tellStorage }) => tellStorage(this, kind)));
  }

  get content() { return this.draft.content; }

  changed() { this.draft.changed(); }

  /** The first screen after the page opens: where the address says, or where the person stood. */
  start() {
    const wanted = location.hash.slice(1);
    if (this.draft.receipt) return this.enter('recu', 'replace');
    if (this.draft.wanted) return this.enter('attente', 'replace');
    if (wanted === 'aucun') return this.none();
    const { sentBack } = this.draft;
    if (sentBack) this.notice('warn', `Renvoyée par ${sentBack.by}\u00a0: ${sentBack.reason}`, sentBack.words, 'sent-back');
    if (sentBack && !wanted) return this.enter('relecture', 'replace');
    if (!wanted && !document.body.dataset.draft) return this.settle('alerte', 'replace');
    return this.enter(wanted && this.known(wanted) ? wanted : this.draft.step || 'alerte', 'replace', { quiet: !wanted && !this.draft.step });
  }

  /** "Envoyer" was touched, or taken back, maybe in another tab: of all that stand open on it, any may be the one that stays. */
  heed() {
    if (this.draft.wanted) return this.place === 'attente' ? undefined : this.enter('attente', 'replace');
    return this.place === 'attente' ? this.enter('relecture', 'replace') : undefined;
  }

  known(place) { return isScreen(place.split('/')[0]); }

  none() {
    noSign(this);
    this.enter(after(this.content, 'alerte'), 'replace');
  }

  /** A link or the browser's own Back changed the address. */
  follow() {
    const wanted = location.hash.slice(1) || 'alerte';
    if (wanted === 'aucun') return this.none();
    if (wanted === this.place || !this.known(wanted) || this.draft.receipt) return undefined;
    return this.enter(wanted, 'stay');
  }

  go(place) { return this.enter(place, 'push'); }

  next() {
    const from = history.state?.from;
    return from ? this.enter(from, 'push') : this.enter(after(this.content, this.place), 'push');
  }

  back() {
    if (history.state?.walked) return history.back();
    const place = before(this.content, this.place);
    return place ? this.enter(place, 'replace') : location.assign('/');
  }

  /** From the review to one screen, and straight back to the review afterwards. */
  edit(place) { return this.enter(place, 'push', { from: 'relecture' }); }

  repaint(focus) {
    this.enter(this.place, 'stay', { quiet: true });
    if (focus) document.getElementById(focus)?.focus();
  }

  enter(wanted, how, { quiet = false, from = null } = {}) {
    const asked = wanted === 'attente' && !this.draft.wanted ? 'relecture' : wanted;
    const place = this.draft.receipt ? 'recu' : allowed(this.content, asked);
    // Whoever goes back into a request that was to leave has not finished with it.
    if (this.draft.wanted && place !== 'attente' && place !== this.place) this.takeBack();
    const [kind, ...names] = place.split('/');
    const made = this.pictures || stepOf(place) < 2 ? screen(kind) : Promise.all([screen(kind), this.equip()]).then(([maker]) => maker);
    const put = maker => this.put(place, maker, names, { how, quiet, from, moved: place !== wanted });
    if (typeof made === 'function' && (how === 'stay' || !this.draft.keeping)) return put(made);
    const mine = (this.asked = Symbol(place));
    // What was typed lies on this phone before the next screen shows; a phone that keeps nothing holds nobody up.
    return Promise.all([made, this.draft.kept(KEEPING)]).then(([maker]) => this.asked === mine && put(maker), () => this.unreachable(wanted));
  }

  takeBack() {
    this.draft.wanting = false;
    this.draft.local.wanted = 0;
    import('./wanting.js').then(({ unwant }) => unwant(this.draft));
  }

  /** Brings what handles pictures, once; a failure is tried again. */
  equip() {
    this.equipping ??= import('./equipment.js').then(({ equip }) => equip(this)).catch(error => { this.equipping = null; throw error; });
    return this.equipping;
  }

  put(place, maker, names, { how, quiet, from, moved }) {
    this.asked = null;
    const shown = this.build(maker, names);
    if (!shown) return this.enter(place === 'attente' ? 'relecture' : 'alerte', 'replace');
    const step = shown.step ?? stepOf(place);
    const over = step >= 3 && place !== 'recu' ? [this.transferLine(), shown.over] : shown.over;
    this.settle(place, moved && how === 'stay' ? 'replace' : how, from);
    show({ place: placeWords(this.content, place), ...shown, step, over }, this.content, { quiet });
    return undefined;
  }

  /** This place is where the person stands: in the address, in the draft, and for what is fetched next. A new request's first screen came with the page and is not drawn again. */
  settle(place, how, from = null) {
    if (how === 'push') history.pushState({ walked: true, from }, '', `#${place}`);
    else if (how === 'replace') history.replaceState({ ...history.state, from }, '', `#${place}`);
    this.place = place;
    this.draft.stand(place);
    this.prepareNext(place);
  }

  /** A screen of a lesion, view or question that no longer exists gives null. */
  build(maker, names) {
    for (const stop of this.leaving.splice(0)) stop();
    try {
      return maker(this, ...names);
    } catch (error) {
      if (error instanceof TypeError && names.length) return null;
      throw error;
    }
  }

  /** The next screens are asked for once this one is being used. */
  prepareNext(place) {
    const [kind] = place.split('/');
    const act = () => { prepare(kind); this.settleIn(); if (stepOf(place) > 0) this.equip().catch(() => {}); };
    if (stepOf(place) > 0) return void setTimeout(act, 50);
    for (const name of ['pointerdown', 'pointermove', 'keydown', 'scroll']) addEventListener(name, act, { once: true, passive: true });
    return undefined;
  }

  /** Once the request is being used: what the next one without network needs, the hour after which the page closes, and the queue. */
  settleIn() {
    this.settled ??= import('./settling.js').then(({ settleIn }) => settleIn(document.body.dataset)).catch(() => { this.settled = null; });
  }

  unreachable(place) {
    this.notice('warn', 'Pas de réseau pour la suite', 'Vos réponses sont gardées. La suite s’ouvrira quand le réseau revient.', 'next');
    addEventListener('online', () => { this.calm('next'); this.enter(place, 'replace'); }, { once: true });
  }

  /** Listens while this screen stands, and no longer. */
  whileHere(source, name, act) {
    source.addEventListener(name, act);
    this.leaving.push(() => source.removeEventListener(name, act));
  }

  errors(errors) { import('./field-errors.js').then(({ showErrors }) => showErrors(document.getElementById('main'), errors), () => tell(errors.map(({ words }) => words).join(' '))); }

  forgetConsent() {
    Object.assign(this.content.consent, { given: false, at: null, by: 'patient', representative_name: '', sensitive_pictures: false });
  }

  async discard() {
    const { discardDraft } = await import('./discard.js');
    return discardDraft(this);
  }

  /** One notice of each kind at a time, above the question. */
  notice(tone, heading, words, kind) {
    const box = document.getElementById('trouble');
    const said = box.querySelector(`[data-kind=${kind}]`);
    if (said?.dataset.heading === heading) return;
    said?.remove();
    box.append(h('div', { 'data-kind': kind, 'data-heading': heading }, notice(tone, heading, words)));
    box.hidden = false;
  }

  calm(kind) {
    const box = document.getElementById('trouble');
    box.querySelector(`[data-kind=${kind}]`)?.remove();
    box.hidden = !box.childNodes.length;
  }
}


/** The frame around every screen: wristband, step bar, question, dock; title, focus and announcements. */
import { button, h, icon, renew } from './dom.js';
import { age, frenchDate, fullName, isMinor } from './words.js';

export const STEPS = ['Signes d’alerte', 'Patient', 'Lésion', 'Photos', 'Histoire', 'Envoi'];

const part = id => document.getElementById(id);

/** Shows a screen: {title, step, place, lead, body, dock, bare, look}. The first show of a page keeps the focus. */
export function show(screen, content, { quiet = false } = {}) {
  document.title = `${screen.title} – DermAvis`;
  band(content?.patient);
  steps(screen);
  const heading = screen.heading ?? h('h1', { tabindex: '-1' }, screen.title);
  renew(part('main'), screen.above, screen.lead
    ? h('div', { class: 'question' }, heading, h('p', {}, screen.lead)) : heading, screen.body);
  part('main').className = screen.look ?? '';
  renew(part('dock'), screen.over, screen.bar ?? h('div', { class: 'side-by-side' }, screen.dock));
  if (quiet) return;
  scrollTo(0, 0);
  const target = part('main').querySelector('h1');
  if (target && !target.hasAttribute('tabindex')) target.setAttribute('tabindex', '-1');
  target?.focus({ preventScroll: true });
}

export function band(patient) {
  const known = Boolean(patient?.birth_name && patient?.birth_date);
  const place = part('band');
  place.hidden = !known;
  if (!known) return;
  renew(place, h('p', {}, h('strong', {}, fullName(patient)), ' ', h('span', { class: 'birth' }, frenchDate(patient.birth_date)), ' ',
    h('span', {}, age(patient.birth_date), isMinor(patient.birth_date) && ', mineur')));
}

function steps({ step, place, bare }) {
  const bar = part('steps');
  bar.hidden = Boolean(bare);
  renew(bar, h('p', {}, h('strong', {}, STEPS[step]), ' ', h('span', {}, place ?? `${step + 1} sur ${STEPS.length}`)),
    h('ol', { 'aria-hidden': 'true' }, STEPS.map((_, at) => h('li', { class: at < step ? 'done' : at === step ? 'half' : null }))));
}

export const backButton = act => h('button', { type: 'button', class: 'button square tall', 'aria-label': 'Retour', onclick: act }, icon('arrow-left'));

export const mainButton = (words, act, more = {}) => button(words, { class: 'primary tall', onclick: act, ...more });

/** Read aloud without moving the focus. The region is in the page from the start. */
export function tell(words) {
  const region = part('live');
  region.textContent = '';
  setTimeout(() => { region.textContent = words; }, 60);
}

/** A sheet over the page, which it hides when `closed`; resolves when `close(value)` is called. Escape answers `escape`, or nothing when undefined. */
export function sheet(build, { escape, closed } = {}) {
  return new Promise(resolve => {
    const before = document.activeElement;
    const close = value => { box.close(); box.remove(); before?.focus?.(); resolve(value); };
    const box = h('dialog', { class: `sheet${closed ? ' closed' : ''}`, 'aria-labelledby': 'sheet-title' });
    box.append(...[build(close)].flat());
    box.addEventListener('close', () => box.isConnected && box.showModal()); // a browser's own Back closes what Escape may not
    box.addEventListener('cancel', event => { event.preventDefault(); if (escape !== undefined) close(escape); });
    document.body.append(box);
    box.showModal();
  });
}

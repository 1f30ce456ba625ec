/** Everything on one screen, each part with its way back; then "Envoyer", which is instant because the pictures have left. */
import { button, h, icon, notice, renew } from '../dom.js';
import { answerWords, denied, placeOf } from '../answer-words.js';
import { backButton } from '../frame.js';
import { lesionLabel, lesionName, moreButton, numberOf } from '../lesions.js';
import { historyScreens, foldedQuestions, lesionOf, motive, questionsOn, redFlag, requiredViews, shownViews, skipReason, specialty, view } from '../specialty.js';
import { sendRequest } from '../sending.js';
import { stateWords } from '../transfer.js';
import { fullName, listWords, phoneWords } from '../words.js';
import { askAddressing, targetOf } from '../target.js';
import { copyWords } from '../treating-doctor.js';
import { promise } from './addressing.js';
import { fieldName, screenOf } from './missing.js';

export function relecture(w) {
  const lacks = h('div', { 'aria-live': 'polite' });
  const toWhom = h('dd', {}, '…');
  const engaged = h('div', {});
  const strip = h('ol', { class: 'photo-strip', 'aria-label': 'Photos' });
  const told = h('p', { class: 'small centre soft sending', role: 'status', hidden: true });
  const call = h('p', { class: 'small centre', id: 'call-meanwhile', hidden: true });
  const prepares = 'prepares' in document.body.dataset; // a secretary: somebody of the site who may ask sends it
  const send = prepares ? h('a', { class: 'button primary tall', href: '/requests' }, icon('check'), h('span', {}, 'Terminer')) : h('button', { type: 'button', class: 'button primary tall', id: 'send', onclick: () => sendRequest(w, { send, told, call, lacks: show }) }, icon('send'), h('span', {}, 'Envoyer'));
  const show = (missing, words) => renew(lacks, missing.length || words ? h('div', { class: 'notice warn', tabindex: '-1', id: 'lacks' }, icon('triangle-alert'),
    h('strong', {}, words || (missing.length > 1 ? `Il manque ${missing.length} réponses` : 'Il manque une réponse')),
    h('ul', {}, missing.map(one => h('li', {}, h('a', { href: `#${screenOf(w.content, one.field)}`, onclick: event => { event.preventDefault(); w.edit(screenOf(w.content, one.field)); } }, one.label ? one.message || one.label : `${fieldName(one.field)}\u00a0: ${one.message}`))))) : null);
  const lacking = () => {
    const missing = w.draft.missing ?? [];
    show(missing, missing.length ? '' : w.draft.local.trouble);
    if (prepares && !missing.length && !w.draft.dirty) renew(lacks, notice('ok', 'Prête à envoyer par un médecin du site', 'Elle les attend dans «\u00a0Mes demandes\u00a0», à votre nom.'));
  };
  let drawn = '';
  const pictures = () => {
    const now = JSON.stringify(w.content.photos.map(({ id, view: of, skipped }) => [id, of, skipped, w.pictures.of(id)?.state, w.pictures.shown.has(id), w.pictures.of(id)?.thumb]).map(([id, of, skipped, state, ...rest]) => [id, of, skipped, ['verified', 'refused', 'lost'].includes(state) && state, ...rest]));
    if (now !== drawn) renew(strip, stripCells(w));
    drawn = now;
  };
  const address = () => {
    const target = targetOf(w);
    renew(toWhom, target ? target.name : w.addressingTrouble || '…', ' ', h('span', { class: 'soft' }, `· ${URGENCIES[w.content.urgency]}`));
    renew(engaged, promise(w, target));
  };
  pictures();
  address();
  w.whileHere(w.pictures, 'change', pictures);
  w.whileHere(w.draft, 'missing', lacking);
  askAddressing(w).then(address);
  if (prepares && !w.draft.missing) w.draft.changed(); // the server says what is missing, of a draft taken up again too
  w.draft.push().then(lacking);
  return {
    step: 5, title: prepares ? 'Relire' : 'Relire et envoyer', over: [told, call],
    body: [lacks, specialty().uses_pictures && strip, h('dl', { class: 'facts sheet-wide edge-to-edge' }, rows(w, toWhom)), moreButton(w, true), engaged, !prepares && button('Supprimer ce brouillon', { class: 'quiet', icon: 'trash-2', onclick: () => w.discard() })],
    dock: [backButton(w.back), send],
  };
}

const URGENCIES = { routine: 'courante', soon: 'sous 24\u00a0h', urgent: 'urgente' };

function rows(w, toWhom) {
  const { content } = w;
  const flags = content.red_flags.flags.map(id => redFlag(id)?.label).filter(Boolean);
  const called = content.red_flags.called;
  return [
    row(w, 'Question', h('strong', {}, content.question || motive(content.motive)?.label || ''), 'question', 'la question'),
    content.hypothesis.text && row(w, 'Hypothèse', content.hypothesis.text, 'hypothese', 'l’hypothèse'),
    flags.length > 0 && row(w, 'Alerte', [flags.join(', '), called && h('span', { class: 'soft' }, ` · ${called.whom} appelé à ${hour(called.at)}`)], 'alerte', 'les signes d’alerte'),
    ...content.lesions.map((lesion, at) => row(w, content.lesions.length > 1 ? `Lésion ${at + 1}` : 'Lésion', lesionWords(content, lesion), `lesion/${at + 1}`, content.lesions.length > 1 ? `la lésion ${at + 1}` : 'la lésion')),
    ...historyRows(w),
    row(w, 'Patient', [fullName(content.patient), content.patient.phone && h('span', { class: 'soft' }, ` · ${phoneWords(content.patient.phone)}`)], content.patient.id ? 'patient' : 'identite', 'le patient', true),
    row(w, 'Médecin traitant', [h('span', { translate: 'no' }, content.patient.treating_doctor || 'Non précisé'), copyWords(content.patient) && h('span', { class: 'soft' }, ` · ${copyWords(content.patient)}`)], 'coordonnees', 'le médecin traitant'),
    row(w, 'À qui', toWhom, 'destinataire', 'le destinataire et l’urgence'),
  ];
}

const hour = iso => { const at = new Date(iso); return `${at.getHours()}\u00a0h\u00a0${String(at.getMinutes()).padStart(2, '0')}`; };

function row(w, label, words, screen, what, name = false) {
  const value = words instanceof Element && words.tagName === 'DD' ? words : h('dd', { translate: name ? 'no' : null }, words);
  return h('div', {}, h('dt', {}, label), value, h('dd', {}, h('a', { class: 'edit', href: `#${screen}`, 'aria-label': `Modifier ${what}`, onclick: event => { event.preventDefault(); w.edit(screen); } }, icon('pencil'))));
}

function lesionWords(content, lesion) {
  const { counts, palpations, elementary_lesions: elementary } = specialty();
  const phrase = (list, id) => { const one = (list ?? []).find(item => item.id === id); return one ? (one.phrase || one.label).toLowerCase() : ''; };
  return [motive(content.motive)?.noun, placeOf(lesion).toLowerCase(), lesion.count !== 'single' && phrase(counts, lesion.count), lesion.size_mm && `${lesion.size_mm}\u00a0mm`, phrase(palpations, lesion.palpation),
    ...(lesion.elementary ?? []).map(id => phrase(elementary, id)), lesion.pigmented && content.motive !== 'pigmented' && 'pigmentée'].filter(Boolean).join(', ');
}

/** One row per section of the history ("Histoire", "Terrain"), in the file's own words; of several lesions, what is asked of each in a row of its own. */
function historyRows(w) {
  const { lesions } = w.content;
  const parts = lesions.length > 1 ? [{ own: false }, ...lesions.map(lesion => ({ own: true, lesion }))] : [{}];
  const order = specialty().screens.map(screen => screen.section);
  return parts.flatMap(part => sectionsOf(w, part)).sort((one, other) => order.indexOf(one.section) - order.indexOf(other.section))
    .map(({ section, of, screen, ...said }) => row(w, `${section}${of}`, sentences(said), screen, `la partie ${section.toLowerCase()}${of}`));
}

/** `own`: only what is asked of each lesion, or only the rest. The request's own answers are those of the first lesion. */
function sectionsOf(w, { own, lesion }) {
  const { content } = w;
  const further = lesion && lesion !== content.lesions[0] ? lesion : null;
  const of = lesion ? `, ${lesionLabel(content, lesion).toLowerCase()}` : '';
  const sections = new Map();
  const screens = new Map(specialty().screens.map(screen => [screen.id, screen]));
  const add = (item, screen) => {
    const answer = (further ?? content).history?.[item.id];
    if (!answer || (own !== undefined && own !== Boolean(item.per_lesion))) return;
    const { section } = screens.get(item.screen);
    if (!sections.has(section)) sections.set(section, { section, of, screen, answered: [], denied: [], none: [], unknown: [] });
    const said = sections.get(section);
    const words = answerWords(item, answer);
    if (denied(item, answer)) said.denied.push(denied(item, answer));
    else if (answer.status !== 'answered') said[answer.status].push(item.short_label);
    else if (words) said.answered.push(words);
  };
  const rank = further ? `/${numberOf(content, further)}` : '';
  for (const screen of historyScreens(content)) for (const item of questionsOn(content, screen.id, further)) add(item, `histoire/${screen.id}${rank}`);
  if (!further) for (const item of foldedQuestions(content)) add(item, 'terrain');
  return [...sections.values()];
}

/** 'Depuis des années, stable. Ni prurit, ni douleur. Allergies\u00a0: aucun. Traitements\u00a0: inconnu.' */
const sentences = ({ answered, denied: nouns, none, unknown }) => [capital(answered.join(', ')), denial(nouns), none.length > 0 && `${sentence(none)}\u00a0: aucun`, unknown.length > 0 && `${sentence(unknown)}\u00a0: inconnu`]
  .filter(Boolean).join('. ');

/** As the expert reads it: 'Ni prurit, ni douleur', 'Pas de saignement', 'Pas d’immunodépression'. */
function denial(nouns) {
  if (nouns.length > 1) return capital(nouns.map(noun => `ni ${noun}`).join(', '));
  return nouns.length ? `Pas ${/^[aeiouyâàéèêëîïôöûùœæ]/i.test(nouns[0]) ? 'd’' : 'de '}${nouns[0]}` : '';
}

const sentence = labels => capital(listWords(labels.map((label, at) => (at ? label.charAt(0).toLowerCase() + label.slice(1) : label))));

const capital = text => text.charAt(0).toUpperCase() + text.slice(1);

function stripCells(w) {
  const lesions = w.content.lesions.length ? w.content.lesions : [null];
  return lesions.flatMap((lesion, at) => [lesions.length > 1 && h('li', { class: 'group', 'aria-hidden': 'true' }, lesionName(w.content, lesion)), ...shownViews(w.content, lesion).flatMap(id => {
    const name = [lesions.length > 1 && `Lésion ${at + 1}`, view(id)?.short_label].filter(Boolean).join(', ');
    const owner = lesionOf(lesion, id);
    const place = `photo/${at + 1}/${id}`;
    const taken = w.pictures.forView(owner, id);
    const gone = w.content.photos.find(entry => entry.skipped && entry.view === id && (entry.lesion ?? null) === owner);
    if (taken.length) return taken.map(picture => cell(w, picture, place, name));
    if (gone) return [empty(w, id, place, name, 'skip-forward', `passée\u00a0: ${skipReason(gone.skipped)?.label ?? ''}`)];
    return requiredViews(w.content, lesion).includes(id) ? [empty(w, id, place, name, 'circle-dashed', 'à prendre', 'warn')] : [];
  })]);
}

function cell(w, picture, place, name) {
  const bad = ['refused', 'lost'].includes(picture.state);
  const label = view(picture.view)?.short_label ?? '';
  const poor = bad ? '' : picture.quality?.state ?? '';
  const holder = h('button', { type: 'button', 'aria-label': `${[name, stateWords(picture), poor].filter(Boolean).join(', ')}, revoir`, onclick: () => w.edit(place) });
  w.pictures.source(picture).then(source => renew(holder, source ? h('img', { src: source, alt: '' }) : icon('image')));
  return h('li', {}, holder, h('p', { class: bad ? 'late' : poor ? 'warn' : picture.state === 'verified' ? 'ok' : '', 'aria-hidden': 'true' }, icon(bad || poor ? 'triangle-alert' : picture.state === 'verified' ? 'check' : 'lock'), poor ? h('span', {}, label, h('br'), poor) : label));
}

function empty(w, id, place, name, mark, words, tone = '') {
  const label = view(id)?.short_label ?? '';
  return h('li', {}, h('button', { type: 'button', class: 'todo', 'aria-label': `${name}, ${words}`, onclick: () => w.edit(place) }, icon(view(id)?.icon || 'image')), h('p', { class: tone, 'aria-hidden': 'true' }, icon(mark), label));
}

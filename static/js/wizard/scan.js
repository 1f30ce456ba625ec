/**
 * « Scanner le code INS »: the DataMatrix of a prescription or a report, with the live camera or from a photograph. What
 * it says is shown beside what was typed, and taken or not; a scan alone makes no identity qualified.
 */
import { CameraWindow, fileControl, pixels, sideControl } from '../camera/window.js';
import { identityOf, insWords, ScanFault } from '../scan/ins.js';
import { CodeReader, NoReader } from '../scan/reader.js';
import { call, Refused, Unreachable } from './api.js';
import { button, h, notice, renew } from './dom.js';
import { band } from './frame.js';
import { leavePatient, TRAITS } from './screens/patient.js';
import { folded, frenchDate, fullName } from './words.js';

const PAUSE = 120;
const SAID = 2500;
const LONGEST = 1280;
const LONGEST_FILE = 2400;
const LABELS = { birth_name: 'Nom de naissance', first_name: 'Premier prénom', given_names: 'Prénoms', birth_date: 'Né(e) le', sex: 'Sexe', birthplace_insee: 'Lieu de naissance (INSEE)', ins: 'Matricule INS' };
const SEXES = { F: 'Femme', M: 'Homme', U: 'Inconnu' };
const STRICT = ['birth_name', 'first_name', 'birth_date'];
const NO_READER = typeof WebAssembly === 'object' ? 'Le lecteur de codes n’est pas là\u00a0: il vient avec le réseau. Saisissez l’identité à la main.' : 'Ce navigateur ne lit pas les codes. Saisissez l’identité à la main.';

export async function scanIdentity(w) {
  const reader = new CodeReader();
  const shown = new CameraWindow({ title: 'Code INS', words: 'Cadrez le carré de points, à plat, sans reflet.' });
  const take = found => confirm(w, shown, found);
  shown.controls.append(
    fileControl('Photo', 'camera', file => readFile(file, reader, shown, take), { camera: true, about: 'photographier le code' }),
    fileControl('Galerie', 'images', file => readFile(file, reader, shown, take), { about: 'choisir une photo du code' }),
    sideControl('À la main', 'keyboard', () => shown.close()));
  shown.closed.then(() => reader.close());
  await shown.open();
  watch(reader, shown, take);
  return shown.closed;
}

/** Looks at one frame after the other until a code says who it is. */
async function watch(reader, shown, take) {
  let until = 0;
  while (shown.box.isConnected && !shown.found) {
    const frame = shown.frame(LONGEST);
    if (frame) {
      try {
        const found = best(await reader.read(frame));
        if (found && !shown.found) return take(found);
        if (Date.now() > until) shown.tell('');
      } catch (error) {
        if (error instanceof NoReader) return shown.tell(NO_READER);
        if (!(error instanceof ScanFault)) throw error;
        shown.tell(error.message);
        until = Date.now() + SAID;
      }
    }
    await new Promise(go => setTimeout(go, PAUSE));
  }
  return undefined;
}

/** The identity among the codes that were seen; null where none was. Throws what is wrong with the likeliest. */
function best(codes) {
  let fault = null;
  for (const code of [...codes].sort((one, other) => (other.format === 'DataMatrix') - (one.format === 'DataMatrix'))) {
    try {
      return identityOf(code);
    } catch (error) {
      fault ??= error;
    }
  }
  if (fault) throw fault;
  return null;
}

async function readFile(file, reader, shown, take) {
  shown.tell('Lecture de la photo…');
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const found = best(await reader.read(pixels(picture, picture.width, picture.height, LONGEST_FILE)));
    picture.close();
    if (found) return take(found);
    return shown.tell('Aucun code lisible sur cette photo. Reprenez-la de plus près, à plat, sans reflet.');
  } catch (error) {
    if (error instanceof NoReader) return shown.tell(NO_READER);
    return shown.tell(error instanceof ScanFault ? error.message : 'Cette photo ne s’ouvre pas. Choisissez-en une autre.');
  }
}

/** What the code says beside what was typed so far, before any of it is taken. */
async function confirm(w, shown, found) {
  shown.found = found;
  shown.view.close();
  navigator.vibrate?.(60);
  shown.tell('Code lu…');
  const typed = w.content.patient;
  const known = await alreadyKnown(found.traits);
  if (!shown.box.isConnected) return;
  const rows = Object.entries(LABELS).filter(([name]) => found.traits[name]).map(([name, label]) => {
    const differs = typed[name] && !same(name, typed[name], found.traits[name]);
    return h('div', {}, h('dt', {}, label), h('dd', { translate: 'no' }, h('strong', {}, inWords(name, found.traits[name])),
      differs && h('p', { class: 'differs small' }, 'Saisi\u00a0: ', inWords(name, typed[name]))));
  });
  const differences = rows.filter(row => row.querySelector('.differs')).length;
  shown.box.className = 'of-paper';
  const heading = h('h2', { id: 'camera-title', tabindex: '-1' }, 'Est-ce ce patient\u00a0?');
  renew(shown.box, h('div', { class: 'scanned stack loose', tabindex: '0', role: 'group', 'aria-labelledby': 'camera-title' }, heading,
    differences > 0 && notice('warn', differences > 1 ? `${differences} différences avec ce qui est saisi` : 'Une différence avec ce qui est saisi', 'Vérifiez avec le patient avant de choisir.'),
    found.test && notice('warn', 'Identité d’essai', 'Ce code vient d’un environnement de test\u00a0: cette identité ne sera jamais qualifiée.'),
    known && notice('info', 'Déjà connu de votre site', `${fullName(known)}, né(e) le ${frenchDate(known.birth_date)}.`),
    h('dl', { class: 'facts' }, rows), h('p', { class: 'small soft' }, 'Un code lu ne remplace pas une pièce d’identité\u00a0: cochez-la ensuite si vous l’avez vérifiée.')),
  h('div', { class: 'dock' }, h('div', { class: 'side-by-side' },
    button(typed.birth_name ? 'Garder le saisi' : 'Annuler', { class: 'tall', onclick: () => shown.close() }),
    button('Utiliser cette identité', { class: 'primary tall', onclick: async () => { shown.close(); await take(w, found, known); } }))));
  heading.focus();
}

const same = (name, one, other) => (['birth_name', 'first_name', 'given_names'].includes(name) ? folded(one) === folded(other) : one === other);

const inWords = (name, value) => ({ birth_date: frenchDate, sex: id => SEXES[id] ?? id, ins: insWords }[name]?.(value) ?? value);

/** The site's own record of the same traits, where there is a network to ask. */
async function alreadyKnown(traits) {
  try {
    const { patients } = await call('POST', '/api/v1/patients', { body: { q: `${traits.birth_name} ${frenchDate(traits.birth_date)}` }, patience: 3000 });
    const names = ['birth_name', 'first_name', 'birth_date', 'sex'];
    const alike = patients.filter(person => names.every(name => same(name, person[name] ?? '', traits[name])) && (!person.ins || person.ins === traits.ins));
    return alike.find(person => person.ins === traits.ins) ?? (alike.length === 1 ? alike[0] : null);
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Refused) return null;
    throw error;
  }
}

async function take(w, { traits }, known) {
  const before = w.content.patient;
  // One of the three may be a slip of the finger; two are somebody else, of the same family perhaps.
  const others = STRICT.filter(name => before[name] && !same(name, before[name], traits[name])).length;
  const samePerson = others < 2 && (!known || !before.id || known.id === before.id);
  if (!samePerson && !(await leavePatient(w))) return;
  const kept = known ? Object.fromEntries(TRAITS.filter(trait => known[trait] !== undefined).map(trait => [trait, known[trait]])) : samePerson ? before : {};
  // A name typed with its accents stays as typed: the code has capitals alone.
  const asTyped = Object.fromEntries(Object.entries(traits).filter(([name, value]) => !(kept[name] && same(name, kept[name], value))));
  // A paper that was checked vouched for what was typed, not for what stands here now.
  const unchecked = samePerson && !known && others ? { identity_status: 'provisional', document: '' } : {};
  w.content.patient = { ...w.blank.patient, ...kept, ...asTyped, ...unchecked, id: known?.id ?? (samePerson ? before.id ?? null : null) };
  w.changed();
  band(w.content.patient);
  w.go(known ? 'patient' : 'identite');
  if (known) w.repaint();
}

/** Starts the request wizard: key, draft, pictures, then the screen where the person stood. */
import { Refused, Unreachable } from './api.js';
import { button, notice, renew, useSprite } from './dom.js';
import { Draft } from './draft.js';
import { openKey } from './key.js';
import { useSpecialty } from './specialty.js';
import { Wizard } from './wizard.js';
import { askAddressing } from './target.js';

const page = document.body.dataset;

/** A request with nothing in it yet. */
const blank = () => ({
  format: 1,
  specialty: { id: page.specialty, version: Number(page.specialtyVersion) },
  red_flags: { answered: false, flags: [], called: null },
  patient: { id: null, birth_name: '', used_name: '', first_name: '', given_names: '', birth_date: null, sex: null, birthplace_insee: '', ins: '', ins_oid: '', phone: '', address: '', postcode: '', commune: '',
    place_of_stay: 'home', treating_doctor: '', representative: null, identity_status: 'provisional', document: '' },
  consent: { given: false, by: 'patient', representative_name: '', at: null, sensitive_pictures: false },
  motive: '', lesions: [], photos: [], history: {}, hypothesis: { text: '', confidence: null }, question: '', without_opinion: null,
  contact: { phone: '', substitute: '' }, urgency: 'routine', addressing: { mode: 'default', team: null, person: null },
});

async function start() {
  useSprite(page.sprite);
  if ('offline' in page) await (await import('./without-network.js')).beginHere(page);
  const [specialty] = await Promise.all([readSpecialty(), openKey()]);
  useSpecialty(specialty);
  const draft = await openDraft();
  // As long as this page has the draft open no other page sends it from the queue.
  if (draft) navigator.locks?.request(`dermavis-draft-${draft.id}`, () => new Promise(() => {}));
  if (!draft) return nothingHere();
  const wizard = new Wizard(draft, blank());
  if (draft.content.photos.length) await wizard.equip();
  await wizard.start();
  askAddressing(wizard).then(() => wizard.place.startsWith('signe/') && wizard.repaint());
  document.body.dataset.ready = 'true';
  return undefined;
}

/** The same bytes for a year: its address holds its fingerprint. */
async function readSpecialty() {
  const answer = await fetch(page.specialtyAddress, { credentials: 'same-origin' });
  if (!answer.ok) throw new Unreachable();
  return { ...(await answer.json()), site_has_dermatoscope: page.dermatoscope === 'true' };
}

async function openDraft() {
  if (page.draft) return (await import('./kept-draft.js')).reopen(page.draft, blank());
  const draft = new Draft(crypto.randomUUID(), blank());
  history.replaceState(history.state, '', `/requests/${draft.id}${location.hash}`);
  return draft;
}

function nothingHere() {
  renew(document.getElementById('main'), notice('info', 'Cette demande n’est ni sur ce téléphone ni sur le serveur', 'Elle a pu être supprimée, ou commencée sur un autre appareil sans réseau.'));
  renew(document.getElementById('dock'), button('Nouvelle demande', { class: 'primary tall wide', onclick: () => location.assign('/requests/new') }));
}

start().catch(error => {
  if (!(error instanceof Unreachable || error instanceof Refused || error.said)) reportError(error);
  const box = document.getElementById('trouble');
  box.hidden = false;
  const [heading, words] = error.said ?? ['La demande n’a pas pu s’ouvrir', error instanceof Refused ? error.message : 'Pas de réponse du serveur. Rien n’est perdu\u00a0: réessayez quand le réseau revient.'];
  renew(box, notice('warn', heading, words,
    button('Réessayer', { onclick: () => location.reload() })));
});


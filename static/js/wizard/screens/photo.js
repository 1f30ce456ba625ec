/** One view a screen: what it must show, the telephone's camera or a file, what became of it, or why it is skipped. */
import { hasCamera } from '../camera-here.js';
import { button, h, icon, renew } from '../dom.js';
import { capital, isBad, isDoubtful, qualityNotice, triesAfter } from '../doubt.js';
import { changing, radios, tick } from '../fields.js';
import { backButton, mainButton, sheet, tell } from '../frame.js';
import { goOn, isPhotographed, isSensitive, lesionName, moreButton } from '../lesions.js';
import { PictureTrouble } from '../picture.js';
import { lesionOf, requiredViews, shownViews, skipReason, specialty, view } from '../specialty.js';
import { stateWords } from '../transfer.js';
import { drawing } from '../views.js';
import { fileButton, frameOf, marksOf, preview, reproach, status, why } from './photo-parts.js';

export function photo(w, number, viewId) {
  const lesion = w.content.lesions[Number(number) - 1] ?? null;
  const shown = view(viewId);
  const owner = lesionOf(lesion, viewId);
  const required = requiredViews(w.content, lesion);
  const at = required.indexOf(viewId);
  let trouble = '';
  let chosen = 0;

  const stage = h('div', { class: 'stage-of-view' });
  const strip = h('ol', { class: 'photo-strip', 'aria-label': 'Photos de la demande' });
  const actions = h('div', { class: 'side-by-side' });
  const more = h('div', {});
  const several = w.content.lesions.length > 1;
  const isLast = lesion && lesion === w.content.lesions.at(-1);
  const next = () => goOn(w, number);
  const mine = () => w.pictures.forView(owner, viewId);
  const skipped = () => w.content.photos.find(entry => entry.skipped && entry.view === viewId && (entry.lesion ?? null) === owner);

  async function pick(file, replaced) {
    if (!file) return;
    trouble = '';
    try {
      const added = await w.pictures.add(file, owner, viewId, triesAfter(w.pictures.of(replaced)));
      w.content.photos = w.content.photos.filter(entry => !(entry.skipped && entry.view === viewId && (entry.lesion ?? null) === owner));
      if (replaced) await w.pictures.drop(replaced);
      w.draft.changed();
      chosen = mine().indexOf(added);
      tell(`Photo ${shown.label} ajoutée`);
    } catch (error) {
      if (!(error instanceof PictureTrouble)) throw error;
      trouble = error.message;
      tell(trouble);
    }
    draw();
  }

  async function keepAnyway(picture) {
    picture.kept = true;
    await w.pictures.keep(picture);
    tell(`Photo ${shown.label} gardée`);
    next();
  }

  /** The guided camera where this device has one, else the phone's own. */
  const shootButton = (words, name, onfile, about, look) => (hasCamera()
    ? button(words, { class: look, icon: name, 'aria-label': `${words}, ${about}`, 'data-key': words, onclick: async () => {
      const { photographView } = await import('../camera.js');
      onfile(await photographView({ shown, rank: at, total: required.length, lesion: several ? lesionName(w.content, lesion) : '' }));
    } })
    : fileButton(words, name, onfile, about, true, look));

  /** A picture that shows a region says where to look. */
  const canBeMarked = picture => !shown.close_up && !isBad(picture) && w.pictures.shown.has(picture.id);
  const markButton = picture => {
    const marks = marksOf(w, picture);
    return h('div', { class: 'row tight' }, button(marks.length ? 'Changer le repère' : 'Montrer où regarder', { class: 'quiet slim', icon: 'pencil', 'data-key': 'marks', onclick: async () => {
      const { markPicture } = await import('../marking.js');
      const chosen = await markPicture({ source: w.pictures.shown.get(picture.id), label: shown.label, marks });
      if (!chosen) return;
      w.pictures.note(picture, { marks: chosen.length ? chosen : undefined });
      draw();
      tell(chosen.length ? 'Repère gardé' : 'Repère effacé');
    } }));
  };

  const current = () => mine()[Math.min(chosen, mine().length - 1)];
  let drawn = '';
  let told = '';
  let doubted = '';

  /** A step of the sending changes words only; what a person sees or holds is drawn again when it is another thing. */
  function follow() {
    const picture = current();
    if (signature() !== drawn) draw();
    else if (picture && !isBad(picture)) stage.querySelector('.tag')?.replaceWith(status(w, picture));
    const words = picture && ['verified', 'refused', 'lost'].includes(picture.state) ? `${shown.label}\u00a0: ${stateWords(picture)}. ${picture.message ?? ''}` : '';
    const verdict = picture && isDoubtful(picture) ? `${capital(picture.quality.state)}. ${picture.quality.advice.join('. ')}` : '';
    if (words && words !== told) tell(words);
    else if (verdict && verdict !== doubted) tell(verdict);
    told = words || told;
    doubted = verdict || doubted;
  }

  const signature = () => JSON.stringify([trouble, chosen, skipped()?.skipped, w.content.photos.map(entry => {
    const picture = w.pictures.of(entry.id);
    return [entry.id, entry.view, entry.skipped, entry.marks, isBad(picture), picture?.state === 'verified', picture?.message, w.pictures.shown.has(entry.id), picture?.thumb, picture?.serverMakes, picture?.quality?.state, picture?.kept];
  })]);

  function draw() {
    const held = document.activeElement?.dataset?.key;
    drawn = signature();
    const pictures = mine();
    const picture = current();
    const gone = skipped();
    renew(stage,
      picture ? preview(w, picture) : frameOf(shown),
      trouble && h('div', { class: 'notice warn' }, icon('triangle-alert'), h('strong', {}, 'Photo non gardée'), h('p', { class: 'small' }, trouble)),
      picture && (isBad(picture) ? reproach(picture, shown, fileButton('Choisir un fichier', 'images', file => pick(file, picture.id), shown.label, false, 'slim'), remove(picture)) : h('div', { class: 'picture-line' }, status(w, picture),
        fileButton('Ajouter', 'plus', file => pick(file), `une autre photo, ${shown.label}`, false, 'quiet slim'), remove(picture))),
      picture && canBeMarked(picture) && markButton(picture),
      picture && !isBad(picture) && qualityNotice(picture, 'quality'),
      pictures.length > 1 && h('ul', { class: 'chips', 'aria-label': 'Photos de cette vue' }, pictures.map((other, rank) => h('li', {},
        h('button', { type: 'button', class: 'chip small', 'data-key': `photo-${rank}`, 'aria-pressed': String(other === picture), onclick: () => { chosen = rank; draw(); } }, `Photo ${rank + 1}`)))),
      gone && !picture && h('div', { class: 'notice info' }, icon('info'), h('strong', {}, 'Vue passée'), h('p', { class: 'small' }, skipReason(gone.skipped)?.label ?? gone.skipped)),
      why(shown, picture),
      !picture && ways(gone));
    renew(strip, cells(w, lesion, number, viewId));
    renew(more, isLast && isPhotographed(w.content, lesion) && moreButton(w, Boolean(history.state?.from)));
    renew(actions, picture && isDoubtful(picture) ? doubtful(picture) : [backButton(w.back), picture ? taken(picture) : untaken(gone)]);
    if (held && document.activeElement === document.body) (document.querySelector(`[data-key="${held}"]`) ?? document.querySelector('h1')).focus();
  }

  /** Beside the main action: the phone's own camera where that is not it, a file, and the way past this view. */
  function ways(gone) {
    const file = words => fileButton(words, 'images', picked => pick(picked), shown.label, false, 'grow');
    const past = at >= 0 && !gone && button('Passer…', { class: 'quiet', icon: 'skip-forward', 'aria-label': `Passer… la vue ${shown.label}`, onclick: () => skip(w, owner, viewId, draw, next) });
    if (!hasCamera()) return h('div', { class: 'row tight' }, file('Choisir un fichier'), past);
    return [h('div', { class: 'row tight' }, fileButton('Appareil', 'smartphone', picked => pick(picked), `appareil photo du téléphone, ${shown.label}`, true, 'grow'), file('Galerie')), past];
  }

  const taken = picture => [
    shootButton('Reprendre', 'rotate-ccw', file => pick(file, picture.id), `${shown.label}, ${stateWords(picture)}`, `tall ${isBad(picture) ? 'primary' : ''}`),
    mainButton('Continuer', next, isBad(picture) ? { class: 'tall' } : {}),
  ];
  const doubtful = picture => [
    button('Garder quand même', { class: 'tall', 'data-key': 'keep', onclick: () => keepAnyway(picture) }),
    shootButton('Reprendre', 'rotate-ccw', file => pick(file, picture.id), `${shown.label}, ${picture.quality.state}`, 'tall primary'),
  ];
  const untaken = gone => [
    shootButton('Photographier', 'camera', file => pick(file), shown.label, gone || at < 0 ? 'tall' : 'primary tall'),
    gone || at < 0 ? mainButton('Continuer', next) : null,
  ];
  const remove = picture => h('button', { type: 'button', class: `button quiet slim ${isBad(picture) ? '' : 'square'}`, 'aria-label': `Supprimer la photo ${shown.label}`, 'data-key': 'remove', onclick: async () => {
    await w.pictures.drop(picture.id);
    draw();
    tell(`Photo ${shown.label} supprimée`);
  } }, icon('trash-2'), isBad(picture) && 'Supprimer la photo');

  draw();
  w.whileHere(w.pictures, 'change', follow);
  return {
    step: 3, title: shown.label, look: 'photo-screen', place: `${several ? `lésion ${number}, ` : ''}${at >= 0 ? `vue ${at + 1} sur ${required.length}` : 'vue facultative'}`,
    lead: [shown.instruction, several && ` · ${lesionName(w.content, lesion)}`],
    body: [sensitiveLine(w), stage, strip, more], bar: actions,
  };
}

/** Every view of this lesion: taken, to take, or worth adding. */
function cells(w, lesion, number, current) {
  const required = requiredViews(w.content, lesion);
  return shownViews(w.content, lesion).map(id => {
    const shown = view(id);
    const picture = w.pictures.forView(lesionOf(lesion, id), id).at(-1);
    const gone = w.content.photos.some(entry => entry.skipped && entry.view === id && (entry.lesion ?? null) === lesionOf(lesion, id));
    const optional = !required.includes(id);
    const told = picture ? stateWords(picture) : gone ? 'passée' : optional ? 'facultative' : 'à prendre';
    const cell = h('button', { type: 'button', class: picture ? '' : `todo${optional ? ' optional' : ''}`, 'aria-current': id === current ? 'true' : null, 'data-key': id, 'aria-label': `${shown.short_label}, ${told}`, onclick: () => w.go(`photo/${number}/${id}`) },
      picture ? null : drawing(shown));
    if (picture) w.pictures.source(picture).then(source => renew(cell, source ? h('img', { src: source, alt: '' }) : icon('image')));
    const [name, tone] = picture ? (isBad(picture) ? ['triangle-alert', 'late'] : picture.state === 'verified' ? ['check', 'ok'] : ['lock', '']) : gone ? ['skip-forward', ''] : [optional ? 'plus' : 'circle-dashed', ''];
    return h('li', {}, cell, h('p', { class: tone, 'aria-hidden': 'true' }, icon(name), h('span', {}, shown.short_label)));
  });
}

async function skip(w, owner, viewId, draw, next) {
  let given = '';
  const reason = await sheet(close => [
    h('h2', { id: 'sheet-title' }, 'Pourquoi passer cette vue\u00a0?'),
    h('p', { class: 'small soft' }, 'L’expert le lira. Vous pourrez encore la prendre avant l’envoi.'),
    radios({ id: 'skip', legend: 'Raison', hidden: true, options: specialty().skip_reasons, value: '', onvalue: id => { given = id; } }),
    h('div', { class: 'side-by-side' }, button('Annuler', { class: 'tall', onclick: () => close('') }), mainButton('Passer', () => given && close(given))),
  ], { escape: '' });
  if (!reason) return;
  w.content.photos.push({ id: crypto.randomUUID(), lesion: owner, view: viewId, skipped: reason, sha256: null });
  w.changed();
  draw();
  next();
}

/** Face and intimate parts have their own line: asked when such a place is photographed, before the first picture. */
function sensitiveLine(w) {
  const { consent } = w.content;
  if (consent.sensitive_pictures || !isSensitive(w.content)) return null;
  return changing(() => [tick({ id: 'sensitive', label: 'Photos du visage ou de parties intimes acceptées', hint: 'À cocher avec le patient', checked: consent.sensitive_pictures,
    onvalue: value => { consent.sensitive_pictures = value; w.changed(); } })]);
}

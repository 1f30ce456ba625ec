/** The history: the questions that stand together on one screen, each with "Aucun" and "Inconnu"; then the folded ones. */
import { button, h } from '../dom.js';
import { changing, chips, radios, segmented, textField } from '../fields.js';
import { backButton, mainButton, tell } from '../frame.js';
import { goOn as onward, lesionName } from '../lesions.js';
import { foldedQuestions, question, questionsOn, specialty } from '../specialty.js';

/** With a number, what is asked of that lesion too: the request's own answers are those of the first. */
export function histoire(w, screenId, number) {
  const { lesions } = w.content;
  const screen = specialty().screens.find(one => one.id === screenId);
  const lesion = number && lesions[number - 1];
  const questions = () => questionsOn(w.content, screenId, lesion);
  const [first] = questions();
  const heads = first.required;
  const about = lesion ?? (lesions.length > 1 && questions().some(item => item.per_lesion) && lesions[0]);
  if (number && !lesion) return null;
  const same = lesion ? questionsOn(w.content, screenId).filter(item => item.per_lesion && w.content.history[item.id]) : [];
  return {
    step: 4, title: heads ? first.label : screen.title, lead: about && lesionName(w.content, about),
    body: [same.length > 0 && button('Comme la lésion 1', { class: 'wide', id: 'same', icon: 'copy', onclick: () => {
      lesion.history ??= {};
      for (const item of same) {
        lesion.history[item.id] = structuredClone(w.content.history[item.id]);
        delete w.draft.local[withKey(item, lesion).typed];
      }
      w.changed();
      w.repaint('same');
      tell('Réponses de la lésion 1 reprises');
    } }), questionList(w, questions, heads ? first.id : '', lesion)],
    dock: [backButton(w.back), mainButton('Continuer', () => goOn(w, questions(), lesion, number))],
  };
}

export function terrain(w) {
  return {
    step: 4, title: 'Et aussi\u00a0?', lead: 'Ce qui est utile ici. Le reste peut rester sans réponse.',
    body: [questionList(w, () => foldedQuestions(w.content), '')],
    dock: [backButton(w.back), mainButton('Continuer', () => goOn(w, foldedQuestions(w.content)))],
  };
}

/** The question that the screen's title asks does not say it twice. Answering one question may open or close another: then only the list of questions is drawn again. */
function questionList(w, questions, heading, lesion) {
  let shown = '';
  const box = changing(() => {
    const all = questions();
    shown = all.map(item => item.id).join();
    return all.map(item => one(w, item, item.id === heading, refresh, lesion));
  });
  function refresh() {
    if (questions().map(item => item.id).join() === shown) return;
    const focused = document.activeElement?.id;
    box.again();
    document.getElementById(focused)?.focus();
  }
  box.classList.add('looser');
  return box;
}

function one(w, item, isHeading, refresh, lesion) {
  const holder = lesion || w.content;
  const answer = holder.history?.[item.id];
  const set = (status, value = null) => {
    const history = (holder.history ??= {});
    if (status) history[item.id] = { status, value };
    else delete history[item.id];
    w.changed();
    refresh();
  };
  const value = answer?.status === 'answered' ? answer.value : null;
  const draw = { choice: choice, choices: several, text: text, number: numeric, yes_no: yesNo, duration: duration }[item.kind];
  const drawn = draw(w, withKey(item, lesion), value, answer?.status ?? '', set);
  if (isHeading) drawn.querySelector('legend')?.classList.add('visually-hidden');
  return drawn;
}

/** Where what is being typed is kept, however it reads. */
const withKey = (item, lesion) => ({ ...item, typed: lesion ? `${item.id}-${lesion.id}` : item.id });

/** The answers that every question may have besides its own. */
const others = item => [item.none_label && { id: NONE, label: item.none_label }, item.unknown_label && { id: UNKNOWN, label: item.unknown_label }].filter(Boolean);
const NONE = '~none';
const UNKNOWN = '~unknown';
const other = status => ({ none: NONE, unknown: UNKNOWN })[status] ?? '';
const statusOf = id => ({ [NONE]: 'none', [UNKNOWN]: 'unknown' })[id];

function choice(w, item, value, status, set) {
  return radios({ id: item.id, legend: item.label, hint: item.help, two: item.options.every(({ label }) => label.length < 22), value: value ?? other(status),
    options: [...item.options.map(({ id, label }) => ({ id, label })), ...others(item)],
    onvalue: id => (statusOf(id) ? set(statusOf(id)) : set('answered', id)) });
}

function several(w, item, value, status, set) {
  const box = changing(() => [chips({ id: item.id, legend: item.label, hint: item.help, values: value ?? [other(status)].filter(Boolean),
    options: [...item.options.map(({ id, label }) => ({ id, label })), ...others(item)],
    onvalues: ids => {
      const last = ids.at(-1);
      const kept = statusOf(last) ? [] : ids.filter(id => id && !statusOf(id)); // an empty one was kept by an earlier release
      value = kept;
      status = statusOf(last) ?? '';
      if (status) set(status);
      else set(kept.length ? 'answered' : '', kept);
      const focused = document.activeElement?.id;
      box.again();
      document.getElementById(focused)?.focus();
    } })]);
  return box;
}

function yesNo(w, item, value, status, set) {
  const options = [{ id: 'yes', label: 'Oui' }, { id: 'no', label: 'Non' }, item.unknown_label && { id: UNKNOWN, label: item.unknown_label }].filter(Boolean);
  return segmented({ id: item.id, legend: item.label, hint: item.help, options, value: value === true ? 'yes' : value === false ? 'no' : other(status),
    onvalue: id => (id === UNKNOWN ? set('unknown') : set('answered', id === 'yes')) });
}

/** One tap for "aucun" or "inconnu", or words. */
function text(w, item, value, status, set) {
  let typed = value ?? w.draft.local[item.typed] ?? '';
  const area = textField({ id: `${item.id}-text`, label: others(item).length ? 'Ou en quelques mots' : item.label, rows: 2, value: typed, autocomplete: 'off', onvalue: words => {
    typed = words;
    w.draft.local[item.typed] = words;
    set(words.trim() ? 'answered' : '', words.trim());
    for (const radio of quick?.querySelectorAll('input') ?? []) radio.checked = false;
  } });
  const quick = others(item).length ? radios({ id: item.id, legend: item.label, hint: item.help, two: true, options: others(item), value: other(status),
    onvalue: id => { set(statusOf(id)); area.querySelector('textarea').value = ''; } }) : null;
  return h('div', { class: 'stack' }, quick, area);
}

function numeric(w, item, value, status, set) {
  const field = textField({ id: `${item.id}-number`, label: item.unit ? `${item.label} (${item.unit})` : item.label, hint: item.help, inputmode: 'decimal', autocomplete: 'off', class: 'input number',
    value: w.draft.local[item.typed] ?? (value === null ? '' : String(value).replace('.', ',')), onvalue: words => {
      w.draft.local[item.typed] = words;
      const number = Number(words.replace(',', '.'));
      set(words.trim() && Number.isFinite(number) ? 'answered' : '', number);
    } });
  field.dataset.field = item.id;
  return others(item).length ? h('div', { class: 'stack' }, field, chips({ id: `${item.id}-other`, legend: h('span', { class: 'visually-hidden' }, `${item.label}\u00a0: autre réponse`),
    options: others(item), values: [other(status)], onvalues: ids => { set(statusOf(ids.at(-1)) ?? ''); field.querySelector('input').value = ''; } })) : field;
}

/** Days, weeks, months, years, always: one tap; the number beside is welcome and never asked. */
function duration(w, item, value, status, set) {
  let unit = value?.unit ?? other(status);
  let count = value?.count ?? null;
  const save = () => (statusOf(unit) ? set(statusOf(unit)) : set('answered', { unit, count: unit === 'always' ? null : count }));
  const number = changing(() => (unit && !statusOf(unit) && unit !== 'always' ? [textField({ id: `${item.id}-count`, label: 'Combien, si vous le savez\u00a0?', optional: true, inputmode: 'numeric',
    autocomplete: 'off', class: 'input number', value: count ?? '', onvalue: words => { count = /^\d{1,3}$/.test(words.trim()) && Number(words) > 0 ? Number(words) : null; save(); } })] : []));
  return h('div', { class: 'stack' }, radios({ id: item.id, legend: item.label, hint: item.help, two: true, value: unit,
    options: [...specialty().durations, ...others(item)], onvalue: id => { unit = id; save(); number.again(); } }), number);
}

function goOn(w, questions, lesion, number) {
  const errors = questions.flatMap(item => {
    const answer = (lesion || w.content).history?.[item.id];
    const words = problem(w, withKey(question(item.id), lesion), answer);
    return words ? [{ id: item.id, words }] : [];
  });
  return errors.length ? w.errors(errors) : onward(w, number);
}

function problem(w, item, answer) {
  const typed = (w.draft.local[item.typed] ?? '').trim();
  if (item.kind === 'number' && typed && answer?.status !== 'none' && answer?.status !== 'unknown') {
    const number = Number(typed.replace(',', '.'));
    if (!Number.isFinite(number)) return `${item.short_label}\u00a0: écrivez un nombre.`;
    if (item.min !== undefined && number < item.min) return `${item.short_label}\u00a0: au moins ${item.min}.`;
    if (item.max !== undefined && number > item.max) return `${item.short_label}\u00a0: au plus ${item.max}.`;
  }
  if (!item.required || answer) return '';
  const also = others(item).map(({ label }) => `«\u00a0${label}\u00a0»`);
  return `${item.short_label}\u00a0: répondez${also.length ? `, ou touchez ${also.join(' ou ')}` : ''}.`;
}


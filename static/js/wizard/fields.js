/** Form fields in the house's clothes. Each has an id, by which an error finds it. */
import { h, icon, renew } from './dom.js';

const frame = (id, ...children) => h('div', { class: 'field', 'data-field': id }, children);

/** One line, or several with `rows`. `onvalue` hears every keystroke. */
export function textField({ id, label, hint, value = '', onvalue, rows, type = 'text', optional, ...attributes }) {
  const described = [hint && `${id}-hint`, rows && `${id}-limit`].filter(Boolean).join(' ') || null;
  const limit = rows && h('p', { class: 'field-error', id: `${id}-limit`, role: 'status' }, tooLong(value));
  const look = { id, name: id, class: 'input', value: value ?? '', 'aria-describedby': described, ...attributes,
    oninput: event => { onvalue(event.target.value); if (limit) limit.textContent = tooLong(event.target.value); } };
  return frame(id,
    h('label', { for: id }, label, optional && h('span', { class: 'soft' }, ' (facultatif)')),
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    rows ? h('textarea', { rows, ...look }) : h('input', { type, ...look }), limit);
}

const LONGEST = 4000;

/** What is said of a text that the server would not keep; empty for one that it keeps. */
export const tooLong = text => ((text ?? '').trim().length > LONGEST
  ? `${LONGEST}\u00a0caractères au plus\u00a0: il y en a ${text.trim().length}. Raccourcissez ce texte.` : '');

/** Radios whose whole row is the target; `legend` may be a heading node. */
export function radios({ id, legend, hint, options, value, onvalue, two = false, hidden = false }) {
  return group(id, legend, hint, hidden, h('div', { class: `choices${two ? ' two' : ''}` }, options.map(option =>
    h('label', { class: 'choice' },
      h('input', { type: 'radio', name: id, id: `${id}-${option.id}`, value: option.id, checked: option.id === value, onchange: () => onvalue(option.id) }),
      ' ', h('span', {}, option.label, option.hint && h('small', {}, option.hint)), option.tag ?? null))));
}

/** Short radios in one bar. */
export function segmented({ id, legend, hint, options, value, onvalue }) {
  return group(id, legend, hint, false, h('div', { class: 'segmented' }, options.map(option =>
    h('label', {}, h('input', { type: 'radio', name: id, id: `${id}-${option.id}`, checked: option.id === value, onchange: () => onvalue(option.id) }), option.label))));
}

/** Several of many, as chips. */
export function chips({ id, legend, hint, options, values, onvalues }) {
  const chosen = new Set(values ?? []);
  return group(id, legend, hint, false, h('div', { class: 'chips' }, options.map(option =>
    h('label', { class: 'chip' },
      h('input', { type: 'checkbox', name: id, id: `${id}-${option.id}`, checked: chosen.has(option.id), onchange: event => {
        if (event.target.checked) chosen.add(option.id); else chosen.delete(option.id);
        onvalues([...chosen]);
      } }), icon('check'), ' ', option.label))));
}

/** One box to tick by hand. */
export function tick({ id, label, hint, checked = false, onvalue }) {
  return h('div', { class: 'field', 'data-field': id }, h('label', { class: 'choice' },
    h('input', { type: 'checkbox', id, checked, 'aria-describedby': hint ? `${id}-hint` : null, onchange: event => onvalue(event.target.checked) }),
    ' ', h('span', {}, label, hint && h('small', { id: `${id}-hint` }, hint))));
}

function group(id, legend, hint, hidden, content) {
  return h('fieldset', { class: 'field', 'data-field': id, 'aria-describedby': hint ? `${id}-hint` : null },
    h('legend', { class: hidden ? 'visually-hidden' : null }, legend), hint && h('p', { class: 'hint', id: `${id}-hint` }, hint), content);
}

/** A part that is drawn again when an answer opens or closes it. */
export function changing(draw) {
  const box = h('div', { class: 'stack loose' });
  const again = () => { renew(box, draw()); box.hidden = !box.childNodes.length; };
  again();
  return Object.assign(box, { again });
}

/** What is wanting in an answer, said beside its field and above them all. */
import { h, icon } from './dom.js';

let forgives = false;

/** Puts words beside each wrong field and a summary that takes the focus; [] takes them away. */
export function showErrors(main, errors) {
  forgiveOnInput();
  for (const old of main.ownerDocument.querySelectorAll('[data-error]')) old.remove();
  for (const old of main.ownerDocument.querySelectorAll('[aria-invalid=true]')) {
    old.removeAttribute('aria-invalid');
    describe(old, id => !id.endsWith('-error'));
  }
  if (!errors.length) return;
  for (const { id, words } of errors) mark(id, words);
  const summary = h('div', { class: 'notice late', role: 'alert', tabindex: '-1', 'data-error': '' }, icon('octagon-alert'),
    h('h2', { class: 'notice-title' }, errors.length > 1 ? `${errors.length} points à compléter` : 'Un point à compléter'),
    h('ul', {}, errors.map(({ id, words }) => h('li', {}, h('a', { href: `#${id}`, onclick: event => { event.preventDefault(); focusField(id); } }, words)))));
  heading(main).before(summary);
  summary.focus();
}

/** Above the question, below the bar that says what it is about. */
const heading = main => { const title = main.querySelector('h1'); return title?.closest('.question') ?? title ?? main.firstChild; };

/** An answer that is being mended loses its reproach at once. */
function forgiveOnInput() {
  if (forgives) return;
  forgives = true;
  document.body.addEventListener('input', event => {
    const field = event.target.closest('[data-field]');
    field?.querySelector(':scope [data-error]')?.remove();
    for (const input of field?.querySelectorAll('[aria-invalid]') ?? []) {
      input.removeAttribute('aria-invalid');
      describe(input, id => !id.endsWith('-error'));
    }
    if (!document.querySelector('.field-error')) document.querySelector('.notice[data-error]')?.remove();
  });
}

function mark(id, words) {
  const field = document.querySelector(`[data-field="${id}"]`);
  if (!field) return;
  const line = h('p', { class: 'field-error', id: `${id}-error`, 'data-error': '' }, icon('circle-alert'), words);
  const first = field.querySelector('input, textarea, select, .choices, .segmented, .chips, button');
  (first?.closest('.choices, .segmented, .chips, .input-with-icon, .date-parts, .choice') ?? first)?.before(line);
  for (const input of field.querySelectorAll('input, textarea, select')) {
    input.setAttribute('aria-invalid', 'true');
    describe(input, () => true, line.id);
  }
}

function describe(input, keep, more) {
  const ids = (input.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean).filter(keep);
  if (more && !ids.includes(more)) ids.push(more);
  if (ids.length) input.setAttribute('aria-describedby', ids.join(' ')); else input.removeAttribute('aria-describedby');
}

function focusField(id) {
  const field = document.querySelector(`[data-field="${id}"]`);
  const target = field?.querySelector('input:checked') ?? field?.querySelector('input, textarea, select, button, [tabindex]') ?? field;
  target?.focus();
  target?.scrollIntoView({ block: 'center' });
}

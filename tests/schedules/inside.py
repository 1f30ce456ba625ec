"""What is asked of a phone's pages from inside, through the modules that the pages themselves run on."""

from __future__ import annotations

_MODULES = """
  const [, js] = /^(.*[/]js[/])/.exec(document.querySelector('script[type=module][src]').src);
  const wizard = name => import(`${js}wizard/${name}.js`);
"""

CLOCK = """(() => {
  const Real = Date;
  window.clockAhead = AHEAD;
  window.Date = class Date extends Real {
    constructor(...parts) { super(...(parts.length ? parts : [Real.now() + window.clockAhead])); }
    static now() { return Real.now() + window.clockAhead; }
  };
})()"""
"""A page's own clock, ``clockAhead`` milliseconds from the machine's."""

OPENED = """() => {
  if (document.querySelector('#phone-code')) return document.querySelector('#phone-code').value ? '' : 'code';
  const plain = document.readyState === 'complete' && !document.getElementById('dock');
  if (plain && location.pathname === '/requests' && !document.getElementById('local-drafts')) return 'again';
  if (document.body?.dataset.ready || plain) return 'open';
  const says = (where, words) => [...document.querySelectorAll(where)].some(one => one.textContent.includes(words));
  if (says('#trouble button', 'Réessayer')) return 'trouble';
  return says('#main .notice', 'ni sur ce téléphone') ? 'open' : '';
}"""
"""Whether a page stands: "open", "code" where it asks for it, "trouble" where it offers to try again, "again" where
the service had no room for the list."""

OUTCOME = """() => {
  if (document.querySelector('.receipt-number') || location.pathname.startsWith('/cases/')) return 'sent';
  if (document.querySelector('dialog[open]')) return 'asks';
  if (document.querySelector('#main h1')?.textContent === 'Prête à partir') return 'waits';
  return document.querySelector('#lacks') ? 'lacks' : '';
}"""
"""What the phone says of a request whose « Envoyer » was touched."""

LEFT_OUT = """() => [...document.querySelectorAll('.notice, #local-drafts li')].map(one => one.textContent)
  .filter(words => words.includes('derniers changements')).join(' ')"""
"""What a page says is not in a request that left."""

PUT_TOGETHER = (
    "async ({ id, content }) => {"
    + _MODULES
    + """
  const [{ openKey }, { Draft }] = await Promise.all([wizard('key'), wizard('draft')]);
  await openKey();
  const draft = new Draft(id, content);
  draft.changed();
  await draft.keeping;
}"""
)

KEPT = (
    "async id => {"
    + _MODULES
    + """
  const [{ openKey, unseal, unsealJson }, { all, get }] = await Promise.all([wizard('key'), wizard('kept-records')]);
  await openKey();
  const record = await get('drafts', id);
  if (!record) return {};
  const { content } = await unsealJson(record, `drafts:${id}`);
  const hex = async bytes => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
    .map(byte => byte.toString(16).padStart(2, '0')).join('');
  const pictures = {};
  for (const photo of content.photos.filter(entry => !entry.skipped)) {
    const sealed = await get('bytes', `${photo.id}:diagnostic`);
    pictures[photo.view] = [photo.id, sealed ? await hex(await unseal(sealed, `bytes:${photo.id}:diagnostic`)) : ''];
  }
  return { question: content.question, pictures };
}"""
)

LEFT = """ids => new Promise((resolve, reject) => {
  const opening = indexedDB.open('dermavis');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const names = ['drafts', 'pictures', 'bytes', 'copies'];
    const reading = opening.result.transaction(names);
    const rows = names.map(name => [name, reading.objectStore(name).getAll()]);
    reading.oncomplete = () => {
      opening.result.close();
      const holds = ([, found]) => found.result.some(row => ids.includes(row.draft ?? row.id));
      resolve(rows.filter(holds).map(([name]) => name));
    };
  };
})"""

/** What a request begins with that only the server knows: kept sealed at each start with network, for one without. */
import { call } from './api.js';
import { get } from './kept-records.js';
import { ownerId, sealJson, unsealJson } from './key.js';
import { put } from './store.js';

const NAMES = ['dermatoscope', 'prepares', 'doctor'];

const keep = async (id, value) => put('facts', { id, owner: ownerId(), at: Date.now(), ...(await sealJson(value, `facts:${id}`)) });

async function read(id) {
  const record = await get('facts', id);
  return record ? unsealJson(record, `facts:${id}`).catch(() => null) : null;
}

/** `page`: the dataset of a wizard's page that came from the server. */
export const keepFacts = page => keep(`begin:${ownerId()}`, Object.fromEntries(NAMES.filter(name => name in page).map(name => [name, page[name]])));

/** Whether somebody could begin a request without network here; no key is needed to tell. */
export const beginsHere = async person => Boolean(await get('facts', `begin:${person}`));

/** The same for this person, or null when none were kept or they cannot be read. */
export const factsHere = () => read(`begin:${ownerId()}`);

const about = () => `addressing:${ownerId()}`;

/** To whom a request of each motive goes, asked with network for the day without. */
export const keepAddressing = async specialty => keep(about(), (await call('GET', `/api/v1/addressing/each?specialty=${specialty}`)).each);

/** To whom a request of this motive went when that was last asked: names and telephones, without any promise of a date, nor a word of who is on call now. */
export async function addressingHere(motive) {
  const each = await read(about());
  const kept = each?.[motive] ?? each?.[''];
  if (!kept) return null;
  const undated = offer => offer && { ...offer, reply: '' };
  return { ...kept, default: undated(kept.default), alternatives: kept.alternatives.map(undated), urgent: { ...kept.urgent, offered: false, unknown: true } };
}

/** The server's JSON interface, spoken the same way everywhere: a format number, refusals in French, a lost line told apart. */

export const FORMAT = 1;

/** Asked without an act of the person: it does not put off the lock of an idle hour. */
export const BY_ITSELF = { 'X-Background': '1' };

/** Whose drafts this page holds. The server refuses what it sends under the session of somebody who signed in meanwhile. */
export const speaker = { person: '' };

/** No network, or an answer that is not the server's (captive portal, proxy, 5xx). */
export class Unreachable extends Error {
  constructor(retryAfter = 0) { super('unreachable'); this.retryAfter = retryAfter; }
}

/** The server understood and said no. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.message ?? 'Le serveur a refusé.');
    Object.assign(this, { status, code: body.code ?? '', fields: body.fields ?? {}, body });
  }
}

let asking = null;

/** The session is locked (password asked in place) or ended (sign-in page and back): one dialogue, however many calls wait. */
const askAgain = locked => (asking ??= import('./session.js').then(({ unlock, signIn }) => (locked ? unlock() : signIn())).finally(() => { asking = null; }));

/** One question to the server; resolves to its JSON with `etag` beside it. */
export async function call(method, path, { body, headers = {}, keepalive = false, patience = 20000, quiet = false } = {}) {
  const { ok, status, json } = await send(method, path, {
    keepalive,
    headers: { Accept: 'application/json', ...(body && { 'Content-Type': 'application/json' }), ...headers },
    body: body && JSON.stringify({ format: FORMAT, ...body }),
  }, { patience, read: readJson });
  if (status === 401) {
    if (quiet) throw new Refused(401, json);
    await askAgain(json.locked);
    return call(method, path, { body, headers, keepalive, patience });
  }
  if (!ok) throw new Refused(status, json);
  return json;
}

/**
 * fetch, and what `read` makes of its answer, with one patience in milliseconds for both: a line may fall silent in the
 * middle of an answer. Every failure of the line is Unreachable.
 */
export async function send(method, path, options, { patience = 20000, read = answer => answer } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const headers = { ...options.headers, ...(speaker.person && { 'X-Person': speaker.person }), ...speaker.away?.() };
    const answer = await fetch(path, { method, credentials: 'same-origin', redirect: 'manual', cache: 'no-store', signal: stop.signal, ...options, headers });
    if (answer.status >= 500 || answer.status === 429 || answer.type === 'opaqueredirect') {
      throw new Unreachable(Number(answer.headers.get('Retry-After')) * 1000 || 0);
    }
    return await read(answer);
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable();
  } finally {
    clearTimeout(timer);
  }
}

/** A page where JSON was due comes from somebody else on the line. */
async function readJson(answer) {
  const json = await answer.json();
  if (answer.ok && !('format' in json)) throw new Unreachable();
  return { ok: answer.ok, status: answer.status, json };
}

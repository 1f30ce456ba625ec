// Another page tells that the session ended: where the server says so too, what this one shows leaves the screen, and
// what was typed waits for the return of whoever typed it.

import { leaveFor } from "./kept.js";
import { BY_ITSELF, call, Refused, Unreachable } from "./wizard/api.js";

const AGAIN = 5000;

export async function leaveWhenEnded() {
  const { person } = document.body.dataset;
  try {
    await call("GET", "/api/v1/device-key", { headers: { ...BY_ITSELF, ...(person && { "X-Person": person }) }, quiet: true });
  } catch (error) {
    if (error instanceof Unreachable) setTimeout(leaveWhenEnded, AGAIN);
    else if (!(error instanceof Refused)) throw error;
    else if (error.status === 401) await leaveFor(`/sign-in${error.body.locked ? "/resume" : ""}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
}

// What the page and the server say to each other about the opinion.

export class Refusal extends Error {
  constructor(status, told) {
    super(told.message ?? "");
    this.status = status;
    this.code = told.code ?? "";
    this.fields = told.fields ?? {};
  }
}

export class SignedOut extends Error {
  constructor(target) {
    super("signed out");
    this.target = target;
  }
}

// Sends the form as it stands. Throws Refusal, SignedOut, or TypeError where there is no network.
export async function send(form, act, options = {}, again = true) {
  const body = new URLSearchParams(new FormData(form));
  body.set("act", act);
  const token = document.querySelector("meta[name=csrf-token]");
  const answer = await fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json", "HX-Request": "true", "X-CSRFToken": token?.content ?? "" },
    ...options,
  });
  const target = answer.headers.get("HX-Redirect");
  if (target) throw new SignedOut(target);
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  // The page is older than the session: a fresh token, once.
  if (answer.status === 400 && again && token) {
    token.content = (await freshPage()).querySelector("meta[name=csrf-token]").content;
    return send(form, act, options, false);
  }
  throw new Refusal(answer.status, told);
}

// The address of the page; one that came back refused stands at the address of its form.
export function pageAddress() {
  const address = new URL(location.href);
  address.hash = "";
  if (!address.pathname.endsWith("/opinion")) return address;
  address.pathname = address.pathname.replace(/\/opinion$/, "");
  if (document.querySelector("#opinion [name=amend]")) address.searchParams.set("amend", "1");
  return address;
}

// The page as the server has it now.
export async function freshPage(address = pageAddress()) {
  const answer = await fetch(address, { headers: { "X-Background": "1" } });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// Who completed the request after this revision, and when, as a sentence; empty when nobody did.
export async function completedSince(revision) {
  const answer = await fetch(`${pageAddress().pathname}/revisions/since/${revision}`, {
    headers: { Accept: "application/json", "X-Background": "1" },
  });
  return answer.ok ? (await answer.json()).completed : "";
}

export function leave(target) {
  window.leavingOnPurpose = true;
  location.assign(target);
}

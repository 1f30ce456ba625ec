// Signing: once, on purpose, complete; an emergency or an admission is told by telephone before it leaves.

import { toast } from "../announce.js";
import { showErrors, summarise } from "./fields.js";
import { Refusal, SignedOut, leave, send } from "./talk.js";

export function watchSigning(form, saving) {
  const calls = document.getElementById("calls");
  const needCall = form.dataset.needsCall.split(" ");
  let busy = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const act = event.submitter?.value || form.querySelector(".primary[name=act]")?.value;
    if (busy || !act) return;
    if (calls && !calls.open && needCall.includes(form.elements.destination.value) && !isCalled()) return calls.showModal();
    busy = true;
    event.submitter?.setAttribute("aria-busy", "true");
    try {
      await saving.settle();
      const told = await send(form, act);
      saving.stopped = true;
      leave(told.next);
    } catch (error) {
      refused(error);
    } finally {
      busy = false;
      event.submitter?.removeAttribute("aria-busy");
    }
  });

  function isCalled() {
    return [...calls.querySelectorAll("[name$='.made']")].some((one) => one.checked);
  }

  function refused(error) {
    if (error instanceof SignedOut) return saving.signInAgain(error.target);
    if (!(error instanceof Refusal)) return toast("Pas de réseau : l’avis n’est pas signé. Il reste à l’écran, réessayez.");
    if (error.code === "opinion_changed") {
      calls?.close();
      return saving.conflict(error);
    }
    if (error.code === "request_changed") return readAgain(error);
    if (error.status !== 422) return toast(`${error.message || "L’avis n’a pas pu être signé."} Votre texte reste à l’écran.`);
    const { calls: called, call_hour: hour, ...others } = error.fields;
    const ofCalls = { ...(called && { "calls.0.made": called }), ...(hour && { call_hour: hour }) };
    if (calls && Object.keys(ofCalls).length && !Object.keys(others).length) {
      if (!calls.open) calls.showModal();
      showErrors(form, hour ? { call_hour: hour } : {}, "sign");
      return summarise(document.getElementById("calls-errors"), ofCalls);
    }
    calls?.close();
    showErrors(form, others, "sign");
    return summarise(document.getElementById("opinion-errors"), others);
  }

  async function readAgain(error) {
    if (!(await saving.readAgain())) toast(`${error.message} Votre texte reste à l’écran.`);
  }

  // What was said to be missing is said no more once it is there.
  form.addEventListener("change", () => document.getElementById("opinion-errors").replaceChildren());
}

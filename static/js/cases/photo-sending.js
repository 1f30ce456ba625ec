// One picture added to a sent request: copied at once, made diagnostic on the phone, sent first; its original follows.
// One that is not beyond doubt waits for a word, or for another in its place.

import { BY_ITSELF, call, Refused, Unreachable } from "../wizard/api.js";
import { isDoubtful } from "../wizard/doubt.js";
import { copyBytes, fingerprint, foundWanting, makeDiagnostic, PictureTrouble, UNIFORM } from "../wizard/picture.js";
import { upload } from "../wizard/tus.js";

const LOOK_AGAIN = 700;
const LONGEST_PAUSE = 20000;

export class Sending extends EventTarget {
  constructor(caseId, { view, lesion, closeUp, answers, retries = 0 }) {
    super();
    Object.assign(this, { caseId, view, lesion, closeUp, answers, retries, id: crypto.randomUUID(), state: "preparing", progress: 0, message: "", following: false });
  }

  // Resolves once the server has verified the picture, or refused it. While `following`, its original is on its way:
  // `whole` resolves when it is there.
  async start(file) {
    try {
      const original = await copyBytes(file);
      const made = await makeDiagnostic(original, file.type, this.closeUp);
      if (this.withdrawn) return;
      if (made.reason === "uniform") throw new PictureTrouble(UNIFORM);
      this.quality = made.quality;
      if (made.bytes) this.tell({ shown: URL.createObjectURL(new Blob([made.bytes], { type: "image/jpeg" })) });
      if (isDoubtful(this)) await this.decision();
      if (this.withdrawn) return;
      this.leaves = true;
      await this.send(made.bytes ? "diagnostic" : "original", made.bytes ?? original, file);
      await this.verify();
      if (made.bytes && this.state === "verified") this.whole = this.follow(original, file);
    } catch (error) {
      if (!(error instanceof PictureTrouble || error instanceof Refused)) throw error;
      this.tell({ state: "refused", message: error.message });
    } finally {
      // It may have come to the server after it was asked to take it back.
      if (this.withdrawn && this.leaves) await this.takeBack();
    }
  }

  // Until somebody keeps it all the same, or takes another.
  decision() {
    return new Promise((resolve) => {
      this.decide = resolve;
      this.tell({ state: "doubtful" });
    });
  }

  keep() {
    this.kept = true;
    this.tell({ state: "sending", progress: 0 });
    this.decide();
  }

  // What the request is to say of it, "" of a picture beyond doubt.
  get found() {
    const { quality } = foundWanting(this.quality, this.retries);
    return quality ? JSON.stringify(quality) : "";
  }

  // Another picture takes its place: the server shows this one to nobody.
  withdraw() {
    this.withdrawn = true;
    this.decide?.();
    return this.leaves ? this.takeBack() : Promise.resolve();
  }

  takeBack() {
    return this.patiently(() => takeBack(this.caseId, this.id));
  }

  async follow(original, file) {
    this.following = true;
    try {
      await this.send("original", original, file, true);
    } catch (error) {
      if (!(error instanceof Refused)) throw error; // The expert has the diagnostic picture, and sees that this is missing.
    } finally {
      this.following = false;
    }
  }

  async send(role, bytes, file, quietly = false) {
    const facts = { draft: this.caseId, photo: this.id, lesion: this.lesion, view: this.view, role, answers: this.answers,
      sha256: await fingerprint(bytes), filename: file.name, filetype: role === "diagnostic" ? "image/jpeg" : file.type };
    const remembered = {};
    await this.patiently(() => upload(bytes, facts, remembered, (sent, address) => {
      remembered.address = address;
      if (!quietly) this.tell({ state: "sending", progress: sent / bytes.byteLength });
    }));
    if (!quietly) this.tell({ state: "received", progress: 1 });
  }

  async verify() {
    while (this.state === "received" && !this.withdrawn) {
      const { photos } = await this.patiently(() => call("GET", `/api/v1/drafts/${this.caseId}/photos`, { headers: BY_ITSELF }));
      const told = photos.find((photo) => photo.id === this.id);
      if (told && ["verified", "refused"].includes(told.state)) this.tell({ state: told.state, message: told.message });
      else await pause(LOOK_AGAIN);
    }
  }

  // A lost line is waited for; the page says so meanwhile.
  async patiently(work) {
    for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
      try {
        const answer = await work();
        if (this.offline) this.tell({ offline: false });
        return answer;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        this.tell({ offline: true });
        await pause(error.retryAfter || wait);
      }
    }
  }

  tell(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }
}

// What the server does not know, or has as part of the request already, is left alone.
export async function takeBack(caseId, photoId) {
  try {
    await call("DELETE", `/api/v1/drafts/${caseId}/photos/${photoId}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// The PDF stands in our own page wherever the browser can show one, with its words below for where it cannot;
// "Partager" hands the file itself to the system: printing, mail, files, another application.

import { toast } from "../announce.js";
import { isApplePhoneOrTablet } from "../apple.js";

const frame = document.querySelector("[data-report]");
const share = document.querySelector("[data-share]");

if (navigator.pdfViewerEnabled) showPdf();
if (canShareFiles()) share.hidden = false;

function showPdf() {
  const shown = document.createElement("iframe");
  shown.src = frame.dataset.report;
  shown.title = frame.dataset.title;
  frame.append(shown);
  frame.hidden = false;
  // An iPhone draws the first page of a framed PDF as a still picture, and no other: the words hold all of it.
  document.querySelector(".report-words").open = isApplePhoneOrTablet();
}

function canShareFiles() {
  try {
    return Boolean(navigator.canShare?.({ files: [new File(["x"], "a.pdf", { type: "application/pdf" })] }));
  } catch {
    return false;
  }
}

// The file is fetched before the tap, or the tap would be over when it is there.
let file = null;
let fetching = null;

async function fetchFile() {
  const answer = await fetch(share.dataset.share, { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  file = new File([await answer.blob()], frame.dataset.name, { type: "application/pdf" });
}

if (share && !share.hidden) fetching = fetchFile().catch(() => {});

share?.addEventListener("click", async () => {
  try {
    if (!file) await (fetching = fetchFile());
    await navigator.share({ files: [file], title: frame.dataset.title });
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.name === "NotAllowedError" && file) return toast("Touchez « Partager » encore une fois.");
    toast("Le partage n’a pas marché. Téléchargez le compte rendu, puis partagez le fichier.");
  }
});

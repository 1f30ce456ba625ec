// On paper each photo is whole and at its diagnostic size; the button waits until they are there.
function enlarge() {
  return [...document.querySelectorAll(".photo-strip [data-photo]")].map((link) => {
    const image = link.querySelector("img");
    if (image.src !== link.href) image.src = link.href;
    return image;
  });
}
addEventListener("beforeprint", enlarge);
document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-print]")) return;
  await Promise.allSettled(enlarge().map((image) => image.decode()));
  print();
});

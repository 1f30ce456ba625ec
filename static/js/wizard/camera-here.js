/** Whether this device has a camera that a page may open; asked once, when pictures come near. */
let here = false;

const asked = (async () => {
  try {
    here = Boolean(navigator.mediaDevices.getUserMedia) && (await navigator.mediaDevices.enumerateDevices()).some(({ kind }) => kind === 'videoinput');
  } catch {
    here = false; // not in this browser, or not on this page
  }
})();

export const lookForCamera = () => asked;
export const hasCamera = () => here;

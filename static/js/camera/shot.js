/** One picture as large as it comes: by the camera's own shutter where the browser has it, else the whole frame of the video. */

const PATIENCE = 6000;

export class NoShot extends Error {}

/** A File of what the camera sees now. Throws NoShot. */
export async function takeShot(view, name) {
  const taken = (await byShutter(view.camera)) ?? (await byFrame(view));
  if (!taken?.size) throw new NoShot();
  return new File([taken], `${name}.jpg`, { type: taken.type || 'image/jpeg', lastModified: Date.now() });
}

async function byShutter(camera) {
  if (typeof ImageCapture !== 'function' || !camera) return null;
  try {
    return await Promise.race([photograph(new ImageCapture(camera.track)), new Promise(go => setTimeout(() => go(null), PATIENCE))]);
  } catch {
    return null; // some cameras have a shutter in name alone
  }
}

async function photograph(shutter) {
  const lights = (await shutter.getPhotoCapabilities().catch(() => null))?.fillLightMode ?? [];
  return shutter.takePhoto(lights.includes('off') ? { fillLightMode: 'off' } : {}); // a flash is a glare
}

/** Sharper than a smaller one: the video itself, not the screen. */
function byFrame({ video, runs }) {
  if (!runs) return null;
  const surface = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
  surface.getContext('2d', { alpha: false }).drawImage(video, 0, 0);
  return new Promise(resolve => surface.toBlob(resolve, 'image/jpeg', 0.95));
}

// An iPad with a keyboard says that it is a Mac; its fingers betray it.
export function isApplePhoneOrTablet() {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

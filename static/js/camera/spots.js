/** Areas of a mask that hang together by sides or corners: box, pixels and runs. */
export function spotsOf(mask, width, height) {
  const runs = [];
  const parents = [];
  const root = number => {
    while (parents[number] !== number) { parents[number] = parents[parents[number]]; number = parents[number]; }
    return number;
  };
  let above = [0, 0];
  for (let y = 0; y < height; y += 1) {
    const first = runs.length;
    for (let x = 0, at = y * width; x < width; x += 1, at += 1) {
      if (!mask[at]) continue;
      const start = x;
      while (x < width && mask[y * width + x]) x += 1;
      at = y * width + x;
      const mine = runs.length;
      runs.push([y, start, x]);
      parents.push(mine);
      for (let other = above[0]; other < above[1]; other += 1) {
        if (runs[other][1] > x || runs[other][2] < start) continue;
        const one = root(mine);
        const two = root(other);
        parents[Math.max(one, two)] = Math.min(one, two);
      }
    }
    above = [first, runs.length];
  }
  const spots = new Map();
  runs.forEach(([y, start, end], number) => {
    const key = root(number);
    const spot = spots.get(key) ?? { left: start, top: y, right: end - 1, bottom: y, area: 0, runs: [] };
    spots.set(key, spot);
    spot.left = Math.min(spot.left, start);
    spot.right = Math.max(spot.right, end - 1);
    spot.bottom = y;
    spot.area += end - start;
    spot.runs.push([y, start, end]);
  });
  return spots.values();
}

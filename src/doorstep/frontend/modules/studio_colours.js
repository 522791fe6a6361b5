/**
 * Colours of grids: neighbours never the same, and as far apart in lightness as can be, so that they differ for colour-blind
 * readers and in print. The eight are M. Okabe's and K. Ito's for colour-blind readers, black left out and a dark violet added.
 */
const PALETTE = [
  ["#0072b2", 46], ["#f0e442", 89], ["#d55e00", 54], ["#56b4e9", 70], ["#3f2a6b", 23], ["#e69f00", 71], ["#009e73", 58],
  ["#cc79a7", 62], ["#7a6a2f", 45], ["#f4b8c4", 80], ["#8d2f4a", 35], ["#a9d18e", 79],
];
const NEAR = 7;

/** For each building the places of its nearest in the list. */
export function nearest(buildings) {
  const wide = Math.cos(((buildings[0]?.at.lat ?? 0) * Math.PI) / 180);
  const cells = new Map();
  const side = 0.004; // degrees: about 400 m
  const cellOf = ({ at }, dx = 0, dy = 0) => `${Math.floor((at.lng * wide) / side) + dx},${Math.floor(at.lat / side) + dy}`;
  buildings.forEach((one, place) => {
    const cell = cellOf(one);
    if (!cells.has(cell)) cells.set(cell, []);
    cells.get(cell).push(place);
  });
  return buildings.map((one, place) => {
    const around = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => cells.get(cellOf(one, dx, dy)) ?? []));
    const away = (other) => ((buildings[other].at.lng - one.at.lng) * wide) ** 2 + (buildings[other].at.lat - one.at.lat) ** 2;
    return around.filter((other) => other !== place).sort((a, b) => away(a) - away(b)).slice(0, NEAR);
  });
}

/** Fill `colours` (number of a grid → colour). Who has a colour keeps it, unless a neighbour has the same. */
export function colourGrids(colours, buildings, near, numberOf, keep = false) {
  const beside = new Map();
  buildings.forEach((one, place) => {
    const number = numberOf(one);
    if (number === null) return;
    if (!beside.has(number)) beside.set(number, new Set());
    for (const other of near[place]) {
      const next = numberOf(buildings[other]);
      if (next !== null && next !== number) beside.get(number).add(next);
    }
  });
  for (const number of [...beside.keys()].sort((a, b) => a - b)) {
    const taken = new Set([...beside.get(number)].map((next) => colours.get(next)));
    const mine = colours.get(number);
    if (mine && (keep || !taken.has(mine))) continue;
    const lights = PALETTE.filter(([colour]) => taken.has(colour)).map(([, light]) => light);
    const apart = (light) => Math.min(40, ...lights.map((other) => Math.abs(other - light)));
    const free = PALETTE.filter(([colour]) => !taken.has(colour));
    const used = (colour) => [...colours.values()].filter((one) => one === colour).length;
    const best = free.sort((a, b) => used(a[0]) - used(b[0]) || apart(b[1]) - apart(a[1]))[0] ?? PALETTE[number % PALETTE.length];
    colours.set(number, best[0]);
  }
}

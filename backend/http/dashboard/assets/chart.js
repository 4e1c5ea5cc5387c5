const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 56;
const BOTTOM = 24;
const TOP = 10;

/**
 * Draws bars into `container`: one for each value, with a title of its own, and a scale.
 *
 * @param {Element} container
 * @param {readonly { readonly label: string, readonly value: number }[]} bars
 */
export function drawBars(container, bars) {
  const highest = ceiling(Math.max(1, ...bars.map((bar) => bar.value)));
  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', preserveAspectRatio: 'none' });
  const sum = bars.reduce((total, bar) => total + bar.value, 0);
  svg.append(element('title', {}, `${bars.length} values, ${sum.toLocaleString('en')} in all`));
  const scale = (value) => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - BOTTOM - TOP);
  for (const share of [0, 0.5, 1]) {
    const y = scale(highest * share);
    svg.append(element('line', { class: 'axis', x1: LEFT, x2: WIDTH, y1: y, y2: y }));
    svg.append(element('text', { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' }, compact(highest * share)));
  }
  const step = (WIDTH - LEFT) / Math.max(1, bars.length);
  bars.forEach((bar, index) => {
    const y = scale(bar.value);
    const x = LEFT + index * step;
    const shape = { class: 'bar', x: x + step * 0.1, y, width: step * 0.8, height: HEIGHT - BOTTOM - y };
    const rectangle = element('rect', shape);
    rectangle.append(element('title', {}, `${bar.label}: ${bar.value.toLocaleString('en')}`));
    svg.append(rectangle);
    if (index % Math.ceil(bars.length / 8) === 0) svg.append(element('text', { x, y: HEIGHT - 6 }, bar.label));
  });
  container.replaceChildren(svg);
}

function element(name, attributes, text = '') {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.textContent = text;
  return node;
}

/** The next 1, 2 or 5 with zeros. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= value) ?? value;
}

function compact(value) {
  return new Intl.NumberFormat('en', { notation: 'compact' }).format(value);
}

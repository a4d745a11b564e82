/** Plots of benchmarks as SVG: one line, or bars where what grows has names. */
import { scaleBand, scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';

const WIDTH = 640;
const HEIGHT = 320;
const MARGIN = { top: 36, right: 40, bottom: 52, left: 72 };
const number = new Intl.NumberFormat('en');

const label = (x, y, text, anchor) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;

function scaleOf(kind, values) {
  const range = [MARGIN.left, WIDTH - MARGIN.right];
  if (kind === 'names') return scaleBand(values, range).padding(0.3);
  const scale = kind === 'log' ? scaleLog() : scaleLinear();
  return scale.domain([Math.min(...values), Math.max(...values)]).range(range);
}

/**
 * @param {object} plot `of`: what grows, with a `scale` of `linear`, `log` or `names`
 * @param {{ x: number | string, y: number }[]} plot.points
 */
export function plotSvg({ title, of, unit, scale, points }) {
  const x = scaleOf(
    scale,
    points.map((point) => point.x),
  );
  const most = Math.max(...points.map(({ y }) => y));
  const y = scaleLinear([0, most], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice();
  const bottom = HEIGHT - MARGIN.bottom;
  const grid = y.ticks(5).map((tick) => {
    const at = y(tick);
    return (
      `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at}" y2="${at}"/>` +
      label(MARGIN.left - 8, at + 4, number.format(tick), 'end')
    );
  });
  const place = (point) => x(point.x) + (scale === 'names' ? x.bandwidth() / 2 : 0);
  const names = points.map((point) =>
    label(place(point), bottom + 18, typeof point.x === 'number' ? number.format(point.x) : point.x, 'middle'),
  );
  const marks =
    scale === 'names'
      ? points.map(
          (point) =>
            `<rect class="mark" x="${x(point.x)}" y="${y(point.y)}" width="${x.bandwidth()}" height="${bottom - y(point.y)}"/>`,
        )
      : [
          `<path class="line" d="${line(place, (point) => y(point.y))(points)}"/>`,
          ...points.map((point) => `<circle class="mark" cx="${place(point)}" cy="${y(point.y)}" r="4"/>`),
        ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<style>
  .grid { stroke: #d0d7de }
  .line { fill: none; stroke: #0969da; stroke-width: 2 }
  .mark { fill: #0969da }
  text { fill: #57606a }
</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${label(MARGIN.left, 20, `${title}: ${unit}`, 'start')}
${[...grid, ...marks, ...names].join('\n')}
${label((MARGIN.left + WIDTH - MARGIN.right) / 2, HEIGHT - 10, of, 'middle')}
</svg>
`;
}

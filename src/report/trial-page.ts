// The sheet that `preview` writes: several trials of a task as one SVG, or as an HTML page whose cubes turn with the mouse.
import { drawScene } from './draw-scene.js';
import { html, type Markup, raw, scriptJson } from './html.js';
import { cubeSize, trialCube, trialFigure, trialHeight, trialScene, trialStyle, type TrialView } from './trial-figure.js';

/** What stands above the trials. */
export interface SheetText {
  readonly title: string;
  /** One line each. */
  readonly facts: readonly string[];
}

const trialWidth = 640;

/** Trials `0 … count − 1` of a set as one static SVG file, each with its cube beside it where it has one. */
export function trialSheet(views: readonly TrialView[], text: SheetText): string {
  const first = views[0] as TrialView;
  const cubes = trialScene(first) !== null;
  const block = Math.max(trialHeight(first), cubes ? cubeSize : 0) + 34;
  const width = trialWidth + (cubes ? cubeSize + 20 : 0);
  const head = 44 + 18 * text.facts.length;
  const blocks = views.map((view, i) => {
    const top = head + i * block;
    const cube = trialCube(view);
    return html`<text class="heading" x="62" y="${top + 14}">Trial ${view.trial + 1}</text>${placed(trialFigure(view), 0, top + 20, trialWidth, trialHeight(view))}${cube && placed(cube, trialWidth + 10, top + 20, cubeSize, cubeSize)}`;
  });
  const lines = text.facts.map((fact, i) => html`<text x="14" y="${50 + 18 * i}">${fact}</text>`);
  const height = head + views.length * block;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13"><style>${raw(trialStyle)}.heading{font-weight:600}</style><rect width="100%" height="100%" fill="#fff"/><text x="14" y="27" font-size="18" font-weight="600">${text.title}</text>${lines}${blocks}</svg>`;
  return `${svg.text}\n`;
}

/** The same as a page that stands alone: it narrows to one column on a phone, and the cubes turn by mouse, finger or arrow keys. */
export function trialPage(views: readonly TrialView[], text: SheetText): string {
  const scenes = views.map(trialScene);
  const cubes = scenes[0] !== null;
  const blocks = views.map(
    (view) =>
      html`<section><h2>Trial ${view.trial + 1}</h2><div class="row"><div class="traces">${trialFigure(view)}</div>${cubes && html`<div class="space">${trialCube(view)}</div>`}</div></section>`,
  );
  const script = cubes
    ? html`<script type="application/json" id="scenes">${scriptJson(scenes)}</script><script>${raw(`(${turnCubes.toString()})(document,${drawScene.toString()});`.replace(/<\/(script)/gi, '<\\/$1'))}</script>`
    : null;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${text.title}</title><style>${raw(pageStyle)}${raw(trialStyle)}</style></head>
<body><h1>${text.title}</h1>${text.facts.map((fact) => html`<p>${fact}</p>`)}${cubes && html`<p class="hint">The cube shows states 0, 1 and 2; corner 101: states 0 and 2 are 1. Drag it to turn it, or use the arrow keys.</p>`}${blocks}${script}</body></html>`;
  return `${page.text}\n`;
}

const pageStyle =
  'body{font:15px/1.45 system-ui,sans-serif;color:#222;background:#fff;max-width:940px;margin:24px auto;padding:0 16px}h1{font-size:22px;margin:0 0 8px}h2{font-size:15px;margin:22px 0 4px}p{margin:2px 0}.hint{color:#666}' +
  '.row{display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start}.traces{flex:1 1 340px;min-width:0}.space{flex:0 1 240px;margin:0 auto}svg{width:100%;height:auto;display:block}';

/** An inner SVG at a place of an outer one. */
function placed(figure: Markup, x: number, y: number, width: number, height: number): Markup {
  return raw(figure.text.replace('<svg ', `<svg x="${x}" y="${y}" width="${width}" height="${height}" `));
}

/** Runs in the page, from its own source text: uses its arguments only, and no named inner functions (see draw-scene.ts). */
function turnCubes(page: Document, draw: typeof drawScene): void {
  const scenes: ReturnType<typeof trialScene>[] = JSON.parse(page.getElementById('scenes')?.textContent ?? '[]');
  for (const [index, svg] of page.querySelectorAll<SVGSVGElement>('svg.cube').entries()) {
    const space = scenes[index];
    if (!space) continue;
    const view = {
      yaw: space.scene.yaw,
      pitch: space.scene.pitch,
      from: null as PointerEvent | null,
      turn(yaw: number, pitch: number): void {
        view.yaw += yaw;
        view.pitch = Math.max(-1.5, Math.min(1.5, view.pitch + pitch));
        svg.innerHTML = (svg.querySelector('title')?.outerHTML ?? '') + draw(space.scene, space.values, null, 0, view.yaw, view.pitch);
      },
    };
    svg.addEventListener('pointerdown', (event) => {
      view.from = event;
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener('pointermove', (event) => {
      if (view.from === null) return;
      view.turn((event.clientX - view.from.clientX) * 0.01, (event.clientY - view.from.clientY) * 0.01);
      view.from = event;
    });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      svg.addEventListener(end, () => {
        view.from = null;
      });
    }
    svg.addEventListener('keydown', (event) => {
      const turns: Record<string, readonly [number, number]> = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
      const by = turns[event.key];
      if (!by) return;
      view.turn(by[0], by[1]);
      event.preventDefault();
    });
  }
}

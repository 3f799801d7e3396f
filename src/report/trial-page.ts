// The sheet that `preview` writes: several trials of a task as one SVG, or as an HTML page whose cubes turn with the mouse.
import { drawScene } from './draw-scene.js';
import { html, type Markup, raw, scriptJson } from './html.js';
import type { MultitaskName } from '../tasks/multitask-options.js';
import { ruleChannel } from '../tasks/multitask-trial.js';
import { multitaskPlanes, multitaskTrialFigure, multitaskTrialHeight, type MultitaskTrialView, planesSize } from './multitask-trial-figure.js';
import { type MultitaskColour, multitaskStyle } from './multitask-style.js';
import { reachSpaceFigure, reachStyle, reachTrialFigure, reachTrialHeight, spaceSize } from './reach-trial-figure.js';
import { type Schedule, scheduleFigure, scheduleHeight } from './schedule-figure.js';
import { cubeSize, trialCube, trialFigure, trialHeight, trialScene, trialStyle, type TrialView } from './trial-figure.js';

/** What stands above the trials. */
export interface SheetText {
  readonly title: string;
  /** One line each. */
  readonly facts: readonly string[];
  /** What is done to trials, and when; absent: nothing. */
  readonly schedule?: Schedule;
}

const trialWidth = 640;
const scheduleHeading = 'What is done, and when';

/** One trial: its traces over time, and beside them a picture of its space where there is one. */
interface Picture {
  readonly traces: Markup;
  readonly height: number;
  readonly space: Markup | null;
  readonly spaceSize: number;
}

function pictureOf(view: TrialView): Picture {
  const { plant } = view.task;
  const battery = multitaskView(view);
  if (battery)
    return {
      traces: multitaskTrialFigure(battery),
      height: Math.round((multitaskTrialHeight * trialWidth) / planesSize.width),
      space: multitaskPlanes(battery),
      spaceSize: planesSize.width,
    };
  if (!plant) return { traces: trialFigure(view), height: trialHeight(view), space: trialCube(view), spaceSize: cubeSize };
  const reach = { ...view, task: { ...view.task, plant } };
  return { traces: reachTrialFigure(reach), height: reachTrialHeight(reach), space: reachSpaceFigure(reach), spaceSize };
}

/** A trial of the multitask battery as its figures want it; null for other tasks. */
function multitaskView({ task, set, trial, acting }: TrialView): MultitaskTrialView | null {
  const name = task.name === 'multitask' ? task.conditionLabels?.[set.conditions[trial] as number] : undefined;
  if (name === undefined) return null;
  const length = set.lengths?.[trial] ?? set.steps;
  const rows = (values: Float32Array, width: number) => values.subarray(trial * set.steps * width, (trial * set.steps + length) * width);
  return {
    task: name,
    phases: set.phases?.[trial] ?? [],
    inputs: rows(set.inputs, task.inputSize),
    targets: rows(set.targets, task.outputSize),
    stepDuration: task.stepDuration ?? 1,
    rule: ruleChannel(name as MultitaskName),
    ...(acting ? { acting } : {}),
  };
}

/** `Trial 3`, of the battery with the task's name. */
function headingOf(view: TrialView): string {
  const battery = multitaskView(view);
  return `Trial ${view.trial + 1}${battery ? `: ${battery.task}` : ''}`;
}

const dayColour: Readonly<Record<MultitaskColour, string>> = {
  ink: '#333333',
  quiet: '#777777',
  rule: '#c4c4c4',
  red: '#c8500a',
  orange: '#a97400',
  blue: '#0072b2',
  purple: '#a6518a',
  green: '#00805c',
};
const nightColour: Readonly<Record<MultitaskColour, string>> = {
  ink: '#e9e6df',
  quiet: '#a2a8b1',
  rule: '#4a5058',
  red: '#f2935a',
  orange: '#e0b04a',
  blue: '#5fb4e8',
  purple: '#df9cc6',
  green: '#3fc9a0',
};
const styleOf = (view: TrialView): Markup =>
  raw(view.task.plant ? reachStyle : multitaskView(view) ? trialStyle + multitaskStyle((name) => dayColour[name]) : trialStyle);
const nightStyleOf = (view: TrialView): Markup =>
  raw(multitaskView(view) ? `@media screen and (prefers-color-scheme:dark){${multitaskStyle((name) => nightColour[name])}}` : '');

/** Trials `0 … count − 1` of a set as one static SVG file, each with its cube or its space beside it where it has one. */
export function trialSheet(views: readonly TrialView[], text: SheetText): string {
  const pictures = views.map(pictureOf);
  const first = pictures[0] as Picture;
  const side = first.space ? first.spaceSize : 0;
  const block = Math.max(first.height, side) + 34;
  const width = trialWidth + (first.space ? side + 20 : 0);
  const facts = text.facts.flatMap((fact) => wrapped(fact, (width - 28) / letterWidth));
  const head = 44 + 18 * facts.length;
  const { schedule } = text;
  const above = schedule ? scheduleHeight(schedule) + 40 : 0;
  const plan = schedule
    ? html`<text class="heading" x="62" y="${head + 14}">${scheduleHeading}</text>${placed(scheduleFigure(schedule), 0, head + 24, trialWidth, scheduleHeight(schedule))}`
    : null;
  const blocks = pictures.map(({ traces, height, space }, i) => {
    const top = head + above + i * block;
    return html`<text class="heading" x="62" y="${top + 14}">${headingOf(views[i] as TrialView)}</text>${placed(traces, 0, top + 20, trialWidth, height)}${space && placed(space, trialWidth + 10, top + 20, side, side)}`;
  });
  const lines = facts.map((fact, i) => html`<text x="14" y="${50 + 18 * i}">${fact}</text>`);
  const height = head + above + views.length * block;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13"><style>${schedule ? raw(trialStyle) : null}${styleOf(views[0] as TrialView)}.heading{font-weight:600}</style><rect width="100%" height="100%" fill="#fff"/><text x="14" y="27" font-size="18" font-weight="600">${text.title}</text>${lines}${plan}${blocks}</svg>`;
  return `${svg.text}\n`;
}

/** The same as a page that stands alone: it narrows to one column on a phone, and cubes turn by mouse, finger or arrow keys. */
export function trialPage(views: readonly TrialView[], text: SheetText): string {
  const scenes = views.map(trialScene);
  const cubes = scenes[0] !== null;
  const reaches = (views[0] as TrialView).task.plant !== undefined;
  const blocks = views.map((view) => {
    const { traces, space } = pictureOf(view);
    return html`<section><h2>${headingOf(view)}</h2><div class="row"><div class="traces">${traces}</div>${space && html`<div class="space${view.task.name === 'multitask' ? ' wide' : ''}">${space}</div>`}</div></section>`;
  });
  const script = cubes
    ? html`<script type="application/json" id="scenes">${scriptJson(scenes)}</script><script>${raw(`(${turnCubes.toString()})(document,${drawScene.toString()});`.replace(/<\/(script)/gi, '<\\/$1'))}</script>`
    : null;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${text.title}</title><style>${raw(pageStyle)}${text.schedule ? raw(trialStyle) : null}${styleOf(views[0] as TrialView)}${raw(darkStyle)}${nightStyleOf(views[0] as TrialView)}</style></head>
<body><h1>${text.title}</h1>${text.facts.map((fact) => html`<p>${fact}</p>`)}${cubes && html`<p class="hint">The cube shows states 0, 1 and 2; corner 101: states 0 and 2 are 1. Drag it to turn it, or use the arrow keys.</p>`}${multitaskView(views[0] as TrialView) && html`<p class="hint">Cosines are blue, sines vermilion; phases in the planes: black context, vermilion and blue stimuli, ochre and purple memories, green response.</p>`}${reaches && html`<p class="hint">Space of the hand: grey, where it can be; the body at its start (orange square); the target (green circle); the push (violet).</p>`}${text.schedule ? html`<section><h2>${scheduleHeading}</h2><p class="hint">Shaded in the trials below. Trials of the data set count from 0: Trial 1 is number 0.</p><div class="plan">${scheduleFigure(text.schedule)}</div></section>` : null}${blocks}${script}</body></html>`;
  return `${page.text}\n`;
}

const pageStyle =
  'body{font:15px/1.45 system-ui,sans-serif;color:#222;background:#fff;max-width:940px;margin:24px auto;padding:0 16px}h1{font-size:22px;margin:0 0 8px}h2{font-size:15px;margin:22px 0 4px}p{margin:2px 0}.hint{color:#666}' +
  '.row{display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start}.traces{flex:1 1 340px;min-width:0}.space{flex:0 1 240px;margin:0 auto}.space.wide{flex:1 1 340px}.plan{max-width:640px}svg{width:100%;height:auto;display:block}';

/** Colours of lines as figures have them, which are for white paper, and what they are at night. */
const nightColours: readonly (readonly [string, string])[] = [
  ['#0072b2', '#5fb4e8'],
  ['#d55e00', '#f2935a'],
  ['#009e73', '#3fc9a0'],
  ['#cc79a7', '#df9cc6'],
  ['#444444', '#c9c5bd'],
  ['#7b3294', '#e39be6'],
  ['#00785a', '#45cfa4'],
  ['#333', '#c9c5bd'],
];

const darkStyle = `@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark}body{color:#e9e6df;background:#1b1e23}.hint{color:#a2a8b1}.trial,.cube,.reach{fill:#c9c5bd}.trial .grid,.reach .grid{stroke:#31353c}.trial .axis path,.trial .frame,.reach .axis path,.reach .frame{stroke:#6f7680}.cube .edge{stroke:#6f7680}.cube .halo{stroke:#1b1e23}.cube .chosen{stroke:#5fb4e8}.cube .start{fill:#1b1e23;stroke:#e9e6df}.cube .end{fill:#e9e6df}.cube .mark{fill:#a2a8b1}.reach .workspace{fill:#262a30;stroke:#4a5058}.reach .bone{stroke:#5b626c}.reach .bar{stroke:#e9e6df}.reach .push{stroke:#e39be6}.reach .way{stroke:#3fc9a0}${nightColours.map(([day, night]) => `[stroke="${day}"]{stroke:${night}}[fill="${day}"]{fill:${night}}`).join('')}}`;

/** Pixels of an average letter of the facts; SVG does not wrap text by itself. */
const letterWidth = 7.2;

/** A text as lines of at most `length` letters, broken between words. */
function wrapped(text: string, length: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= length) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

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

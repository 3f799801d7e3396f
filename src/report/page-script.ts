// What makes the report's page move: choosing a trial, turning the 3-D views, copying the command. The page carries the source
// text of these functions, so they use their arguments only, and inner functions are methods of one object (see draw-scene.ts).
import { bodyShapes, postureShapes, shapesSvg } from './draw-body.js';
import { drawScene, type PointChoice, type Scene } from './draw-scene.js';
import { drawSpectrum } from './draw-spectrum.js';
import { drawTrace } from './draw-trace.js';
import { type Markup, raw } from './html.js';
import type { PackedArray } from './pack.js';
import { offerFigures } from './page-figures.js';
import { type MotionData, moveBodies } from './page-motion.js';
import { explorePoints, type PointExplorer } from './page-points.js';
import { choiceText } from './point-choice.js';

/** Arrays of one model by name: `latents` and `outputs`, and where a body moves `joint`, `activation`, `force`, `motion`, `goAligned`. */
export type ModelArrays = Readonly<Record<string, PackedArray>>;

/** The data that the page carries for its script. */
export interface PageData {
  /** Of the shown trials; null on pages without a choice of trials. */
  readonly inputs: PackedArray | null;
  readonly targets: PackedArray | null;
  /** Memory state of each sample of the shown trials [K, T], or null. */
  readonly states: PackedArray | null;
  readonly models: readonly ModelArrays[];
  /** In the order of the page's views; `array` of model `model` is what a view shows. */
  readonly scenes: readonly SceneEntry[];
  /** Null for tasks without a body. */
  readonly motion: MotionData | null;
  /** Views whose points have a threshold, a list and a spectrum. */
  readonly explorers: readonly PointExplorer[];
}

/** One 3-D view. A scene that has states of its own, or stands apart, does not follow the choice of a trial. */
export interface SceneEntry {
  readonly scene: Scene;
  readonly model: number;
  readonly array: string;
  readonly states?: PackedArray;
  /** No chosen trial, and no states but its own. */
  readonly apart?: true;
  /** Views with the same link turn together. */
  readonly link?: string;
}

/** What the script of a page with a body has besides. */
export interface MotionParts {
  readonly move: typeof moveBodies;
  readonly body: typeof bodyShapes;
  readonly postures: typeof postureShapes;
  readonly svg: typeof shapesSvg;
}

/** What the script of a page with fixed points has besides. */
export interface PointParts {
  readonly explore: typeof explorePoints;
  readonly spectrum: typeof drawSpectrum;
  readonly text: typeof choiceText;
}

/** The script as text, for an inline `<script>`: as much of it as the page with this data needs. */
export function pageScript({ motion, explorers }: PageData): Markup {
  // `</` would end the script element; there is none unless a function above comes to hold one
  const moving = `{move:${moveBodies.toString()},body:${bodyShapes.toString()},postures:${postureShapes.toString()},svg:${shapesSvg.toString()}}`;
  const exploring = `{explore:${explorePoints.toString()},spectrum:${drawSpectrum.toString()},text:${choiceText.toString()}}`;
  const parts = [drawScene.toString(), drawTrace.toString(), offerFigures.toString(), motion ? moving : 'null', explorers.length > 0 ? exploring : 'null'];
  const text = `(${runPage.toString()})(document,${parts.join(',')});`;
  return raw(text.replace(/<\/(script)/gi, '<\\/$1'));
}

/** Runs in the page. */
export function runPage(
  page: Document,
  draw: typeof drawScene,
  trace: typeof drawTrace,
  offer: typeof offerFigures,
  parts: MotionParts | null,
  points: PointParts | null,
): void {
  const host = page.defaultView as Window & typeof globalThis;
  const data: PageData = JSON.parse(page.getElementById('report-data')?.textContent ?? 'null');
  const views = [...page.querySelectorAll<SVGSVGElement>('svg.space')];
  const state = {
    trial: 0,
    unpacked: new Map<PackedArray, Float64Array>(),
    angles: data.scenes.map(({ scene }) => ({ yaw: scene.yaw, pitch: scene.pitch })),
    choices: data.scenes.map(({ scene }) => scene.choice ?? null) as (PointChoice | null)[],
    stale: new Set<number>(),
    turning: false,
    drag: null as { view: number; x: number; y: number } | null,
    bodies: null as ReturnType<typeof moveBodies> | null,
  };
  const tools = {
    unpack(packed: PackedArray): Float64Array {
      let values = state.unpacked.get(packed);
      if (!values) {
        const bytes = host.atob(packed.data);
        values = new Float64Array(bytes.length / 2);
        for (let i = 0; i < values.length; i++)
          values[i] = packed.low + ((bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1)) / 65535) * (packed.high - packed.low);
        state.unpacked.set(packed, values);
      }
      return values;
    },
    array(model: number, name: string): PackedArray {
      return name === 'inputs' || name === 'targets' ? (data[name] as PackedArray) : ((data.models[model] as ModelArrays)[name] as PackedArray);
    },
    /** Shows the step that a slider stands at, and its name. */
    scrub(scrubber: HTMLElement): void {
      const value = scrubber.querySelector('input')?.value;
      for (const step of scrubber.querySelectorAll<HTMLElement>('[data-step]')) {
        step.hidden = step.dataset.step !== value;
        if (!step.hidden) (scrubber.querySelector('output') as HTMLOutputElement).value = step.dataset.name ?? '';
      }
    },
    /** Draws every stale view once, in the next frame. */
    redraw(view: number): void {
      if (state.stale.size === 0) host.requestAnimationFrame(tools.flush);
      state.stale.add(view);
    },
    flush(): void {
      const stale = [...state.stale];
      state.stale.clear();
      for (const view of stale) {
        const entry = data.scenes[view] as PageData['scenes'][number];
        const { yaw, pitch } = state.angles[view] as { yaw: number; pitch: number };
        const packed = entry.states ?? (entry.apart ? null : data.states);
        const chosen = entry.states || entry.apart ? -1 : state.trial;
        const values = tools.unpack(tools.array(entry.model, entry.array));
        const svg = draw(entry.scene, values, packed && tools.unpack(packed), chosen, yaw, pitch, state.choices[view] as PointChoice | null);
        (views[view] as SVGSVGElement).innerHTML = (views[view]?.querySelector('title')?.outerHTML ?? '') + svg;
      }
    },
    /** Turns a view and those linked to it to the same angles. */
    turn(view: number, yaw: number, pitch: number): void {
      const { yaw: before, pitch: above } = state.angles[view] as { yaw: number; pitch: number };
      tools.face(view, before + yaw, Math.max(-1.5, Math.min(1.5, above + pitch)));
    },
    face(view: number, yaw: number, pitch: number): void {
      const link = data.scenes[view]?.link;
      for (let other = 0; other < views.length; other++) {
        if (other !== view && (link === undefined || data.scenes[other]?.link !== link)) continue;
        state.angles[other] = { yaw, pitch };
        tools.redraw(other);
      }
    },
    /** Which points a view draws. */
    show(view: number, choice: PointChoice): void {
      state.choices[view] = choice;
      tools.redraw(view);
    },
    choose(trial: number): void {
      state.trial = trial;
      for (const path of page.querySelectorAll<SVGPathElement>('path[data-array]')) {
        const { array = '', model, channel, left, width, base, scale } = path.dataset;
        const packed = tools.array(Number(model), array);
        path.setAttribute('d', trace(tools.unpack(packed), packed.shape, trial, Number(channel), Number(left), Number(width), Number(base), Number(scale)));
      }
      for (const name of page.querySelectorAll('.trial-name'))
        name.textContent = page.querySelector(`input[name=trial][value="${trial}"]`)?.getAttribute('data-name') ?? '';
      for (let view = 0; view < views.length; view++) tools.redraw(view);
      state.bodies?.follow(trial);
    },
    spin(): void {
      if (!state.turning) return;
      const turned = new Set<string>();
      for (let view = 0; view < views.length; view++) {
        const link = data.scenes[view]?.link;
        if (link !== undefined && turned.has(link)) continue;
        const box = (views[view] as SVGSVGElement).getBoundingClientRect();
        if (box.bottom > 0 && box.top < host.innerHeight && state.drag?.view !== view) {
          tools.turn(view, 0.006, 0);
          if (link !== undefined) turned.add(link);
        }
      }
      host.requestAnimationFrame(tools.spin);
    },
  };
  page.documentElement.classList.add('live');
  if (parts && data.motion) state.bodies = parts.move(page, data.motion, tools, parts.body, parts.postures, parts.svg);
  offer(page);
  if (points) points.explore(page, data.explorers, data.scenes, tools, points.spectrum, points.text);
  for (const input of page.querySelectorAll<HTMLInputElement>('input[name=trial]')) {
    input.addEventListener('change', () => tools.choose(Number(input.value)));
    // a browser may restore an earlier choice when the page is loaded again
    if (input.checked && input.value !== '0') tools.choose(Number(input.value));
  }
  for (const [view, svg] of views.entries()) {
    svg.addEventListener('pointerdown', (event) => {
      state.drag = { view, x: event.clientX, y: event.clientY };
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener('pointermove', (event) => {
      if (state.drag?.view !== view) return;
      tools.turn(view, (event.clientX - state.drag.x) * 0.01, (event.clientY - state.drag.y) * 0.01);
      state.drag = { view, x: event.clientX, y: event.clientY };
    });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      svg.addEventListener(end, () => {
        state.drag = null;
      });
    }
    svg.addEventListener('keydown', (event) => {
      const steps: Record<string, readonly [number, number]> = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
      const step = steps[event.key];
      const first = data.scenes[view]?.scene;
      if (step) tools.turn(view, step[0], step[1]);
      else if (event.key === 'Home' && first) tools.face(view, first.yaw, first.pitch);
      else return;
      event.preventDefault();
    });
  }
  for (const scrubber of page.querySelectorAll<HTMLElement>('[data-scrub]')) {
    scrubber.querySelector('input')?.addEventListener('input', () => tools.scrub(scrubber));
    tools.scrub(scrubber);
  }
  for (const button of page.querySelectorAll<HTMLButtonElement>('button[data-spin]')) {
    button.addEventListener('click', () => {
      state.turning = !state.turning;
      for (const other of page.querySelectorAll('button[data-spin]')) other.setAttribute('aria-pressed', String(state.turning));
      tools.spin();
    });
  }
  for (const button of page.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    button.addEventListener('click', () => {
      // the clipboard is closed to pages opened from a file in some browsers: then the text is selected instead
      const source = page.getElementById(button.dataset.copy ?? '');
      const written = host.navigator.clipboard?.writeText(source?.textContent ?? '') ?? Promise.reject(new Error('no clipboard'));
      written.then(
        () => {
          button.textContent = 'Copied';
        },
        () => {
          if (source) host.getSelection()?.selectAllChildren(source);
          button.textContent = 'Selected';
        },
      );
    });
  }
}

// What makes the report's page move: choosing a trial, turning the 3-D views, copying the command. The page carries the source
// text of these functions, so they use their arguments only, and inner functions are methods of one object (see draw-scene.ts).
import { bodyShapes, postureShapes, shapesSvg } from './draw-body.js';
import { drawScene, type Scene } from './draw-scene.js';
import { drawTrace } from './draw-trace.js';
import { type Markup, raw } from './html.js';
import type { PackedArray } from './pack.js';
import { type MotionData, moveBodies } from './page-motion.js';

/** Arrays of one model by name: `latents` and `outputs`, and where a body moves `joint`, `activation`, `force`, `motion`, `goAligned`. */
export type ModelArrays = Readonly<Record<string, PackedArray>>;

/** The data that the page carries for its script. */
export interface PageData {
  readonly inputs: PackedArray;
  readonly targets: PackedArray;
  /** Memory state of each sample of the shown trials [K, T], or null. */
  readonly states: PackedArray | null;
  readonly models: readonly ModelArrays[];
  /** In the order of the page's views; `array` of model `model` is what a view shows. */
  readonly scenes: readonly SceneEntry[];
  /** Null for tasks without a body. */
  readonly motion: MotionData | null;
}

/** One 3-D view. A scene that is not of the shown trials has states of its own, and no chosen trial. */
export interface SceneEntry {
  readonly scene: Scene;
  readonly model: number;
  readonly array: string;
  readonly states?: PackedArray;
}

/** What the script of a page with a body has besides. */
export interface MotionParts {
  readonly move: typeof moveBodies;
  readonly body: typeof bodyShapes;
  readonly postures: typeof postureShapes;
  readonly svg: typeof shapesSvg;
}

/** The script as text, for an inline `<script>`; `withMotion` for a page with a body. */
export function pageScript(withMotion = false): Markup {
  // `</` would end the script element; there is none unless a function above comes to hold one
  const motion = `{move:${moveBodies.toString()},body:${bodyShapes.toString()},postures:${postureShapes.toString()},svg:${shapesSvg.toString()}}`;
  const text = `(${runPage.toString()})(document,${drawScene.toString()},${drawTrace.toString()},${withMotion ? motion : 'null'});`;
  return raw(text.replace(/<\/(script)/gi, '<\\/$1'));
}

/** Runs in the page. */
export function runPage(page: Document, draw: typeof drawScene, trace: typeof drawTrace, parts: MotionParts | null): void {
  const host = page.defaultView as Window & typeof globalThis;
  const data: PageData = JSON.parse(page.getElementById('report-data')?.textContent ?? 'null');
  const views = [...page.querySelectorAll<SVGSVGElement>('svg.space')];
  const state = {
    trial: 0,
    unpacked: new Map<PackedArray, Float64Array>(),
    angles: data.scenes.map(({ scene }) => ({ yaw: scene.yaw, pitch: scene.pitch })),
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
      return name === 'inputs' || name === 'targets' ? data[name] : ((data.models[model] as ModelArrays)[name] as PackedArray);
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
        const packed = entry.states ?? data.states;
        const chosen = entry.states ? -1 : state.trial;
        const svg = draw(entry.scene, tools.unpack(tools.array(entry.model, entry.array)), packed && tools.unpack(packed), chosen, yaw, pitch);
        (views[view] as SVGSVGElement).innerHTML = (views[view]?.querySelector('title')?.outerHTML ?? '') + svg;
      }
    },
    turn(view: number, yaw: number, pitch: number): void {
      const angle = state.angles[view] as { yaw: number; pitch: number };
      angle.yaw += yaw;
      angle.pitch = Math.max(-1.5, Math.min(1.5, angle.pitch + pitch));
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
      for (let view = 0; view < views.length; view++) {
        const box = (views[view] as SVGSVGElement).getBoundingClientRect();
        if (box.bottom > 0 && box.top < host.innerHeight && state.drag?.view !== view) tools.turn(view, 0.006, 0);
      }
      host.requestAnimationFrame(tools.spin);
    },
  };
  page.documentElement.classList.add('live');
  if (parts && data.motion) state.bodies = parts.move(page, data.motion, tools, parts.body, parts.postures, parts.svg);
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
      else if (event.key === 'Home' && first) {
        state.angles[view] = { yaw: first.yaw, pitch: first.pitch };
        tools.redraw(view);
      } else return;
      event.preventDefault();
    });
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

// What makes fixed points explorable in the report's page: a threshold on their speed, far ones on or off, and one picked point with its
// eigenvalues. The page carries the source text of this function, so it uses its arguments only (see page-script.ts).
import type { PointChoice, ScenePoint } from './draw-scene.js';
import type { drawSpectrum } from './draw-spectrum.js';
import type { SceneEntry } from './page-script.js';
import type { choiceText } from './point-choice.js';
import type { Plane } from './spectrum-figure.js';

/** One network's points; its controls lie in the element `data-explorer="N"`, N its place among the explorers. */
export interface PointExplorer {
  /** The view that shows them; they are its scene's points. */
  readonly view: number;
  /** Eigenvalues of each point, and what the page says of it. */
  readonly spectra: readonly (readonly (readonly [number, number])[])[];
  readonly facts: readonly string[];
  readonly plane: Plane;
  /** Horizontal axis of the histogram: log₁₀ speed at two places, pixels. */
  readonly histogram: { readonly from: number; readonly to: number; readonly left: number; readonly right: number };
}

/** What the function needs of the page's script. */
export interface PointTools {
  show(view: number, choice: PointChoice): void;
}

/** Runs in the page. */
export function explorePoints(
  page: Document,
  explorers: readonly PointExplorer[],
  scenes: readonly SceneEntry[],
  tools: PointTools,
  spectrum: typeof drawSpectrum,
  text: typeof choiceText,
): void {
  for (const [number, explorer] of explorers.entries()) {
    const root = page.querySelector(`[data-explorer="${number}"]`) as HTMLElement;
    const points = scenes[explorer.view]?.scene.points as readonly ScenePoint[];
    const slider = root.querySelector('input[type=range]') as HTMLInputElement;
    const far = root.querySelector<HTMLInputElement>('input[type=checkbox]');
    const list = root.querySelector<HTMLSelectElement>('select');
    const view = page.querySelector(`svg.space[data-view="${explorer.view}"]`);
    const update = {
      all(): void {
        const power = Number(slider.value);
        const choice = { threshold: 10 ** power, far: far?.checked ?? false, picked: list ? Number(list.value) : -1 };
        tools.show(explorer.view, choice);
        for (const place of root.querySelectorAll('[data-counts]')) place.textContent = text(points, choice);
        slider.setAttribute('aria-valuetext', `q below 10 to the power of ${power}`);
        const { from, to, left, right } = explorer.histogram;
        const x = left + ((Math.min(to, Math.max(from, power)) - from) / (to - from)) * (right - left);
        const onLeft = x > (left + right) / 2;
        const mark = root.querySelector('[data-threshold]');
        const line = mark?.querySelector('path');
        const name = mark?.querySelector('text');
        line?.setAttribute('d', (line.getAttribute('d') ?? '').replace(/^M[-\d.]+/, `M${Math.round(x * 10) / 10}`));
        name?.setAttribute('x', String(Math.round((x + (onLeft ? -6 : 6)) * 10) / 10));
        name?.setAttribute('style', `text-anchor:${onLeft ? 'end' : 'start'}`);
      },
      pick(point: number): void {
        const { x, y, unit } = explorer.plane;
        const plane = root.querySelector('.eigenvalues');
        if (plane) plane.innerHTML = spectrum(explorer.spectra[point] ?? [], x, y, unit);
        const facts = root.querySelector('[data-facts]');
        if (facts) facts.textContent = explorer.facts[point] ?? '';
        update.all();
      },
    };
    slider.addEventListener('input', update.all);
    far?.addEventListener('change', update.all);
    list?.addEventListener('change', () => update.pick(Number(list.value)));
    view?.addEventListener('click', (event) => {
      const point = (event.target as Element).closest('[data-point]')?.getAttribute('data-point');
      if (!list || point === null || point === undefined || Number(point) >= explorer.spectra.length) return;
      list.value = point;
      update.pick(Number(point));
    });
    // a browser may restore an earlier choice when the page is loaded again
    if (list) update.pick(Number(list.value));
    else update.all();
  }
}

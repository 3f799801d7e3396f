// The trials of a comparison: trajectories of all networks in the reference's components, turning together, and one trial row by row.
import type { AlignedAnalysis, ComparedAnalysis, ComparisonSummary } from '../analysis/comparison-data.js';
import type { FigureArray } from '../analysis/summary-data.js';
import { formatCount, formatNumber, formatPlural } from './format.js';
import { html } from './html.js';
import type { SceneEntry } from './page-script.js';
import { pointSpace } from './point-space.js';
import { panel, type Section } from './section.js';
import { pointScene, spaceFigure } from './space-figure.js';
import { drawRows, limits, type Row } from './trial-panels.js';

/** One view a network, on common axes, linked so that all turn together; adds them to the page's `scenes`. */
export function alignedSection(summary: ComparisonSummary, scenes: SceneEntry[]): Section {
  const { aligned, analyses, reference } = summary;
  const base = analyses[reference] as ComparedAnalysis;
  // limits that all share: every trajectory, and every fixed point that is not far from them
  const values = aligned.flatMap(({ trajectories, points }) => [
    ...trajectories.values,
    ...points.filter(({ far }) => !far).flatMap(({ scores }) => [...scores]),
  ]);
  const common = pointScene({ shape: [1, values.length / 3, 3], values });
  const figures = aligned.map(({ trajectories, points, r2, perComponent }, i) => {
    const { name, fixedPoints } = analyses[i] as ComparedAnalysis;
    const { scene } = pointSpace({ title: name, axes: ['PC 1', 'PC 2', 'PC 3'], trajectories, points });
    const { center, radius, lines, scaleBar } = common;
    const shared = { ...scene, center, radius, lines, scaleBar };
    scenes.push({ scene: shared, model: i, array: 'aligned', link: 'aligned' });
    const note = i === reference ? 'reference: its own components' : `R² ${formatNumber(r2)} on PC 1–3`;
    const drawing = spaceFigure(shared, trajectories, null, scenes.length - 1, `Latents of ${name} in the principal components of ${base.name}`, 0);
    const counts = fixedPoints ? `${formatPlural(fixedPoints.unique, 'fixed point')}, ${fixedPoints.stable} stable` : 'fixed points not searched';
    const each = perComponent.map((value, k) => `PC ${k + 1} ${formatNumber(value)}`).join(', ');
    return panel(name, note, html`${drawing}<p class="small-print">R² of ${each}; residual ${residual(r2)}; ${counts}.</p>`);
  });
  const marks = aligned.some(({ points }) => points.length > 0)
    ? html`Marks are fixed points, each found in its own network and mapped by the same map: <b>discs</b> stable, <b>triangles</b> with one unstable direction, <b>squares</b> with two, <b>diamonds</b> with more. `
    : null;
  const body = html`<h2>In one space</h2>
<figure><div class="figures">${figures}</div>
<figcaption><b>Latents of ${formatCount(aligned[0]?.trajectories.shape[0] ?? 0)} validation trials in the first three principal components of ${base.name}</b>, which the others reach by the best straight-line map; common limits, and all views turn together. The strong line is the chosen trial, from its open to its filled end. ${marks}Look for the same shape in all panels, and for stable points at the same places; where R² is low, a panel shows what little the network shares with the reference. <span class="hint">Drag a view to turn it; with the keyboard, focus it and use the arrow keys (Home: back). </span></figcaption><button type="button" class="spin" data-spin aria-pressed="false">Turn slowly</button></figure>`;
  return { id: 'space', short: 'In one space', body };
}

const residual = (r2: number | null) => (r2 === null ? '–' : formatNumber(1 - r2));

/** One trial of every network in rows: on the reference's components, put out, targets, inputs, rates. */
export function trialsSection(summary: ComparisonSummary): Section {
  const { aligned, analyses, reference, trials } = summary;
  const axis = { task: { steps: trials.steps, stepDuration: trials.stepDuration } };
  const panels = aligned.map((each, i) => {
    const { name } = analyses[i] as ComparedAnalysis;
    return panel(
      name,
      i === reference ? 'reference' : null,
      drawRows(axis, rowsOf(summary, each, i), i, `A trial of ${name}: components of the reference and what was put out`),
    );
  });
  const task: Row[] = [];
  const goal = trials.targets && limits(trials.targets.values);
  if (trials.targets && goal) task.push({ title: 'target', array: 'targets', values: trials.targets, labels: trials.targetLabels, ...goal, kind: 'channel' });
  if (trials.inputs)
    task.push({ title: 'noisy input', array: 'inputs', values: trials.inputs, labels: trials.inputLabels, ...limits(trials.inputs.values), kind: 'channel' });
  if (task.length > 0) panels.push(panel('The task', 'what the reference saw', drawRows(axis, task, reference, 'Targets and inputs of the trial')));
  const body = html`<h2>The same trial, network by network</h2>
<figure><div class="figures">${panels}</div>
<figcaption><b>One validation trial.</b> From the top: each network's latents on the reference's components (grey: the reference's own), and, where known, what it puts out (grey: the target)${aligned.some(({ rates }) => rates) ? ' and the rates of its first neurons (grey: those of the reference)' : ''}. Look for lines that leave the grey ones: there the network's state moves in a way that a straight-line map cannot bring to the reference's.</figcaption></figure>`;
  return { id: 'trials', short: 'Trials', body };
}

function rowsOf(summary: ComparisonSummary, { trajectories, outputs, rates }: AlignedAnalysis, i: number): Row[] {
  const { aligned, reference, trials } = summary;
  const base = aligned[reference] as AlignedAnalysis;
  const shared = limits(aligned.flatMap((each) => [...each.trajectories.values]));
  const behind = (array: string, values: FigureArray | null) => (values && i !== reference ? { behind: { array, values } } : {});
  const rows: Row[] = [
    {
      ...{ title: i === reference ? 'own components' : 'components of the reference (grey: reference)', array: 'aligned', values: trajectories },
      ...{ labels: ['PC 1', 'PC 2', 'PC 3'], ...shared, kind: 'pc', ...behind('reference', base.trajectories) },
    },
  ];
  if (outputs) {
    const sameSize = trials.targets && trials.targets.shape[2] === outputs.shape[2] ? trials.targets : null;
    const goal = limits([...aligned.flatMap((each) => [...(each.outputs?.values ?? [])]), ...(sameSize?.values ?? [])]);
    const labels = sameSize ? trials.targetLabels : Array.from({ length: outputs.shape[2] as number }, (_, k) => `output ${k + 1}`);
    rows.push({
      ...{ title: sameSize ? 'controlled (grey: target)' : 'controlled', array: 'outputs', values: outputs, labels, ...goal, kind: 'channel' },
      ...(sameSize ? { behind: { array: 'targets', values: sameSize } } : {}),
    });
  }
  if (rates) {
    const truth = base.rates && base.rates.shape[2] === rates.shape[2] ? base.rates : null;
    const labels = Array.from({ length: rates.shape[2] as number }, (_, k) => `neuron ${k + 1}`);
    rows.push({
      ...{ title: truth && i !== reference ? 'rates (grey: reference)' : 'rates', array: 'rates', values: rates, labels, kind: 'channel' },
      ...{ ...limits([...rates.values, ...(truth?.values ?? [])]), unit: 'counts a step', ...behind('trueRates', truth) },
    });
  }
  return rows;
}

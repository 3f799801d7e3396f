// The report of an experiment: one HTML file with everything in it (style, figures, data, script), from the summary alone.
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import { downloads } from './downloads.js';
import { decodingSection, dynamicsNotes, hasDynamics, tanglingSection } from './dynamics-sections.js';
import { formatCount, formatDuration, formatList, formatNumber, formatPlural, formatShare, formatWord } from './format.js';
import { html, type Markup } from './html.js';
import { lossFigure, lossLimits } from './loss-figure.js';
import { metricText } from './metric-text.js';
import { multitaskSections } from './multitask-sections.js';
import { packArray } from './pack.js';
import { renderPage } from './page.js';
import type { PointExplorer } from './page-points.js';
import type { ModelArrays, PageData, SceneEntry } from './page-script.js';
import { perturbedSection } from './perturbed-section.js';
import { phaseSections } from './phase-sections.js';
import { pointSection } from './point-sections.js';
import { bodySection, bumpSection, epochSection, learningPanels, metricSection, motionData, movementSection, pathSection } from './reach-sections.js';
import { scanSection } from './scan-section.js';
import { screeFigure } from './scree-figure.js';
import { legendLine, panel, type Section } from './section.js';
import { backendSentence, likeness, modelSentence, shownRuns, taskSentence, verdict, withBitNames } from './sentences.js';
import { snapshotSections } from './snapshot-sections.js';
import { similarityTable } from './similarity-table.js';
import { cornerTable, cubeScene, goScene, goStates, latentScene, memoryCodes, spaceFigure } from './space-figure.js';
import { trialPanels } from './trial-panels.js';

/**
 * Renders a summary as a self-contained HTML page: no network, readable without scripts (the first trial shows), light and dark, 400 px and up,
 * printable. The same summary gives the same text. Every name from the experiment is escaped.
 */
export function renderReport(analysed: ExperimentSummary): string {
  const summary = withBitNames(analysed);
  const shown = shownRuns(summary);
  const states = memoryCodes(summary);
  const scenes: SceneEntry[] = [];
  const trialSections: Section[] = [];
  if (shown.length > 0 && summary.reach) trialSections.push(bodySection(summary, shown), movementSection(summary, shown), pathSection(summary, shown));
  else if (shown.length > 0 && !summary.examples) trialSections.push(trialSection(summary, shown));
  if (shown.length > 0) trialSections.push(latentSection(summary, shown, states, scenes));
  if (shown.length > 0 && hasCube(summary)) trialSections.push(cubeSection(summary, shown, states, scenes));
  const sections = [lossSection(summary, shown), ...multitaskSections(summary, shown), ...trialSections];
  if (summary.reach)
    sections.push(...[bumpSection(summary, shown), epochSection(summary, shown)].filter((section) => section !== null), metricSection(summary));
  const perturbed = perturbedSection(summary, shown);
  if (perturbed) sections.push(perturbed);
  sections.push(screeSection(summary, shown));
  if (summary.similarity) sections.push(similaritySection(summary));
  const explorers: PointExplorer[] = [];
  const dynamics = [pointSection(summary, shown, { scenes, explorers }, turnHint), tanglingSection(summary), decodingSection(summary), scanSection(summary)];
  const arrays: ModelArrays[] = [];
  const phases = phaseSections(summary, { scenes, arrays, firstArray: shown.length }, turnHint);
  const snapshots = snapshotSections(summary, { scenes, arrays, firstArray: shown.length }, turnHint);
  sections.push(...dynamics.filter((section) => section !== null), ...phases, ...snapshots, runsSection(summary), methodSection(summary));
  const data: PageData = {
    inputs: packArray(summary.trials.inputs),
    targets: packArray(summary.trials.targets),
    states: states && packArray(states),
    models: [...shown.map(modelArrays), ...arrays],
    scenes,
    motion: summary.reach && shown.length > 0 ? motionData(summary, shown) : null,
    explorers,
  };
  const first = trialSections[0] ? sections.indexOf(trialSections[0]) : sections.length;
  const group = trialSections.length > 0 ? [{ lead: chooser(summary), sections: trialSections }] : [];
  const parts = [...sections.slice(0, first), ...group, ...sections.slice(first + trialSections.length)];
  return renderPage({ title: `${summary.name} · motorloop report`, version: summary.environment.version, header: headerOf(summary, shown), parts, data });
}

function modelArrays({ latents, outputs, reach }: RunSummary): ModelArrays {
  const arrays = {
    latents,
    outputs,
    joint: reach?.joint,
    activation: reach?.activation,
    force: reach?.force,
    motion: reach?.motion,
    goAligned: reach?.goAligned?.values,
  };
  return Object.fromEntries(Object.entries(arrays).flatMap(([name, array]) => (array ? [[name, packArray(array)]] : [])));
}

const hasCube = ({ task }: ExperimentSummary) => task.binary && task.outputLabels.length >= 2;

function headerOf(summary: ExperimentSummary, shown: readonly RunSummary[]): Markup {
  const { environment, runs, data } = summary;
  const like = likeness(summary);
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  const ranOn = [...new Set(runs.map(({ backend }) => backendSentence(backend)))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const facts: [string, string][] = [
    ['Task', taskSentence(summary)],
    ['Data', `${formatCount(data.trainingTrials)} training and ${formatCount(data.validationTrials)} validation trials, seed ${data.seed}`],
    ['Training', `${formatDuration(seconds)} for ${formatPlural(runs.length, 'network')}`],
    ['Backend', formatList(ranOn)],
    [seeds.length === 1 ? 'Seed' : 'Seeds', formatList(seeds.map(String))],
    [
      'Software',
      `motorloop ${environment.version}${environment.commit ? ` (${environment.commit.slice(0, 10)})` : ''}, ${environment.runtime}, ${environment.machine}`,
    ],
  ];
  return html`<header>
<p class="eyebrow">motorloop report${environment.date ? ` · ${environment.date}` : ''}</p>
<h1>${summary.name}</h1>
${shown.map((run) => html`<p class="lead">${verdict(summary, run)}.</p>`)}
${like ? html`<p>${like}.</p>` : null}
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<ul class="cards">${shown.map((run) => card(summary, run))}</ul>
${environment.command ? html`<h3>Run it again</h3><div class="command"><code id="command">${environment.command}</code><button type="button" data-copy="command">Copy</button></div>` : null}
</header>`;
}

function card({ task }: ExperimentSummary, run: RunSummary): Markup {
  const accuracy = run.evaluation.accuracyPerOutput;
  const bars =
    accuracy && accuracy.length <= 8
      ? html`<div class="bits">${accuracy.map((share, i) => html`<span>${task.outputLabels[i] ?? `bit ${i + 1}`}</span><i style="--share:${(share * 100).toFixed(1)}%;--bit:var(--c${i % 6})"></i><span>${formatShare(share)}</span>`)}</div>`
      : null;
  const worst = run.evaluation.metrics.lowestSuccess;
  const success =
    run.multitask && worst !== undefined
      ? html`<div><div class="number">${formatShare(worst)}</div><span class="quiet">success in the hardest task</span></div>`
      : null;
  const error = run.reach ? metricText('endPointError', run.evaluation.metrics.endPointError) : '';
  const endPoint = error ? html`<div><div class="number">${error}</div><span class="quiet">end-point error</span></div>` : null;
  return html`<li><b>${run.model}</b><div class="quiet">${modelSentence(run)}</div><div class="pair">${endPoint}${success}<div><div class="number">${formatNumber(run.evaluation.loss ?? run.final.validationLoss)}</div><span class="quiet">validation loss</span></div><div><div class="number">${formatDuration(run.seconds)}</div><span class="quiet">training, ${formatPlural(run.optimiserSteps, 'step')}</span></div></div>${bars}</li>`;
}

function chooser({ trials }: ExperimentSummary): Markup {
  const choices = trials.indices.map(
    (index, k) =>
      html`<input type="radio" name="trial" id="trial-${k}" value="${k}" data-name="${index}"${k === 0 ? html` checked` : null}><label for="trial-${k}" title="trial ${index} of the data set">${k + 1}</label>`,
  );
  return html`<div class="chooser" role="radiogroup" aria-label="Validation trial shown in every figure"><span>Validation trial (<span class="trial-name">${trials.indices[0] as number}</span> of the data set)</span>${choices}</div>`;
}

function lossSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section {
  const models = [...new Set(summary.runs.map(({ model }) => model))];
  const limits = lossLimits(summary.runs, summary.constantLoss);
  const several = summary.runs.length > models.length;
  const body = html`<h2>How they learned</h2>
<figure><ul class="legend"><li>${legendLine('validation')} validation</li><li>${legendLine('train')} training</li>${summary.constantLoss === null ? null : html`<li>${legendLine('reference')} best constant answer, ${formatNumber(summary.constantLoss)}</li>`}</ul>
<div class="figures">${models.map((model) => {
    const runs = summary.runs.filter((run) => run.model === model);
    return panel(model, (runs[0] as RunSummary).recipe, lossFigure(model, runs, summary.constantLoss, limits));
  })}${summary.reach ? learningPanels(shown) : null}</div>
<figcaption><b>Loss after every epoch, on a logarithmic axis${models.length > 1 ? ' that all models share' : ''}.</b> ${several ? 'The first seed is drawn strong, the others faint. ' : ''}${summary.task.name === 'flipflop' ? 'Look for plateaus: first the network answers alike whatever it sees, then it answers pulses without holding them, and only after the last drop does it remember.' : 'Look for the gap between training and validation: a growing one means that the network learns the training trials by heart.'}</figcaption></figure>`;
  return { id: 'learning', short: 'Learning', body };
}

function trialSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section {
  const body = html`<h2>What they do on a trial</h2>
<figure><div class="figures">${shown.map((run, model) => panel(run.model, seedNote(summary, run), trialPanels(summary, run, model)))}</div>
<figcaption><b>${shown.length > 1 ? 'The same validation trial in every column.' : 'One validation trial.'}</b> From the top: the latents on their first three principal components (all on one scale), what the network puts out, what it should put out, and the noisy input it sees. ${summary.task.binary ? 'Look at whether each output follows its grey target and stays there between pulses, and at how many steps it needs to change.' : 'Look at where the output leaves its target.'}</figcaption></figure>`;
  return { id: 'trials', short: 'Trials', body };
}

const seedNote = ({ runs }: ExperimentSummary, run: RunSummary) => (runs.filter(({ model }) => model === run.model).length > 1 ? `seed ${run.seed}` : null);

const turnHint = html`<span class="hint">Drag a view to turn it; with the keyboard, focus it and use the arrow keys (Home: back). </span>`;
const spinButton = html`<button type="button" class="spin" data-spin aria-pressed="false">Turn slowly</button>`;

function latentSection(summary: ExperimentSummary, shown: readonly RunSummary[], states: FigureArray | null, scenes: SceneEntry[]): Section {
  const events = summary.reach?.trials.map(({ targetOn, goCue }) =>
    [targetOn, goCue].flatMap((step, kind) => (step === null ? [] : [[Math.round(step / summary.trials.stride), kind] as const])),
  );
  const figures = shown.map((run, model) => {
    const scene = latentScene(run, events);
    scenes.push({ scene, model, array: 'latents' });
    return panel(
      run.model,
      `PC 1–${Math.min(3, run.hiddenSize)}: ${formatList(run.scree.ratios.slice(0, 3).map((ratio) => formatShare(ratio, 0)))} of the variance`,
      spaceFigure(scene, run.latents as FigureArray, states, scenes.length - 1, `Latents of ${run.model} in three dimensions`),
    );
  });
  const colour = states
    ? 'A dot is one step, coloured by the memory that the task asks for; labels mark the mean of each. Look for one cluster per memory: a network that remembers keeps its states apart.'
    : '';
  const aligned = shown.map((run, model) => goPanel(run, model, scenes));
  const body = html`<h2>The states inside</h2>
<figure><div class="figures">${figures}${aligned}</div>
<figcaption><b>Latents of ${formatPlural(summary.trials.indices.length, 'validation trial')} on principal components 1 to 3</b> (dimensionless; one scale for all three). The ${states ? '' : 'strong '}line is the chosen trial, from its open to its filled end. ${colour}${summary.reach ? reachLatents : ''} ${turnHint}</figcaption>${spinButton}</figure>`;
  return { id: 'latents', short: 'Latents', body };
}

/** Latents around the go cue of one network, where there are any. */
function goPanel(run: RunSummary, model: number, scenes: SceneEntry[]): Markup | null {
  const aligned = run.reach?.goAligned;
  if (!aligned) return null;
  const scene = goScene(aligned);
  const states = goStates(aligned);
  scenes.push({ scene, model, array: 'goAligned', states: packArray(states) });
  const swatches = Array.from(
    { length: 8 },
    (_, i) =>
      html`<li><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><circle class="mark state${i}" cx="5" cy="5" r="4.2"/></svg>${i * 45}–${i * 45 + 45}°</li>`,
  );
  const note = `PC 1–3 of these stretches: ${formatList(aligned.ratios.map((ratio) => formatShare(ratio, 0)))} of the variance`;
  const figure = spaceFigure(scene, aligned.values, states, scenes.length - 1, `Latents of ${run.model} around the go cue, coloured by direction`, -1);
  return panel(`${run.model} around the go cue`, note, html`${figure}<ul class="corners">${swatches}</ul>`);
}

const reachLatents =
  'Dots on it: the target appears (light), the go cue comes (dark). Around the go cue: the stretch of 20 steps before and after it, one line a trial, coloured by the direction from start to target (counter-clockwise from the x axis), a dot at the cue. Look for lines that wait in an order of directions and leave together.';

function cubeSection(summary: ExperimentSummary, shown: readonly RunSummary[], states: FigureArray | null, scenes: SceneEntry[]): Section {
  const bits = summary.task.outputLabels.length;
  const shape = bits === 2 ? 'square' : 'cube';
  const figures = shown.map((run, model) => {
    const scene = cubeScene(run, summary.task.outputLabels);
    scenes.push({ scene, model, array: 'outputs' });
    return panel(
      run.model,
      seedNote(summary, run),
      html`${spaceFigure(scene, run.outputs as FigureArray, states, scenes.length - 1, `Outputs of ${run.model} in the ${shape} of bits`)}${cornerTable(run.memory)}`,
    );
  });
  const body = html`<h2>The ${shape} of bits</h2>
<figure><div class="figures">${figures}</div>
<figcaption><b>Outputs${bits > 3 ? ' for the first three bits' : ''} in the ${shape} whose corners are the memories</b> (all axes dimensionless, 0 to 1). A dot is one step, coloured by the corner where the output should be; the line is the chosen trial. A good memory stays at its corner and runs along an edge when one bit flips. Below: the share of scored validation steps with all bits right, and the root mean square distance from the corner. ${turnHint}</figcaption>${spinButton}</figure>`;
  return { id: 'cube', short: bits === 2 ? 'Square' : 'Cube', body };
}

function screeSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section {
  const samples = shown[0]?.scree.samples ?? 0;
  const body = html`<h2>How many dimensions they use</h2>
<figure><ul class="legend"><li><svg viewBox="0 0 28 10" aria-hidden="true"><path class="bar" d="M6,0h16v10h-16Z"/></svg> share of one component</li><li><svg viewBox="0 0 28 10" aria-hidden="true"><path class="sum" d="M1,5H27"/><circle class="sum-dot" cx="14" cy="5" r="3"/></svg> running sum</li></ul>
<div class="figures">${shown.map((run) => panel(run.model, `participation ratio ${formatNumber(run.scree.participationRatio, 2)}`, screeFigure(run)))}</div>
<figcaption><b>Share of the latents' variance along each principal component</b>, over all ${formatCount(summary.data.trials)} trials ${asTrained(summary) ? 'with noise on' : summary.noise} (${formatCount(samples)} samples), no scaling. ${summary.task.name === 'flipflop' ? `Look for ${tallBars(summary.task.outputLabels.length)}, and a sharp drop after.` : 'Look for the component after which the bars drop.'} The participation ratio is an effective number of dimensions.</figcaption></figure>`;
  return { id: 'dimensions', short: 'Dimensions', body };
}

/** One tall bar for each bit. */
function tallBars(bits: number): string {
  return bits === 1 ? 'one tall bar for the bit' : `${formatWord(bits)} tall bars, one for each bit`;
}

function similaritySection(summary: ExperimentSummary): Section {
  const similarity = summary.similarity as NonNullable<ExperimentSummary['similarity']>;
  const body = html`<h2>How alike the states are</h2>
<figure>${similarityTable(summary, similarity)}
<figcaption><b>State R², both ways.</b> Least squares with intercept from the states of the row's network to those of the column's, fitted on ${formatCount(similarity.trainingSamples)} training samples and scored on ${formatCount(similarity.validationSamples)} validation samples, weighted by variance. 1 means that the column's states can be read from the row's with a straight-line map. Going to the smaller network is usually easier, as it has fewer directions to explain. <b>Mind the losses</b> beside the names: R² between networks at different degrees of training mostly compares how far they have been trained.</figcaption></figure>`;
  return { id: 'similarity', short: 'Similarity', body };
}

function runsSection(summary: ExperimentSummary): Section {
  const columns: [string, (run: RunSummary) => string][] = [
    ['Seed', ({ seed }) => String(seed)],
    ['Parameters', ({ parameterCount }) => formatCount(parameterCount)],
    ['Status', ({ status, checkpoint }) => `${status}, ${checkpoint.kind} checkpoint (epoch ${checkpoint.epoch})`],
    ['Time', ({ seconds }) => formatDuration(seconds)],
    ['Training loss', ({ final }) => formatNumber(final.trainLoss)],
    ['Validation loss', ({ final }) => formatNumber(final.validationLoss)],
    ['Best', ({ best }) => (best ? `${formatNumber(best.validationLoss)} (epoch ${best.epoch})` : '–')],
    ...(summary.task.binary
      ? ([['Bits right', ({ evaluation }: RunSummary) => meanShare(evaluation.accuracyPerOutput)]] as [string, (run: RunSummary) => string][])
      : []),
  ];
  const rows = summary.runs.map(
    (run) => html`<tr><th scope="row">${run.model}</th>${columns.map(([label, value]) => html`<td data-label="${label}">${value(run)}</td>`)}</tr>`,
  );
  const files = downloads(summary);
  const body = html`<h2>Runs and numbers</h2>
<table class="runs"><thead><tr><th scope="col">Model</th>${columns.map(([label]) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table>
<p style="margin-top:1.2rem">Numbers behind the figures, as CSV: ${files.map(({ name, says, address }, i) => html`${i > 0 ? ' · ' : ''}<a download="${name}" href="${address}">${says}</a>`)}. Beside this file lie <code>analysis.json</code> with all of them and, in the folder of each run, checkpoints for PyTorch and arrays for NumPy.</p>
${hasDynamics(summary) ? null : html`<p>Fixed points, tangling and decoding: <code>motorloop analyse DIR</code>, with the directory of this report, adds them.</p>`}
${dynamicsNotes(summary)}
${summary.notes.length > 0 ? html`<ul class="notes">${summary.notes.map((note) => html`<li>${note}</li>`)}</ul>` : null}`;
  return { id: 'runs', short: 'Runs', body };
}

function meanShare(shares: readonly number[] | null): string {
  return shares && shares.length > 0 ? formatShare(shares.reduce((sum, share) => sum + share, 0) / shares.length) : '–';
}

function methodSection(summary: ExperimentSummary): Section {
  const { task, backend, hash } = summary;
  const parameters = Object.entries(task.parameters).map(
    ([name, value]) =>
      `${name} ${Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  const body = html`<details><summary>How these numbers were made</summary>
<p><b>Task.</b> ${task.name}: ${parameters.join(', ')}. Loss: ${task.name === 'flipflop' ? 'mean squared error over the steps that count (a few steps after each change of the target do not)' : summary.reach ? reachLoss : task.lossKind}.</p>
<p><b>Evaluation.</b> Every figure but the loss curves comes from the checkpoint named in the table, rolled out again on ${backendSentence(backend)}${noiseSentence(summary)}</p>
<p><b>Principal components.</b> Eigenvectors of the covariance of the hidden state over all trials and steps, means removed, no scaling; the largest loading of each is positive.</p>
<p><b>State R².</b> 1 − Σ SSE / Σ SST over all state dimensions, SST around the validation mean. Directions with less than 10⁻⁹ of the largest variance are left out of the fit.</p>
${summary.constantLoss === null ? null : html`<p><b>Best constant answer.</b> The loss of a network that puts out the mean target of each channel and ignores its input: ${formatNumber(summary.constantLoss, 4)} on the validation trials.</p>`}
<p><b>Experiment.</b> Hash <code>${hash}</code>; every option is in <code>experiment.json</code>.</p></details>`;
  return { id: 'method', short: 'Method', body };
}

const asTrained = ({ noise }: ExperimentSummary) => noise === 'noise as in training';

/** Which noise there was; behind the name of a backend. */
function noiseSentence(summary: ExperimentSummary): string {
  if (!asTrained(summary)) return `: ${summary.noise}.`;
  return ` with noise as in training: on the input, the initial state${summary.reach ? ', the senses, the action' : ''} and, where the model has it, the state. The noise is keyed by seed, trial and step, so it repeats.`;
}

const reachLoss =
  'the squared (or absolute) distance of the hand from where it should be, plus the squared action, means over trials and steps with the weights above; during a ramp only the first steps of the position count';

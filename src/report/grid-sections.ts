// Sections of a grid's page that any grid has: the table, learning with bands over seeds, heat maps over two axes, tests in other conditions.
import { type Curve, curveFigure } from './curve-figure.js';
import { formatCount, formatDuration, formatNumber, formatPlural, minus } from './format.js';
import type { GridNetwork, GridSummary, GridTest } from './grid-data.js';
import { logSpreadOf, type Spread, spreadOf } from './grid-statistics.js';
import { html, type Markup } from './html.js';
import { lossLimits } from './loss-figure.js';
import { matrixFigure } from './matrix-figure.js';
import { metricLabel, metricNumber } from './metric-text.js';
import { legendLine, panel, type Section } from './section.js';

/** Rows of the table at most; table.csv has all. */
const mostRows = 60;
/** Figures of one kind side by side at most. */
const mostPanels = 24;
/** Epochs that a curve shows at most. */
const mostEpochs = 400;

/** Networks of one model in one group, by seed. */
export function networksOf({ networks }: GridSummary, model: number, group: number): GridNetwork[] {
  return networks.filter((network) => network.model === model && network.group === group).sort((a, b) => a.seed - b.seed);
}

/** A value of an axis, as names show it. */
export function valueName(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** `± 0.012` for two values or more. */
export function spreadText(spread: Spread | null, digits = 1): string | null {
  return spread?.deviation === null || spread === null ? null : `± ${formatNumber(spread.deviation, digits)}`;
}

const seedsNote = (summary: GridSummary) =>
  Math.max(...summary.groups.map((_, group) => Math.max(...summary.models.map((_, model) => networksOf(summary, model, group).length))));

/** Every network by rising validation loss, and what failed. */
export function tableSection(summary: GridSummary): Section {
  const { networks, axes, failures, models } = summary;
  const metrics = [...new Set(networks.flatMap((network) => Object.keys(network.metrics)))].slice(0, 4);
  const columns: [string, (network: GridNetwork) => string][] = [
    ...axes.map(({ label }, axis): [string, (network: GridNetwork) => string] => [label, ({ group }) => valueName(summary.groups[group]?.values[axis])]),
    ['Seed', ({ seed }) => String(seed)],
    ['Parameters', ({ parameterCount }) => (parameterCount > 0 ? formatCount(parameterCount) : '–')],
    ['Validation loss', ({ validationLoss }) => formatNumber(validationLoss)],
    ['Training loss', ({ trainLoss }) => formatNumber(trainLoss)],
    ...metrics.map((name): [string, (network: GridNetwork) => string] => [metricLabel(name), (network) => metricNumber(name, network.metrics[name]) ?? '–']),
    ['Epochs', ({ epochs, status }) => (status === 'completed' ? String(epochs) : `${epochs}, ${status}`)],
    ['Time', ({ seconds }) => formatDuration(seconds)],
  ];
  const rows = networks
    .slice(0, mostRows)
    .map(
      (network) =>
        html`<tr><th scope="row">${network.name}</th>${columns.map(([label, value]) => html`<td data-label="${label}">${value(network)}</td>`)}</tr>`,
    );
  const body = html`<h2>All networks</h2>
<p>By rising validation loss${networks.length > mostRows ? `, the first ${mostRows} of ${formatCount(networks.length)}` : ''}; <code>table.csv</code> beside this page has ${networks.length > mostRows ? 'all of them' : 'them'} with more columns, and each point of the grid has a directory with a report of its own.</p>
${failures.length > 0 ? html`<ul class="notes">${failures.map((failure) => html`<li>Failed: ${failure}</li>`)}</ul>` : null}
<details${networks.length <= 12 ? html` open` : null}><summary>${formatPlural(networks.length, 'network')}${models.length > 1 ? ` of ${models.length} models` : ''}</summary><table class="runs"><thead><tr><th scope="col">Model</th>${columns.map(([label]) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table></details>`;
  return { id: 'networks', short: 'Networks', body };
}

/** Loss after every epoch: a panel for each model and group, all with the same limits. */
export function learningSection(summary: GridSummary): Section {
  const { models, groups, networks } = summary;
  const constant = groups.map(({ summary: analysed }) => analysed?.constantLoss ?? null).find((loss) => loss !== null) ?? null;
  const { low, high } = lossLimits(networks, constant);
  const cells = models
    .flatMap((name, model) => groups.map(({ label }, group) => ({ name, model, label, group, seeds: networksOf(summary, model, group) })))
    .filter(({ seeds }) => seeds.some(({ curves }) => curves.epoch.length > 0));
  const panels = cells.slice(0, mostPanels).map(({ name, label, seeds }) => {
    const curves: Curve[] = [
      { ...overSeeds(seeds, 'trainLoss'), kind: 'train' },
      {
        ...overSeeds(seeds, 'validationLoss'),
        kind: 'validation',
        end: formatNumber(logSpreadOf(seeds.map(({ validationLoss }) => validationLoss))?.mean ?? null),
      },
    ];
    const last = Math.max(1, ...(curves[1]?.xs ?? []));
    const reference: Curve[] = constant === null ? [] : [{ xs: [1, last], ys: [constant, constant], kind: 'reference' }];
    const title = label === '' ? name : `${name}, ${label}`;
    return panel(
      title,
      formatPlural(seeds.length, 'seed'),
      curveFigure([...reference, ...curves], {
        describes: `Loss of ${title} over ${last} epochs`,
        xLabel: 'training time (epoch)',
        yLabel: 'loss (dimensionless)',
        logarithmic: true,
        limits: [low, high],
        whole: true,
        right: 58,
      }),
    );
  });
  const several = seedsNote(summary) > 1;
  const body = html`<h2>How they learned</h2>
<figure><ul class="legend"><li>${legendLine('validation')} validation</li><li>${legendLine('train')} training</li>${constant === null ? null : html`<li>${legendLine('reference')} best constant answer, ${formatNumber(constant)}</li>`}</ul>
<div class="figures columns" style="--columns:${Math.min(4, groups.length)}">${panels}</div>
<figcaption><b>Loss after every epoch, on a logarithmic axis that all panels share.</b> ${several ? 'Lines: geometric mean over seeds. Bands: 95\u202f% t interval of that mean, on the logarithm of the loss; with few seeds it is wide. ' : ''}A curve that ends at the dotted line has learned no more than a constant answer.${cells.length > mostPanels ? ` The first ${mostPanels} of ${cells.length} combinations are drawn.` : ''}</figcaption></figure>`;
  return { id: 'learning', short: 'Learning', body };
}

/** Mean and band of a loss over seeds, at epochs spread evenly. */
function overSeeds(seeds: readonly GridNetwork[], loss: 'trainLoss' | 'validationLoss'): Pick<Curve, 'xs' | 'ys' | 'band'> {
  const last = Math.max(0, ...seeds.map(({ curves }) => curves.epoch.at(-1) ?? 0));
  const every = Math.max(1, Math.ceil(last / mostEpochs));
  const epochs = Array.from({ length: last }, (_, i) => i + 1).filter((epoch) => epoch % every === 0 || epoch === last || epoch === 1);
  const byEpoch = seeds.map(({ curves }) => new Map(curves.epoch.map((epoch, i) => [epoch, curves[loss][i]])));
  const spreads = epochs.map((epoch) => logSpreadOf(byEpoch.map((values) => values.get(epoch))));
  const ys = spreads.map((spread) => spread?.mean ?? null);
  if (seeds.length < 2) return { xs: epochs, ys };
  return { xs: epochs, ys, band: { low: spreads.map((spread) => spread?.low ?? Number.NaN), high: spreads.map((spread) => spread?.high ?? Number.NaN) } };
}

/** Validation loss over two axes, or over models and one axis; null where nothing spans two. */
export function heatSection(summary: GridSummary): Section | null {
  const { axes, models, groups } = summary;
  const lists = [
    ...axes.map(({ label, values }, axis) => ({
      label,
      names: values.map(valueName),
      of: ({ group }: GridNetwork) => values.findIndex((value) => valueName(value) === valueName(groups[group]?.values[axis])),
    })),
    ...(models.length > 1 ? [{ label: 'model', names: [...models], of: ({ model }: GridNetwork) => model }] : []),
  ].filter(({ names }) => names.length > 1);
  if (lists.length < 2) return null;
  // models take the rows where there is one axis besides
  const [rows, columns, ...rest] = (lists.length === 2 && models.length > 1 ? lists.toReversed() : lists) as [
    (typeof lists)[number],
    (typeof lists)[number],
    ...typeof lists,
  ];
  const others = rest.reduce<number[][]>((sets, { names }) => sets.flatMap((set) => names.map((_, i) => [...set, i])), [[]]);
  const at = (row: number, column: number, other: readonly number[]) =>
    logSpreadOf(
      summary.networks
        .filter((network) => rows.of(network) === row && columns.of(network) === column && rest.every((list, i) => list.of(network) === other[i]))
        .map(({ validationLoss }) => validationLoss),
    );
  const all = others
    .flatMap((other) => rows.names.flatMap((_, row) => columns.names.map((_, column) => at(row, column, other)?.mean ?? null)))
    .filter((value) => value !== null);
  const panels = others.slice(0, mostPanels).map((other) => {
    const title = rest.map(({ label, names }, i) => `${label} ${names[other[i] as number]}`).join(', ') || 'Validation loss';
    return panel(
      title,
      null,
      matrixFigure({
        describes: `Validation loss by ${rows.label} and ${columns.label}`,
        rows: rows.names,
        columns: columns.names,
        values: rows.names.map((_, row) => columns.names.map((_, column) => at(row, column, other)?.mean ?? null)),
        rowLabel: rows.label,
        columnLabel: columns.label,
        valueLabel: 'validation loss (dimensionless)',
        ...(all.length > 0 ? { low: Math.min(...all), high: Math.max(...all) } : {}),
        format: (value) => formatNumber(value, 3),
        below: (row, column) => {
          const spread = at(row, column, other);
          return spread === null || spread.count < 2 ? null : `${formatNumber(spread.low, 2)} to ${formatNumber(spread.high, 2)}`;
        },
        says: (row, column) => formatPlural(at(row, column, other)?.count ?? 0, 'network'),
      }),
    );
  });
  const body = html`<h2>What the loss depends on</h2>
<figure><div class="figures">${panels}</div>
<figcaption><b>Validation loss at the end of training, geometric mean over seeds.</b>${seedsNote(summary) > 1 ? ' Below it the 95\u202f% t interval of that mean, on the logarithm.' : ''} Each network is validated on trials like those that it trained on, so that noisier trials give higher losses by themselves.</figcaption></figure>`;
  return { id: 'heat', short: 'Loss', body };
}

/** Tests in other conditions: a matrix for each model and score, groups against conditions; null without tests. */
export function testSection(summary: GridSummary): Section | null {
  const { models, groups, networks } = summary;
  const tests = [...new Map(networks.flatMap(({ tests: done }) => done.map((test) => [test.name, test] as const))).values()];
  if (tests.length === 0) return null;
  const scores = ['loss', ...new Set(tests.flatMap(({ metrics }) => Object.keys(metrics)))];
  const scoreOf = (network: GridNetwork, name: string, score: string) => {
    const test = network.tests.find((each) => each.name === name);
    return test ? (score === 'loss' ? test.loss : (test.metrics[score] ?? null)) : null;
  };
  const constants = tests.map(({ constantLoss }) => constantLoss);
  const constant = constants.every((value) => value !== null && value === constants[0]) ? (constants[0] ?? null) : null;
  const ideal = tests.every((test) => test.ideal !== null);
  const idealOf = (test: GridTest, score: string) => (score === 'loss' ? test.ideal?.loss : test.ideal?.metrics[score]) ?? null;
  const parts = scores.map((score) => {
    const spreads = models.map((_, model) =>
      groups.map((_, group) => tests.map(({ name }) => spreadOf(networksOf(summary, model, group).map((network) => scoreOf(network, name, score))))),
    );
    const floor = ideal && tests.every((test) => idealOf(test, score) !== null) ? tests.map((test) => idealOf(test, score)) : null;
    const means = [...spreads.flat(2).map((spread) => spread?.mean ?? null), ...(floor ?? [])].filter((mean) => mean !== null);
    const share = score === 'bitAccuracy' || score === 'trialAccuracy';
    const [low, high] = score === 'bitAccuracy' ? [0.5, 1] : score === 'trialAccuracy' ? [0, 1] : [Math.min(...means), Math.max(...means)];
    const panels = models.map((model, i) =>
      panel(
        model,
        null,
        matrixFigure({
          describes: `${scoreName(score)} of ${model} by training and test condition`,
          rows: [...groups.map(({ label }) => label || 'trained'), ...(floor ? ['ideal observer'] : [])],
          columns: tests.map(({ name }) => name.replace('-', ' ')),
          values: [...groups.map((_, group) => tests.map((_, test) => spreads[i]?.[group]?.[test]?.mean ?? null)), ...(floor ? [floor] : [])],
          rowLabel: 'trained',
          columnLabel: 'tested',
          valueLabel: `${scoreName(score)} (dimensionless)`,
          ...(means.length > 0 ? { low, high } : {}),
          format: (value) => minus(share ? value.toFixed(3) : formatNumber(value, 3)),
          below: (group, test) => spreadText(spreads[i]?.[group]?.[test] ?? null),
          says: (group, test) => (group < groups.length ? formatPlural(spreads[i]?.[group]?.[test]?.count ?? 0, 'seed') : 'the same for every network'),
        }),
      ),
    );
    return html`<h3>${scoreTitle(score)}</h3><div class="figures">${panels}</div>`;
  });
  const trials = [...new Set(tests.map((test) => test.trials))];
  const body = html`<h2>Tested in other conditions</h2>
<figure>${parts}
<figcaption><b>Rows: how a network was trained; columns: how it was tested.</b> Mean over seeds, ± standard deviation. Every network sees the same ${trials.length === 1 ? formatCount(trials[0] as number) : ''} fresh trials of a condition, which none was trained on.${constant === null ? '' : ` The best constant answer has a loss of ${formatNumber(constant)} on them: a row that is flat near this number does not use its input, and is not robust.`}${ideal ? ' The ideal observer knows the statistics of the task and works out from the inputs so far how likely each bit is: on average no network can have a lower loss.' : ''}</figcaption></figure>`;
  return { id: 'tests', short: 'Tests', body };
}

function scoreName(score: string): string {
  return score === 'loss' ? 'loss' : score === 'bitAccuracy' ? 'share of bits right' : score === 'trialAccuracy' ? 'share of trials right' : metricLabel(score);
}

function scoreTitle(score: string): Markup {
  const words: Readonly<Record<string, string>> = {
    loss: 'Loss',
    bitAccuracy: 'Bits on the right side of one half, where the loss counts',
    trialAccuracy: 'Trials without a single wrong bit',
  };
  return html`${words[score] ?? metricLabel(score)}`;
}

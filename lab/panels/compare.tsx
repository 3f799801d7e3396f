// The losses of two networks on one chart, of this session or opened; an epoch under the pointer or the slider shows its values.
import { signal } from '@preact/signals';
import { formatNumber } from '../../src/report/format.js';
import { comparisonChart } from '../figures.js';
import type { Network } from '../run-record.js';
import { changes, runs } from '../state.js';
import { Drawing } from './training.js';

interface Choice {
  readonly key: string;
  readonly name: string;
  readonly network: Network;
}

const chosen = [signal(''), signal('')] as const;
/** Null: the last epoch that both have. */
const epoch = signal<number | null>(null);

const phone = matchMedia('(max-width: 46rem)');
const narrow = signal(phone.matches);
phone.addEventListener('change', () => {
  narrow.value = phone.matches;
});

export function ComparePanel() {
  void changes.value;
  const choices: Choice[] = runs.value.flatMap((run) =>
    run.networks
      .filter(({ rows }) => rows.length > 0)
      .map((network) => ({
        key: `${run.id}:${network.identity.path}`,
        name: `${network.identity.model}${run.experiment.seeds.length > 1 ? ` seed ${network.identity.seed}` : ''} · ${run.label}`,
        network,
      })),
  );
  return (
    <section id="compare" aria-labelledby="compare-head">
      <h2 id="compare-head">Two losses on one chart</h2>
      {choices.length < 2 ? (
        <p class="quiet empty">As soon as two networks have been trained or opened, their losses can be laid over each other here.</p>
      ) : (
        <Comparison choices={choices} />
      )}
    </section>
  );
}

function Comparison({ choices }: { choices: readonly Choice[] }) {
  const picked = chosen.map(({ value }, i) => choices.find(({ key }) => key === value) ?? choices.at(i === 0 ? -2 : -1)) as [Choice, Choice];
  const chart = comparisonChart([picked[0].name, picked[1].name], [picked[0].network, picked[1].network], narrow.value);
  const at = Math.min(epoch.value ?? Math.min(...picked.map(({ network }) => network.rows.length)), chart.lastEpoch);
  const point = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    epoch.value = chart.epochAt((event.clientX - box.left) / box.width);
  };
  return (
    <figure>
      <div class="row controls">
        {picked.map((choice, i) => (
          <div class="field" key={i}>
            <label for={`compare-${i}`}>
              <Swatch index={i} /> {i === 0 ? 'First' : 'Second'} network
            </label>
            <select id={`compare-${i}`} value={choice.key} onChange={(event) => ((chosen[i] as (typeof chosen)[0]).value = event.currentTarget.value)}>
              {choices.map(({ key, name }) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </select>
          </div>
        ))}
      </div>
      <div class="card">
        <ul class="legend">
          {picked.map(({ name }, i) => (
            <li key={i}>
              <Swatch index={i} /> {name}
            </li>
          ))}
          <li class="quiet">thin: training</li>
        </ul>
        <div class="overlay" onPointerMove={point} onPointerDown={point}>
          <Drawing markup={chart.svg} />
          <i class="cursor" style={{ left: percent(chart.at(at)), top: percent(chart.edges[0]), bottom: percent(1 - chart.edges[1]) }} />
        </div>
        <div class="field inline epoch">
          <label for="compare-epoch">Epoch</label>
          <input
            id="compare-epoch"
            type="range"
            min={1}
            max={chart.lastEpoch}
            step={1}
            value={at}
            onInput={(event) => (epoch.value = event.currentTarget.valueAsNumber)}
          />
          <output for="compare-epoch">{at}</output>
        </div>
        <table class="numbers" id="compare-values">
          <thead>
            <tr>
              <th scope="col">After epoch {at}</th>
              <th scope="col">Validation loss</th>
              <th scope="col">Training loss</th>
            </tr>
          </thead>
          <tbody>
            {picked.map(({ name, network }, i) => (
              <tr key={i}>
                <th scope="row">
                  <Swatch index={i} /> {name}
                </th>
                <td>{formatNumber(network.rows[at - 1]?.validationLoss)}</td>
                <td>{formatNumber(network.rows[at - 1]?.trainLoss)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption>
        <b>Loss after every epoch of two networks, on a logarithmic axis.</b> Move the pointer over the chart, or the slider, to read the values of an epoch.
        Losses compare only where task and loss are the same.
      </figcaption>
    </figure>
  );
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

function Swatch({ index }: { index: number }) {
  return (
    <svg class="line-swatch" viewBox="0 0 28 10" aria-hidden="true">
      <path class={index === 0 ? 'first' : 'second'} d="M1,5H27" />
    </svg>
  );
}

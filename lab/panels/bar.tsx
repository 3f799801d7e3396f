// The bar that stays in sight: what would run or runs, how far it is, and the buttons that start and stop it.
import { signal, useSignalEffect } from '@preact/signals';
import { formatDuration, formatNumber } from '../../src/report/format.js';
import { progress } from '../bench.js';
import { progressOf, type RunRecord } from '../run-record.js';
import { changes, draft, experiment, running, runs, shownId, start, stop, stopping } from '../state.js';

/** What screen readers hear: seldom, or they would speak of nothing else. */
const spoken = signal('');
const speakEveryMs = 10_000;
let lastSpoken = Number.NEGATIVE_INFINITY;
let following = false;

export function Bar() {
  useSignalEffect(speak);
  void changes.value;
  const run = running.value;
  const next = experiment.value;
  const share = run ? overallShare(run) : 0;
  return (
    <section class="bar" aria-label="The run">
      <div>
        <p class="bar-text">
          {run ? (
            statusText(run)
          ) : next ? (
            <NextRun />
          ) : (
            `${draft.value.problems.length === 1 ? 'One problem' : `${draft.value.problems.length} problems`} to solve before this can run`
          )}
        </p>
        {run ? null : <LastRun />}
        {run ? <progress aria-label="Progress of the run" max={1} value={share} /> : null}
        <p class="unseen" role="status" id="spoken">
          {spoken.value}
        </p>
      </div>
      {run ? (
        <button type="button" class="main" onClick={stop} disabled={stopping.value || run.status === 'analysing'}>
          {stopping.value ? 'Stopping …' : 'Stop'}
        </button>
      ) : (
        <button
          type="button"
          class="main"
          disabled={next === null || progress.value !== null}
          onClick={() => {
            start();
            document.getElementById('training')?.scrollIntoView();
          }}
        >
          Run
        </button>
      )}
    </section>
  );
}

function NextRun() {
  const next = experiment.value;
  if (!next) return null;
  return (
    <>
      <b>{next.name}</b> <span class="quiet">{next.models.map(({ name }) => name).join(', ')}</span>
    </>
  );
}

/** How the last run of this session ended. */
function LastRun() {
  void changes.value;
  const last = runs.value.findLast(({ opened }) => !opened);
  if (!last) return null;
  const seconds = last.networks.reduce((sum, { rows }) => sum + rows.reduce((total, row) => total + row.seconds, 0), 0);
  return (
    <p class="bar-last quiet">
      Last run {last.status}, {formatDuration(seconds)} of training.{' '}
      {last.status === 'complete' && shownId.value === last.id ? <a href="#report">See its report</a> : null}
    </p>
  );
}

/** Training is nine tenths of it, the comparison of the networks the last one. */
function overallShare(run: RunRecord): number {
  return 0.9 * progressOf(run).share + (run.status === 'analysing' ? 0.1 * run.analysed : 0);
}

/** `GRU-64, epoch 12 of 28, validation loss 0.043, about 20 s left`. */
export function statusText(run: RunRecord): string {
  if (run.status === 'starting') return 'Starting the worker and its backend …';
  if (run.status === 'analysing') return `Comparing the networks: ${Math.round(100 * run.analysed)} %`;
  if (run.status !== 'training') return '';
  const { network, left } = progressOf(run);
  if (!network) return 'Preparing the next network …';
  const last = network.rows.at(-1);
  const name = run.experiment.seeds.length > 1 ? `${network.identity.model}, seed ${network.identity.seed}` : network.identity.model;
  if (!last) return `${name}, first of ${network.epochs} epochs …`;
  const time = left === null ? '' : `, about ${formatDuration(left)} left${run.networks.some(({ state }) => state === 'waiting') ? ' for this network' : ''}`;
  return `${name}, epoch ${network.rows.length} of ${network.epochs}, validation loss ${formatNumber(last.validationLoss)}${time}`;
}

const ends: Readonly<Record<string, string>> = {
  complete: 'The run is complete; its report is below.',
  stopped: 'The run was stopped.',
  failed: 'The run failed.',
};

/** Says how it goes every ten seconds, and at once when a run ends; the tab's title says it, too. */
function speak(): void {
  void changes.value;
  const run = running.value;
  document.title = run ? `${Math.floor(100 * overallShare(run))} % · ${run.experiment.name} · motorloop lab` : 'motorloop lab';
  if (run) {
    following = true;
    if (performance.now() - lastSpoken < speakEveryMs) return;
    lastSpoken = performance.now();
    spoken.value = statusText(run);
  } else if (following) {
    following = false;
    lastSpoken = Number.NEGATIVE_INFINITY;
    spoken.value = ends[runs.value.at(-1)?.status ?? ''] ?? '';
  }
}

// One experiment as the lab knows it, trained here or opened from files: its networks, their curves, its directory. Fed by the events of a job.
import type { Experiment } from '../src/config/experiment.js';
import type { BackendDescription } from '../src/backends/backend.js';
import type { Files, JobEvent } from '../src/browser/client.js';
import type { MetricsRow } from '../src/runs/metrics.js';
import type { RunIdentity } from '../src/training/events.js';

/** One network of an experiment: one model, one seed. */
export interface Network {
  readonly identity: RunIdentity;
  /** Epochs asked for. */
  readonly epochs: number;
  readonly parameterCount: number | null;
  rows: MetricsRow[];
  state: 'waiting' | 'training' | 'ended';
}

export type RunStatus = 'starting' | 'training' | 'analysing' | 'complete' | 'stopped' | 'failed';

export interface RunRecord {
  readonly id: number;
  /** What tells it from others in lists: the experiment's name and when it began, or the file that it came from. */
  readonly label: string;
  /** Made elsewhere. */
  readonly opened: boolean;
  readonly experiment: Experiment;
  readonly networks: Network[];
  status: RunStatus;
  backend: BackendDescription | null;
  /** Share of the analysis, 0 to 1. */
  analysed: number;
  readonly warnings: string[];
  error: string | null;
  files: Files;
}

/** The networks of an experiment before anything has happened. */
export function waitingNetworks(experiment: Experiment): Network[] {
  return experiment.models.flatMap((model) =>
    experiment.seeds.map((seed) => ({
      identity: { model: model.name, seed, path: `${model.name}/seed-${seed}` },
      epochs: model.training.epochs,
      parameterCount: null,
      rows: [],
      state: 'waiting' as const,
    })),
  );
}

/** Takes in what a job says. */
export function applyEvent(run: RunRecord, event: JobEvent): void {
  switch (event.type) {
    case 'backend':
      run.backend = event.backend;
      break;
    case 'plan':
      run.status = 'training';
      replaceNetwork(run, event.run, (network) => ({
        ...network,
        epochs: event.epochs,
        parameterCount: event.parameterCount,
        rows: network.rows.slice(0, event.startEpoch),
        state: 'training',
      }));
      break;
    case 'epoch': {
      const { type: _type, run: identity, ...row } = event;
      networkOf(run, identity)?.rows.push(row);
      break;
    }
    case 'warning':
      run.warnings.push(`${event.run.model}, seed ${event.run.seed}: ${event.message}`);
      break;
    case 'done':
      replaceNetwork(run, event.run, (network) => ({ ...network, state: 'ended' }));
      break;
    case 'analysis':
      run.status = 'analysing';
      run.analysed = event.share;
      break;
  }
}

function networkOf(run: RunRecord, { path }: RunIdentity): Network | undefined {
  return run.networks.find(({ identity }) => identity.path === path);
}

function replaceNetwork(run: RunRecord, identity: RunIdentity, change: (network: Network) => Network): void {
  const at = run.networks.findIndex((network) => network.identity.path === identity.path);
  if (at >= 0) run.networks[at] = change(run.networks[at] as Network);
}

export interface Progress {
  /** Share of all epochs that are done, 0 to 1. */
  readonly share: number;
  /** The network that trains now. */
  readonly network: Network | null;
  /** Seconds until it is done at the pace of its last epochs; null before the first. */
  readonly left: number | null;
}

// Epochs differ in length on a busy machine: the estimate rests on the last few.
const estimateEpochs = 8;

export function progressOf(run: RunRecord): Progress {
  const total = run.networks.reduce((sum, { epochs }) => sum + epochs, 0);
  const done = run.networks.reduce((sum, { state, epochs, rows }) => sum + (state === 'ended' ? epochs : rows.length), 0);
  const network = run.networks.find(({ state }) => state === 'training') ?? null;
  const recent = network?.rows.slice(-estimateEpochs) ?? [];
  const pace = recent.reduce((sum, { seconds }) => sum + seconds, 0) / recent.length;
  return { share: total > 0 ? done / total : 0, network, left: network && recent.length > 0 ? pace * (network.epochs - network.rows.length) : null };
}

/** Seconds a training step took, per epoch, validation included. */
export function stepSeconds(rows: readonly MetricsRow[]): number[] {
  return rows.map(({ seconds, step }, i) => seconds / Math.max(1, step - (rows[i - 1]?.step ?? 0)));
}

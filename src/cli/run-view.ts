// What a person sees of a running experiment: a line per network as it starts and ends, one changing line in between, a table at the end.
import type { DoneEvent, EpochEvent, PlanEvent, RunIdentity, TrainingEvent } from '../training/events.js';
import { byteSize, duration, sparkline } from './progress.js';
import type { CommandContext } from './shared.js';
import { table } from './table.js';

/** How one network ended: a row of the table and of the machine-readable result. */
export interface RunRow {
  readonly model: string;
  readonly seed: number;
  readonly path: string;
  readonly parameterCount: number;
  readonly status: DoneEvent['reason'];
  readonly epochs: number;
  readonly trainLoss: number | null;
  readonly validationLoss: number | null;
  readonly best: DoneEvent['best'];
  readonly metrics: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const SPARKLINE_WIDTH = 16;
// Epochs differ in length on a busy machine: the estimate rests on the last few.
const ESTIMATE_EPOCHS = 8;

export class RunView {
  readonly rows: RunRow[] = [];
  readonly #context: CommandContext;
  readonly #total: number;
  #plan: PlanEvent | null = null;
  #epochs: EpochEvent[] = [];

  /** `total`: how many networks the experiment trains. */
  constructor(context: CommandContext, total: number) {
    this.#context = context;
    this.#total = total;
  }

  handle(event: TrainingEvent): void {
    if (event.type === 'plan') this.#start(event);
    else if (event.type === 'epoch') this.#progress(event);
    else if (event.type === 'warning') this.#context.warn(`${this.#label(event.run)}: ${event.message}`);
    else if (event.type === 'done') this.#end(event);
  }

  #label(run: RunIdentity): string {
    return `${run.model} (seed ${run.seed})`;
  }

  #start(plan: PlanEvent): void {
    this.#plan = plan;
    this.#epochs = [];
    const facts = [
      `${grouped(plan.parameterCount)} parameters`,
      `${grouped(plan.trainingTrials)} + ${grouped(plan.validationTrials)} trials`,
      `${plan.epochs} epochs of ${plan.batchesPerEpoch} ${plan.batchesPerEpoch === 1 ? 'batch' : 'batches'}`,
      `about ${byteSize(plan.memoryBytes)} of memory`,
      ...(plan.startEpoch > 0 ? [`resumed after epoch ${plan.startEpoch}`] : []),
    ];
    this.#context.print(`[${this.rows.length + 1}/${this.#total}] ${this.#label(plan.run)}: ${facts.join(' · ')}`);
  }

  #progress(event: EpochEvent): void {
    this.#epochs.push(event);
    const recent = this.#epochs.slice(-ESTIMATE_EPOCHS);
    const left = ((this.#plan?.epochs ?? event.epoch) - event.epoch) * (recent.reduce((sum, { seconds }) => sum + seconds, 0) / recent.length);
    const parts = [
      `[${this.rows.length + 1}/${this.#total}] ${event.run.model}`,
      `epoch ${event.epoch}/${this.#plan?.epochs ?? event.epoch}`,
      `loss ${lossText(event.trainLoss)}`,
      `validation ${lossText(event.validationLoss)} ${sparkline(
        this.#epochs.map(({ validationLoss }) => validationLoss),
        SPARKLINE_WIDTH,
      )}`,
      `${duration(left)} left`,
    ];
    this.#context.progress.update(parts.join('  '), event.epoch === this.#plan?.epochs);
  }

  #end({ run, reason, epoch, best, seconds }: DoneEvent): void {
    const last = this.#epochs.at(-1);
    this.rows.push({
      model: run.model,
      seed: run.seed,
      path: run.path,
      parameterCount: this.#plan?.parameterCount ?? 0,
      status: reason,
      epochs: epoch,
      trainLoss: last?.trainLoss ?? null,
      validationLoss: last?.validationLoss ?? null,
      best,
      metrics: last?.metrics ?? {},
      seconds,
    });
    const loss = last ? `, validation loss ${lossText(last.validationLoss)}` : '';
    this.#context.print(`      ${reason} after ${epoch} epochs in ${duration(seconds)}${loss}`);
  }

  /** The table of all networks. */
  summary(): string[] {
    const metricNames = [...new Set(this.rows.flatMap(({ metrics }) => Object.keys(metrics)))];
    const header = ['model', 'seed', 'parameters', 'epochs', 'train loss', 'validation loss', 'best', ...metricNames, 'time'];
    const rows = this.rows.map((row) => [
      row.model,
      String(row.seed),
      grouped(row.parameterCount),
      row.status === 'completed' ? String(row.epochs) : `${row.epochs} (${row.status})`,
      lossText(row.trainLoss),
      lossText(row.validationLoss),
      row.best ? `${lossText(row.best.validationLoss)} at ${row.best.epoch}` : '',
      ...metricNames.map((name) => row.metrics[name]?.toFixed(4) ?? ''),
      duration(row.seconds),
    ]);
    return table(
      header,
      rows,
      header.filter((name) => name !== 'model'),
    );
  }
}

/** Four significant digits, enough to compare two runs. */
function lossText(loss: number | null): string {
  return loss === null ? '' : loss.toPrecision(4);
}

/** Thousands apart: 51 587. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

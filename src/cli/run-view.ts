// What a person sees of a running experiment: a line per network as it starts and ends, one changing line in between.
import { styled } from '../platform/terminal.js';
import { metricText } from '../report/metric-text.js';
import type { DoneEvent, EpochEvent, PlanEvent, RunIdentity, TrainingEvent } from '../training/events.js';
import { byteSize, duration, grouped, lossText, sparkline } from './numbers.js';
import type { CommandContext } from './shared.js';

const SPARKLINE_WIDTH = 16;
// Epochs differ in length on a busy machine: the estimate rests on the last few.
const ESTIMATE_EPOCHS = 8;

export class RunView {
  readonly #context: CommandContext;
  readonly #total: number;
  #done = 0;
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
    else if (event.type === 'warning') this.#context.warn(`${label(event.run)}: ${event.message}`);
    else if (event.type === 'done') this.#end(event);
  }

  /** `[2/3]`: which of the networks this is. */
  get #place(): string {
    return `[${this.#done + 1}/${this.#total}]`;
  }

  #start(plan: PlanEvent): void {
    this.#plan = plan;
    this.#epochs = [];
    const trials = `${grouped(plan.trainingTrials)} trials to train on, ${grouped(plan.validationTrials)} to validate`;
    const epochs = `${plan.epochs} ${plan.epochs === 1 ? 'epoch' : 'epochs'} of ${plan.batchesPerEpoch} ${plan.batchesPerEpoch === 1 ? 'batch' : 'batches'}`;
    const resumed = plan.startEpoch > 0 ? `, resumed after epoch ${plan.startEpoch}` : '';
    this.#context.print(
      `${this.#place} ${styled('bold', label(plan.run))}: ${grouped(plan.parameterCount)} parameters, about ${byteSize(plan.memoryBytes)} of memory`,
    );
    this.#context.print(`      ${trials}, ${epochs}${resumed}`);
    if (plan.startEpoch < plan.epochs) this.#context.progress.update(`${this.#place} ${plan.run.model}  epoch ${plan.startEpoch + 1}/${plan.epochs} …`);
  }

  #progress(event: EpochEvent): void {
    const epochs = this.#plan?.epochs ?? event.epoch;
    this.#epochs.push(event);
    const recent = this.#epochs.slice(-ESTIMATE_EPOCHS);
    const left = ((epochs - event.epoch) * recent.reduce((sum, { seconds }) => sum + seconds, 0)) / recent.length;
    const validation = this.#epochs.map(({ validationLoss }) => validationLoss);
    // A narrow terminal cuts the end of the line: what matters least comes last.
    const error = endPointError(event);
    const parts = [
      `${this.#place} ${event.run.model}`,
      `epoch ${event.epoch}/${epochs}`,
      `${duration(left)} left`,
      ...(error ? [`end-point error ${error}`] : []),
      `loss ${lossText(event.trainLoss)}`,
      `validation ${lossText(event.validationLoss)} ${sparkline(validation, SPARKLINE_WIDTH)}`,
    ];
    this.#context.progress.update(parts.join('  '), event.epoch === epochs);
  }

  #end({ reason, epoch, seconds }: DoneEvent): void {
    const last = this.#epochs.at(-1);
    const loss = last ? `, validation loss ${lossText(last.validationLoss)}` : '';
    const error = last && endPointError(last) ? `, end-point error ${endPointError(last)}` : '';
    this.#context.print(`      ${reason} after ${epoch} epochs in ${duration(seconds)}${loss}${error}`);
    this.#done++;
  }
}

/** How near a reaching network comes to its targets, e.g. `2.31 cm`; empty for other tasks. */
function endPointError({ metrics }: EpochEvent): string {
  return metricText('endPointError', metrics.endPointError);
}

function label(run: RunIdentity): string {
  return `${run.model} (seed ${run.seed})`;
}

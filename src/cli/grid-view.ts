// What a person sees of a running grid: a line for each network as it ends, and below them one changing line a worker.
import type { Grid } from '../config/grid.js';
import type { GridPlan } from '../jobs/grid/run-grid.js';
import type { GridUnit, UnitContext } from '../jobs/grid/unit.js';
import { styled } from '../platform/terminal.js';
import { duration, lossText, sparkline } from './numbers.js';
import type { CommandContext } from './shared.js';

const sparklineWidth = 12;

interface Lane {
  readonly title: string;
  readonly started: number;
  text: string;
  epochs: number;
  losses: number[];
}

export class GridView {
  readonly #context: CommandContext;
  readonly #grid: Grid;
  #plan: GridPlan = { runs: 0, complete: 0, reports: 0, workers: 0 };
  readonly #lanes: (Lane | null)[] = [];
  readonly #started = performance.now();
  #done = 0;
  #failed = 0;
  #best: { name: string; loss: number } | null = null;

  constructor(context: CommandContext, grid: Grid) {
    this.#context = context;
    this.#grid = grid;
  }

  plan(plan: GridPlan, threads: number): void {
    this.#plan = plan;
    const { runs, complete, workers } = plan;
    const points = this.#grid.points.length;
    const before = complete > 0 ? `, ${complete} of them complete already` : '';
    const how = workers === 0 ? '' : `; ${workers} ${workers === 1 ? 'worker' : 'workers'} of ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    this.#context.print(`${points} ${points === 1 ? 'point' : 'points'}, ${runs} ${runs === 1 ? 'network' : 'networks'}${before}${how}`);
  }

  start(worker: number, unit: GridUnit): void {
    this.#lanes[worker] = {
      title: this.#title(unit),
      started: performance.now(),
      text: unit.kind === 'run' ? 'starts' : 'compares its networks',
      epochs: 0,
      losses: [],
    };
    this.#show(worker);
  }

  handle(worker: number, event: Parameters<UnitContext['onEvent']>[0]): void {
    const lane = this.#lanes[worker];
    if (!lane) return;
    if (event.type === 'plan') lane.epochs = event.epochs;
    else if (event.type === 'analysis') lane.text = `compares its networks: ${Math.round(100 * event.share)}%`;
    else if (event.type === 'warning') this.#context.warn(`${lane.title}: ${event.message}`);
    else if (event.type === 'epoch') {
      lane.losses.push(event.validationLoss);
      lane.text = `epoch ${event.epoch}/${lane.epochs}  validation ${lossText(event.validationLoss)} ${sparkline(lane.losses, sparklineWidth)}`;
    }
    this.#show(worker);
  }

  end(worker: number, unit: GridUnit, error: unknown): void {
    const lane = this.#lanes[worker];
    this.#lanes[worker] = null;
    if (unit.kind === 'run') this.#done++;
    if (error !== null) {
      this.#failed++;
      this.#context.warn(`${this.#title(unit)} failed: ${error instanceof Error ? error.message : String(error)}`);
    } else if (unit.kind === 'run' && lane && !this.#context.signal.aborted) {
      const loss = lane.losses.at(-1) ?? Number.NaN;
      if (loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY)) this.#best = { name: lane.title, loss };
      const seconds = (performance.now() - lane.started) / 1000;
      this.#context.print(
        `${this.#place} ${styled('bold', lane.title)}: ${Number.isNaN(loss) ? 'done' : `validation loss ${lossText(loss)}`}, ${duration(seconds)}`,
      );
    }
    this.#show(worker);
  }

  #title(unit: GridUnit): string {
    const { folder } = this.#grid.points[unit.point] as Grid['points'][number];
    return unit.kind === 'run' ? `${folder} ${unit.run.replace('/seed-', ', seed ')}` : `${folder} report`;
  }

  /** `[7/12]`: networks that are done, those of earlier sessions included. */
  get #place(): string {
    return `[${this.#plan.complete + this.#done}/${this.#plan.runs}]`;
  }

  #show(worker: number): void {
    const left = this.#plan.runs - this.#plan.complete - this.#done;
    const seconds = (performance.now() - this.#started) / 1000;
    const rest = this.#done > 0 && left > 0 ? `, about ${duration((seconds / this.#done) * left)} left` : '';
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    const best = this.#best ? `; best ${lossText(this.#best.loss)}: ${this.#best.name}` : '';
    const lines = this.#lanes.map((lane, i) => (lane ? `  ${i + 1}  ${lane.title}: ${lane.text}` : `  ${i + 1}  idle`));
    this.#context.progress.lines([`${this.#place}${rest}${failed}${best}`, ...lines], worker + 1);
  }
}

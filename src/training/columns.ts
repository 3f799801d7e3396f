// The trials on the backend: every array of the data set in whole, and the micro-batch gathered from it.
import type { KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import { sizeOf, view, type Workspace } from '../rollout/workspace.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { weightChannels } from './loss.js';

/** The arrays of a micro-batch of b trials; null where task or trials have none. */
export interface TrialBatch {
  /** [b, T, I]. */
  readonly inputs: KernelArgument;
  /** [b, T, O]. */
  readonly targets: KernelArgument;
  /** [b, T, O or 1]. */
  readonly weights: KernelArgument | null;
  /** Closed loop: [b, 4]. */
  readonly joints: KernelArgument | null;
  /** Closed loop: [b, T, 2]. */
  readonly endpointLoads: KernelArgument | null;
  readonly jointLoads: KernelArgument | null;
}

/** A set of trials, or only its sizes while none exist: then every array that the task allows counts. */
export type TrialSizes = Pick<TrialSet, 'trials' | 'steps'> | TrialSet;

/** Shape of one trial in every array that training with this task puts on the backend. `weighted`: the task's own loss is used. */
export function columnShapes(task: Task, set: TrialSizes, weighted: boolean): Partial<Record<keyof TrialBatch, readonly number[]>> {
  const { steps } = set;
  const exists = (name: 'endpointLoads' | 'jointLoads') => task.plant !== undefined && (!('inputs' in set) || set[name] !== undefined);
  return {
    inputs: [steps, task.inputSize],
    targets: [steps, task.outputSize],
    ...(weighted ? { weights: [steps, weightChannels(task.loss, task.outputSize)] } : {}),
    ...(task.plant ? { joints: [4] } : {}),
    ...(exists('endpointLoads') ? { endpointLoads: [steps, 2] } : {}),
    ...(exists('jointLoads') ? { jointLoads: [steps, 2] } : {}),
  };
}

interface Column {
  readonly all: KernelArgument;
  readonly batch: KernelArgument;
}

/** Every array of a data set on the backend. */
export class TrialColumns {
  readonly #workspace: Workspace;
  readonly #task: Task;
  readonly #weighted: boolean;
  readonly #columns: Readonly<Partial<Record<keyof TrialBatch, Column>>>;

  /** `pass`: most trials of a micro-batch; `weighted`: the task's own loss is used. Throws ShapeError for a closed loop whose trials do not say where the body starts. */
  constructor(workspace: Workspace, task: Task, set: TrialSet, pass: number, weighted: boolean) {
    if (task.plant && !set.joints) throw new ShapeError(`task ${task.name}: expected initial joint states [${set.trials}, 4] in its trials, got none`);
    this.#workspace = workspace;
    this.#task = task;
    this.#weighted = weighted;
    const arrays = this.#arrays(set);
    this.#columns = Object.fromEntries(
      Object.entries(columnShapes(task, set, arrays.weights !== undefined)).map(([name, shape]) => [
        name,
        { all: workspace.allocate([set.trials, ...shape]), batch: workspace.allocate([pass, ...shape]) },
      ]),
    );
    this.load(set);
  }

  /** Takes other trials in place of those so far. Throws ShapeError unless they have the same arrays of the same sizes. */
  load(set: TrialSet): void {
    const arrays = this.#arrays(set);
    const names = new Set([...Object.keys(arrays), ...Object.keys(this.#columns)]) as Set<keyof TrialBatch>;
    for (const name of names) {
      const [column, values] = [this.#columns[name], arrays[name]];
      if (!column || values?.length !== sizeOf(column.all.shape)) {
        const expected = column ? `${name} [${column.all.shape.join(', ')}]` : `no ${name}, as before`;
        throw new ShapeError(`task ${this.#task.name}: expected trials with ${expected}, got ${values ? `${values.length} numbers` : 'none'}`);
      }
      this.#workspace.backend.write(column.all.buffer, values);
    }
  }

  /** What goes to the backend. */
  #arrays(set: TrialSet): Partial<Record<keyof TrialBatch, Float32Array>> {
    const { plant, loss } = this.#task;
    const weights = this.#weighted ? loss.weights(set) : null;
    const { inputs, targets, joints, endpointLoads, jointLoads } = set;
    const body = plant ? { joints, ...(endpointLoads ? { endpointLoads } : {}), ...(jointLoads ? { jointLoads } : {}) } : {};
    return { inputs, targets, ...(weights ? { weights } : {}), ...(body as Partial<Record<keyof TrialBatch, Float32Array>>) };
  }

  /** The rows that belong to these trials; valid until the next call. */
  gather(trialIndices: KernelArgument): TrialBatch {
    const rows = trialIndices.shape[0] as number;
    const batch = (name: keyof TrialBatch): KernelArgument | null => {
      const column = this.#columns[name];
      if (!column) return null;
      const { all, batch } = column;
      const length = sizeOf(all.shape.slice(1));
      const args = { x: view(all, [all.shape[0] as number, length]), index: trialIndices, y: view(batch, [rows, length]) };
      this.#workspace.backend.run('gather', { args });
      return view(batch, [rows, ...batch.shape.slice(1)]);
    };
    return {
      inputs: batch('inputs') as KernelArgument,
      targets: batch('targets') as KernelArgument,
      weights: batch('weights'),
      joints: batch('joints'),
      endpointLoads: batch('endpointLoads'),
      jointLoads: batch('jointLoads'),
    };
  }
}

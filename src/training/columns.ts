// The trials on the backend: every array of the data set in whole, and the micro-batch gathered from it. An array larger than the backend allows stays on
// the host, and its rows travel micro-batch by micro-batch.
import type { Backend, KernelArgument } from '../backends/backend.js';
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
  /** On the backend, or on the host where that is too large. */
  all: KernelArgument | Float32Array;
  /** One micro-batch [pass, …]. */
  readonly batch: KernelArgument;
}

/** Whether an array of all trials fits into one of the backend. */
export function fitsBackend({ arrayLimit = Number.POSITIVE_INFINITY }: Backend, trials: number, shape: readonly number[]): boolean {
  return 4 * trials * sizeOf(shape) <= arrayLimit;
}

/** Every array of a data set on the backend. */
export class TrialColumns {
  readonly #workspace: Workspace;
  readonly #task: Task;
  readonly #weighted: boolean;
  readonly #trials: number;
  readonly #columns: Readonly<Partial<Record<keyof TrialBatch, Column>>>;

  /** `pass`: most trials of a micro-batch; `weighted`: the task's own loss is used. Throws ShapeError for a closed loop whose trials do not say where the body starts. */
  constructor(workspace: Workspace, task: Task, set: TrialSet, pass: number, weighted: boolean) {
    if (task.plant && !set.joints) throw new ShapeError(`task ${task.name}: expected initial joint states [${set.trials}, 4] in its trials, got none`);
    this.#workspace = workspace;
    this.#task = task;
    this.#weighted = weighted;
    this.#trials = set.trials;
    const arrays = this.#arrays(set);
    const shapes = Object.entries(columnShapes(task, set, arrays.weights !== undefined));
    // What kernels read together is allocated together: on a GPU it then lies in few buffers.
    const batches = shapes.map(([, shape]) => workspace.allocate([pass, ...shape]));
    this.#columns = Object.fromEntries(
      shapes.map(([name, shape], i) => [
        name,
        {
          all: fitsBackend(workspace.backend, set.trials, shape) ? workspace.allocate([set.trials, ...shape]) : new Float32Array(set.trials * sizeOf(shape)),
          batch: batches[i] as KernelArgument,
        },
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
      const shape = column ? [this.#trials, ...column.batch.shape.slice(1)] : [];
      if (!column || values?.length !== sizeOf(shape)) {
        const expected = column ? `${name} [${shape.join(', ')}]` : `no ${name}, as before`;
        throw new ShapeError(`task ${this.#task.name}: expected trials with ${expected}, got ${values ? `${values.length} numbers` : 'none'}`);
      }
      if (column.all instanceof Float32Array) column.all = values;
      else this.#workspace.backend.write(column.all.buffer, values);
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

  /** The rows that belong to the trials `indices`, which `trialIndices` holds on the backend; valid until the next call. */
  gather(trialIndices: KernelArgument, indices: Int32Array): TrialBatch {
    const rows = indices.length;
    const batch = (name: keyof TrialBatch): KernelArgument | null => {
      const column = this.#columns[name];
      if (!column) return null;
      const { all, batch } = column;
      const length = sizeOf(batch.shape.slice(1));
      const { backend } = this.#workspace;
      if (all instanceof Float32Array) backend.write(batch.buffer, rowsOf(all, indices, length));
      else backend.run('gather', { args: { x: view(all, [this.#trials, length]), index: trialIndices, y: view(batch, [rows, length]) } });
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

/** Rows of `length` numbers, one after the other. */
function rowsOf(all: Float32Array, indices: Int32Array, length: number): Float32Array {
  const rows = new Float32Array(indices.length * length);
  indices.forEach((index, row) => {
    rows.set(all.subarray(index * length, (index + 1) * length), row * length);
  });
  return rows;
}

// The trials on the backend: every array of the data set in whole, and the micro-batch gathered from it. An array larger than the backend allows stays on
// the host, and its rows travel micro-batch by micro-batch.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import { type InterventionArguments, InterventionRows } from '../rollout/interventions.js';
import { sizeOf, view, Workspace } from '../rollout/workspace.js';
import type { Task, TaskLoss, TrialSet } from '../tasks/task.js';
import { weightChannels } from './loss.js';

/** The arrays of a micro-batch of b trials; null where task or trials have none. */
export interface TrialBatch {
  /** [b, T, I]. */
  readonly inputs: KernelArgument;
  /** [b, T, O]. */
  readonly targets: KernelArgument;
  /** [b, T, O or 1]. */
  readonly weights: KernelArgument | null;
  /** Of the task's penalty on latents [b, T, 1]. */
  readonly latentWeights: KernelArgument | null;
  /** Closed loop: [b, 4]. */
  readonly joints: KernelArgument | null;
  /** Closed loop: [b, T, 2]. */
  readonly endpointLoads: KernelArgument | null;
  readonly jointLoads: KernelArgument | null;
  /** What is done to these trials. */
  readonly interventions: InterventionArguments | null;
}

/** Names of the arrays that have a row a trial. */
type ColumnName = Exclude<keyof TrialBatch, 'interventions'>;

/** A set of trials, or only its sizes while none exist: then every array that the task allows counts. */
export type TrialSizes = Pick<TrialSet, 'trials' | 'steps'> | TrialSet;

/** The penalty on latents of a task, where its loss has one. */
export function latentsOf({ loss }: Task): TaskLoss['latents'] | undefined {
  return loss.kind === 'squared error' ? loss.latents : undefined;
}

/** Shape of one trial in every array that training with this task puts on the backend. `weighted`: the task's own loss is used. */
export function columnShapes(task: Task, set: TrialSizes, weighted: boolean): Partial<Record<ColumnName, readonly number[]>> {
  const { steps } = set;
  const exists = (name: 'endpointLoads' | 'jointLoads') => task.plant !== undefined && (!('inputs' in set) || set[name] !== undefined);
  return {
    inputs: [steps, task.inputSize],
    targets: [steps, task.outputSize],
    ...(weighted ? { weights: [steps, weightChannels(task.loss, task.outputSize)] } : {}),
    ...(weighted && latentsOf(task) ? { latentWeights: [steps, 1] } : {}),
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
  readonly #columns: Readonly<Partial<Record<ColumnName, Column>>>;
  /** Tables and rows of what is done to the trials, made anew with them; null: nothing. */
  #interventions: { readonly workspace: Workspace; readonly rows: InterventionRows } | null = null;
  readonly #pass: number;
  readonly #steps: number;
  /** Steps that are gathered together, and where the indices of such pieces go; null: trials are never cut. */
  readonly #pieces: { readonly steps: number; readonly index: KernelArgument } | null;
  #lengths: Int32Array | null = null;

  /**
   * `pass`: most trials of a micro-batch; `weighted`: the task's own loss is used; `cut`: nothing else looks at the steps behind the ends of trials. Throws ShapeError for a closed loop whose trials do not say where the body starts.
   */
  constructor(workspace: Workspace, task: Task, set: TrialSet, pass: number, weighted: boolean, cut = true) {
    if (task.plant && !set.joints) throw new ShapeError(`task ${task.name}: expected initial joint states [${set.trials}, 4] in its trials, got none`);
    this.#workspace = workspace;
    this.#task = task;
    this.#weighted = weighted;
    this.#trials = set.trials;
    this.#pass = pass;
    this.#steps = set.steps;
    const arrays = this.#arrays(set);
    const shapes = Object.entries(columnShapes(task, set, arrays.weights !== undefined));
    const pieces = piecesPerTrial(task, set, weighted, cut);
    this.#pieces = pieces > 0 ? { steps: set.steps / pieces, index: workspace.allocate([pass * pieces], 'i32') } : null;
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
    this.#lengths = this.#pieces ? (set.lengths ?? null) : null;
    const arrays = this.#arrays(set);
    const names = new Set([...Object.keys(arrays), ...Object.keys(this.#columns)]) as Set<ColumnName>;
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
    this.#loadInterventions(set);
  }

  /** Frees what is done to the trials; everything else belongs to the workspace. */
  dispose(): void {
    this.#interventions?.workspace.dispose();
    this.#interventions = null;
  }

  /** Tables may have more or fewer rows than before. */
  #loadInterventions({ interventions, steps }: TrialSet): void {
    this.dispose();
    if (!interventions) return;
    const workspace = new Workspace(this.#workspace.backend);
    try {
      this.#interventions = { workspace, rows: new InterventionRows(workspace, interventions, this.#pass, steps) };
    } catch (error) {
      workspace.dispose();
      throw error;
    }
  }

  /** What goes to the backend. */
  #arrays(set: TrialSet): Partial<Record<ColumnName, Float32Array>> {
    const { plant, loss } = this.#task;
    const weights = this.#weighted ? loss.weights(set) : null;
    const latentWeights = this.#weighted ? latentsOf(this.#task)?.weights(set) : undefined;
    const { inputs, targets, joints, endpointLoads, jointLoads } = set;
    const body = plant ? { joints, ...(endpointLoads ? { endpointLoads } : {}), ...(jointLoads ? { jointLoads } : {}) } : {};
    return {
      inputs,
      targets,
      ...(weights ? { weights } : {}),
      ...(latentWeights ? { latentWeights } : {}),
      ...(body as Partial<Record<ColumnName, Float32Array>>),
    };
  }

  /**
   * The places 0, 1, … of `indices` in the order in which they go through the backend: by length where trials differ in it, so that those of a micro-batch
   * end at about the same time.
   */
  order(indices: Int32Array): Int32Array {
    const places = Int32Array.from(indices, (_, place) => place);
    const lengths = this.#lengths;
    if (!lengths) return places;
    const lengthOf = (place: number): number => lengths[indices[place] as number] as number;
    return places.sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  }

  /** Steps that the longest of these trials needs, rounded up to whole pieces; all where trials are not cut. */
  stepsOf(indices: Int32Array): number {
    if (!this.#lengths || !this.#pieces) return this.#steps;
    let longest = 1;
    for (const index of indices) longest = Math.max(longest, this.#lengths[index] as number);
    return Math.ceil(longest / this.#pieces.steps) * this.#pieces.steps;
  }

  /** The rows that belong to the trials `indices`, which `trialIndices` holds on the backend, cut to `stepsOf` them; valid until the next call. */
  gather(trialIndices: KernelArgument, indices: Int32Array): TrialBatch {
    const rows = indices.length;
    const steps = this.stepsOf(indices);
    const { backend } = this.#workspace;
    const cut = this.#pieces && steps < this.#steps ? this.#pieces : null;
    if (cut) backend.write(cut.index.buffer, piecesOf(indices, this.#steps / cut.steps, steps / cut.steps));
    const batch = (name: ColumnName): KernelArgument | null => {
      const column = this.#columns[name];
      if (!column) return null;
      const { all, batch } = column;
      if (cut) {
        const width = sizeOf(batch.shape.slice(2));
        const [pieces, length] = [(rows * steps) / cut.steps, cut.steps * width];
        if (all instanceof Float32Array) backend.write(batch.buffer, rowsOf(all, piecesOf(indices, this.#steps / cut.steps, steps / cut.steps), length));
        else {
          const x = view(all, [(this.#trials * this.#steps) / cut.steps, length]);
          backend.run('gather', { args: { x, index: view(cut.index, [pieces]), y: view(batch, [pieces, length]) } });
        }
        return view(batch, [rows, steps, ...batch.shape.slice(2)]);
      }
      const length = sizeOf(batch.shape.slice(1));
      if (all instanceof Float32Array) backend.write(batch.buffer, rowsOf(all, indices, length));
      else backend.run('gather', { args: { x: view(all, [this.#trials, length]), index: trialIndices, y: view(batch, [rows, length]) } });
      return view(batch, [rows, ...batch.shape.slice(1)]);
    };
    return {
      inputs: batch('inputs') as KernelArgument,
      targets: batch('targets') as KernelArgument,
      weights: batch('weights'),
      latentWeights: batch('latentWeights'),
      joints: batch('joints'),
      endpointLoads: batch('endpointLoads'),
      jointLoads: batch('jointLoads'),
      interventions: this.#interventions?.rows.take(indices, steps) ?? null,
    };
  }
}

/** Most steps of a piece: fine enough to cut close, coarse enough that copying pieces costs as little as copying trials. */
const longestPiece = 16;

/** The longest piece that trials of so many steps fall into. */
function pieceSteps(steps: number): number {
  let piece = Math.min(longestPiece, steps);
  while (steps % piece !== 0) piece--;
  return piece;
}

/** Pieces that a trial of an open loop falls into where trials may be cut to their lengths, else 0. Without weights all steps count, whatever the lengths say. */
export function piecesPerTrial(task: Task, set: TrialSizes, weighted: boolean, cut: boolean): number {
  const may = cut && weighted && !task.plant && 'lengths' in set && set.lengths !== undefined && task.loss.weights(set) !== null;
  return may ? set.steps / pieceSteps(set.steps) : 0;
}

/** Indices of the first `count` pieces of each trial, of `all` that it has. */
function piecesOf(indices: Int32Array, all: number, count: number): Int32Array {
  const pieces = new Int32Array(indices.length * count);
  for (let row = 0; row < indices.length; row++) {
    for (let piece = 0; piece < count; piece++) pieces[row * count + piece] = (indices[row] as number) * all + piece;
  }
  return pieces;
}

/** Rows of `length` numbers, one after the other. */
function rowsOf(all: Float32Array, indices: Int32Array, length: number): Float32Array {
  const rows = new Float32Array(indices.length * length);
  indices.forEach((index, row) => {
    rows.set(all.subarray(index * length, (index + 1) * length), row * length);
  });
  return rows;
}

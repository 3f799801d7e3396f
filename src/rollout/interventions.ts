// Interventions of trials on the backend: their tables once, and for every call the rows of the trials in it.
import type { KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { TrialInterventions } from '../tasks/task.js';
import { view, type Workspace } from './workspace.js';

/** Arguments of the rollout kernels by name: rows [b, N] or [b, T], and the tables that they choose from. */
export type InterventionArguments = Readonly<Record<string, KernelArgument>>;

interface Chosen {
  readonly rows: Int32Array;
  /** Entries of a trial more than it has steps: 1 where the initial state has one. */
  readonly extra: 0 | 1;
  readonly target: KernelArgument;
  readonly name: string;
}

/** Bytes that `InterventionRows` take on the backend. */
export function interventionBytes({ units, fields, strengths }: TrialInterventions, pass: number, steps: number): number {
  const rows = pass * ((units ? steps + 1 : 0) + (fields ? steps : 0) + (strengths ? steps : 0));
  return 4 * (rows + 2 * (units?.gains.length ?? 0) + (fields?.values.length ?? 0) + (strengths?.values.length ?? 0));
}

/** What is done to the trials of a set, ready to be handed to a rollout. */
export class InterventionRows {
  readonly #workspace: Workspace;
  readonly #steps: number;
  readonly #tables: InterventionArguments;
  readonly #chosen: readonly Chosen[];

  /** Uploads the tables; `pass`: most trials of a call, each of `steps` steps. Throws ShapeError when rows and tables do not fit each other or the steps. */
  constructor(workspace: Workspace, interventions: TrialInterventions, pass: number, steps: number) {
    checkInterventions(interventions, steps);
    const { units, fields, strengths } = interventions;
    this.#workspace = workspace;
    this.#steps = steps;
    const table = (values: Float32Array, width: number) => workspace.upload(values, [values.length / width, width]);
    const rows = (name: string, values: Int32Array, extra: 0 | 1): Chosen => ({
      name,
      rows: values,
      extra,
      target: workspace.allocate([pass, steps + extra], 'i32'),
    });
    this.#tables = {
      ...(units ? { unit_gain: table(units.gains, units.width), unit_shift: table(units.shifts, units.width) } : {}),
      ...(fields ? { fields: table(fields.values, fields.width) } : {}),
      ...(strengths ? { strengths: table(strengths.values, strengths.width) } : {}),
    };
    this.#chosen = [
      ...(units ? [rows('unit_row', units.rows, 1)] : []),
      ...(fields ? [rows('field_row', fields.rows, 0)] : []),
      ...(strengths ? [rows('strength_row', strengths.rows, 0)] : []),
    ];
  }

  /** Arguments for the trials `indices` of the set in a call of `steps` steps; valid until the next call. */
  take(indices: ArrayLike<number>, steps = this.#steps): InterventionArguments {
    const args: Record<string, KernelArgument> = { ...this.#tables };
    for (const { name, rows, extra, target } of this.#chosen) {
      const [length, whole] = [steps + extra, this.#steps + extra];
      const part = new Int32Array(indices.length * length);
      for (let i = 0; i < indices.length; i++) part.set(rows.subarray((indices[i] as number) * whole, (indices[i] as number) * whole + length), i * length);
      this.#workspace.backend.write(target.buffer, part);
      args[name] = view(target, [indices.length, length]);
    }
    return args;
  }
}

/** Kernels take a row that a table lacks for none: here it is a mistake. */
function checkInterventions({ units, fields, strengths }: TrialInterventions, steps: number): void {
  if (units && units.gains.length !== units.shifts.length)
    throw new ShapeError(`interventions: expected as many shifts of units as gains, ${units.gains.length}, got ${units.shifts.length}`);
  for (const [what, entries, chosen] of [
    ['units', steps + 1, units && { ...units, values: units.gains }],
    ['fields', steps, fields],
    ['strengths', steps, strengths],
  ] as const) {
    if (!chosen) continue;
    const { rows, values, width } = chosen;
    const count = values.length / width;
    if (!Number.isInteger(count) || count < 1)
      throw new ShapeError(`interventions: expected a table of ${what} in rows of ${width} numbers, got ${values.length}`);
    if (rows.length % entries !== 0)
      throw new ShapeError(`interventions: expected rows of ${what} for every trial, ${entries} a trial of ${steps} steps, got ${rows.length}`);
    const bad = rows.findIndex((row) => !(row >= 0 && row < count));
    if (bad >= 0)
      throw new ShapeError(
        `interventions: expected rows of ${what} from 0 to ${count - 1}, got ${rows[bad]} in trial ${Math.floor(bad / entries)} at ${bad % entries}`,
      );
  }
}

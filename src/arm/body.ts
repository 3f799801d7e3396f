// What the rest of the house knows of a body: the tables that kernels read, and the names and sizes that figures and errors need.
import type { EffectorOptions } from './options.js';

/** A skeleton with its muscles, as data. `createBody` (create-body.ts) makes one from options; the options rebuild an identical body. */
export interface Body {
  /** Every option resolved: what `manifest.json` records and `createBody` takes back. */
  readonly options: EffectorOptions;
  /** E.g. `RigidTendonArm26`. */
  readonly name: string;
  readonly skeleton: 'pointMass' | 'arm';
  /** Seconds of a time step. */
  readonly timeStep: number;
  /** M. */
  readonly muscles: number;
  readonly muscleNames: readonly string[];
  /** Names of the R rows of a muscle's state, in order: `activation` first, `force` last. */
  readonly muscleRows: readonly string[];
  /** Path points over all muscles; 0 unless the muscles are defined by paths. */
  readonly points: number;
  /** Position limits of both joints, rad or m. */
  readonly positionLower: readonly [number, number];
  readonly positionUpper: readonly [number, number];
  /** Velocity limits of both joints, rad/s or m/s. */
  readonly velocityLower: readonly [number, number];
  readonly velocityUpper: readonly [number, number];
  /** The kernels' `body_layout` [K] and `body` [Q] (src/backends/body-layout.ts). */
  readonly layout: Int32Array;
  readonly table: Float64Array;
  /** The options: `createBody(JSON.parse(JSON.stringify(body)))` is the same body. */
  toJSON(): EffectorOptions;
}

// What a reference twin receives: its arguments as plain arrays, the bound dimension letters, the parameters.

/** f64 or f32 storage, by the backend's precision; index arguments hold whole numbers. */
export type Values = Float64Array | Float32Array | Int32Array;

/** A checked call. An optional argument that was left out is absent from `args`: annotate it `Values | undefined`. */
export interface ReferenceCall {
  readonly variant: string;
  readonly args: Readonly<Record<string, Values>>;
  readonly dims: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, number>>;
}

/** A twin: arithmetic in f64, results stored into the output arrays, which round to f32 where the backend's precision is f32. */
export type ReferenceKernel = (call: ReferenceCall) => void;

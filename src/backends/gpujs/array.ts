// An array of the gpujs backend: its contents on the host, on the device, or both. Contents are values that never change in place: writing makes new ones.
import type { GpujsValue } from '../../platform/gpujs.js';
import type { BufferHandle, DType } from '../backend.js';
import type { Launcher } from './launcher.js';

export class GpujsArray implements BufferHandle {
  readonly dtype: DType;
  readonly length: number;
  readonly launcher: Launcher;
  freed = false;
  /** What the host knows; neither this nor `device`: zeros. Indices stay here: kernels read them as floats. */
  host: Float32Array | Int32Array | null = null;
  device: GpujsValue | null = null;
  /** What a rollout keeps for its reverse, behind an opaque argument. Released with the array, or when it is written. */
  kept: Readonly<Record<string, GpujsValue>> | null = null;

  constructor(launcher: Launcher, dtype: DType, length: number) {
    this.launcher = launcher;
    this.dtype = dtype;
    this.length = length;
  }

  /** Contents on the host; not to be changed. */
  get data(): Float32Array | Int32Array {
    this.host ??= this.device ? this.launcher.read(this.device) : this.dtype === 'i32' ? new Int32Array(this.length) : new Float32Array(this.length);
    return this.host;
  }

  /** Contents for kernels: an empty array is handed over as one zero. */
  get value(): GpujsValue {
    const empty = this.host === null || this.length === 0;
    this.device ??= empty ? this.launcher.run('return 0.0;', Math.max(1, this.length), {}) : this.launcher.upload(this.host as Float32Array);
    return this.device;
  }

  /** Takes new contents from the host, which the array then owns. */
  setHost(data: Float32Array | Int32Array): void {
    this.clear();
    this.host = data;
  }

  /** Takes over a value of the device: the first elements of the array; what lies behind stays. */
  setDevice(value: GpujsValue): void {
    const length = this.launcher.lengthOf(value);
    if (this.length === 0) {
      this.launcher.release(value);
      return;
    }
    let whole = value;
    if (length < this.length) {
      whole = this.launcher.run(`if (i < ${length}) { return value[i]; } return rest[i];`, this.length, { value, rest: this.value });
      this.launcher.release(value);
    }
    this.clear();
    this.device = whole;
  }

  /** Makes it zeros. */
  clear(): void {
    if (this.device) this.launcher.release(this.device);
    if (this.kept) this.launcher.release(...new Set(Object.values(this.kept)));
    this.host = this.device = this.kept = null;
  }
}

// A WebGPU device for the backend: which adapter, which limits, and what a person is told about it.
import { BackendError } from '../../errors.js';
import { adapterName, type FoundAdapter, findAdapter } from '../../platform/gpu.js';

export interface WebgpuOptions {
  /** Also take an adapter that computes on the processor. Default true: whoever names this backend gets what there is, and is told. `auto` says false. */
  readonly software?: boolean;
  /** Ask for no more than the default limits of WebGPU. Default false: larger bindings where the adapter has them, so that larger batches go through at once. */
  readonly defaultLimits?: boolean;
  /** Bytes of one binding, below what the device allows: for tests of what happens at the limit. */
  readonly bindingBytes?: number;
}

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly found: FoundAdapter;
  readonly name: string;
  /** Bytes of one binding, which no array exceeds. */
  readonly bindingBytes: number;
}

/** Opens a device. Throws BackendError with every reason when there is none. */
export async function openDevice({ software = true, defaultLimits = false, bindingBytes }: WebgpuOptions): Promise<OpenDevice> {
  let found: FoundAdapter;
  try {
    found = await findAdapter(software);
  } catch (error) {
    throw new BackendError(`webgpu: expected an adapter, got none: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { adapter } = found;
  const wanted = ['maxStorageBufferBindingSize', 'maxBufferSize', 'maxStorageBuffersPerShaderStage'] as const;
  const requiredLimits = defaultLimits ? {} : Object.fromEntries(wanted.map((name) => [name, adapter.limits[name]]));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ label: 'motorloop', requiredLimits });
  } catch (error) {
    throw new BackendError(`webgpu: expected a device of ${adapterName(adapter)}, got "${error instanceof Error ? error.message : String(error)}"`);
  }
  const allowed = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize, 2 ** 32 - 4096);
  if (bindingBytes !== undefined && !(bindingBytes >= 65536 && bindingBytes <= allowed))
    throw new BackendError(`webgpu: expected bindingBytes from 65536 to the device's ${allowed}, got ${bindingBytes}`);
  return { device, found, name: adapterName(adapter), bindingBytes: bindingBytes ?? allowed };
}

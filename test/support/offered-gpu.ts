// The GPU that this machine has (software will do), offered to the code under test as `navigator.gpu` and changed on the way: named otherwise, with altered
// shaders, or with its device in the test's hands. Nothing in src/ knows of it.
import { findAdapter } from '../../src/platform/gpu.js';
import type { Waiting } from '../../src/platform/patience.js';

export interface Offer {
  /** What the adapter says of itself, instead of the truth. */
  readonly info?: Partial<Record<'vendor' | 'architecture' | 'device' | 'description', string>> & { readonly isFallbackAdapter?: boolean };
  /** Changes a shader's text. */
  readonly shader?: (code: string) => string;
  /** Hears of every device that is opened. */
  readonly onDevice?: (device: GPUDevice) => void;
}

/** An adapter that calls itself hardware. */
export const likeHardware = { vendor: 'acme', architecture: 'anvil', device: '', description: 'Anvil 9000', isFallbackAdapter: false };

/** An adapter that computes on the processor. */
export const likeSoftware = { vendor: 'acme', architecture: 'paper', device: '', description: 'Paper and Pencil', isFallbackAdapter: true };

/** The code under test takes the offer for a browser, which asks nobody whether work is done: what Dawn is asked is asked with pauses where those save processor time. */
function wait(device: GPUDevice, waiting: Waiting): void {
  const { queue } = device;
  const compile = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = (descriptor) => waiting(() => compile(descriptor));
  const done = queue.onSubmittedWorkDone.bind(queue);
  queue.onSubmittedWorkDone = () => waiting(done);
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const map = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (...range) => waiting(() => map(...range));
    return buffer;
  };
}

/** Offers the GPU until the function returned is called. Throws where there is none. */
export async function offerGpu({ info, shader, onDevice }: Offer): Promise<() => void> {
  const { adapter, waiting } = await findAdapter(true);
  const offered = {
    info: info ?? adapter.info,
    limits: adapter.limits,
    features: adapter.features,
    async requestDevice(descriptor: GPUDeviceDescriptor): Promise<GPUDevice> {
      const device = await adapter.requestDevice(descriptor);
      wait(device, waiting);
      if (shader) {
        const create = device.createShaderModule.bind(device);
        device.createShaderModule = (given) => create({ ...given, code: shader(given.code) });
      }
      onDevice?.(device);
      return device;
    },
  };
  const holder =
    (globalThis as { navigator?: object }).navigator ?? Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true }).navigator;
  Object.defineProperty(holder, 'gpu', { value: { requestAdapter: async () => offered }, configurable: true });
  return () => {
    Reflect.deleteProperty(holder as object, 'gpu');
  };
}

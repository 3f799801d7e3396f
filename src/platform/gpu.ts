// Where WebGPU comes from: navigator.gpu in browsers and workers, the optional package `webgpu` (Dawn) in Node, there with a software driver on request.
import { eager, patient, type Waiting } from './patience.js';
import { softwareDriver } from './software-gpu.js';

/** An adapter and what a person should know about it. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** It computes on the processor. */
  readonly software: boolean;
  /** What was used to reach it, e.g. `the browser`, `Dawn`. */
  readonly source: string;
  /** How calls are made whose answer takes a while. */
  readonly waiting: Waiting;
}

/** Why there is no adapter: every place that was tried, with its reason. */
export class NoAdapterError extends Error {
  override readonly name = 'NoAdapterError';
}

/**
 * SwiftShader writes out the zeroing of workgroup memory word by word: a millisecond of compiling for each, 2.0 s for the 8 KiB of matmul, 0.2 s without.
 * No kernel of ours reads what it did not write (tests repeat each one, bit for bit). Dawn's clamping of every index is a third of what is left to compile:
 * without it SwiftShader itself reads 0 beyond an array and writes nothing there, so that an index out of bounds shows. Hardware and browsers keep both.
 */
const softwareFlags = ['enable-dawn-features=disable_workgroup_init,disable_robustness'];

/** Dawn objects must outlive every device, and one instance a process is enough. */
const instances = new Map<string, GPU>();

/** Finds the fastest adapter; one in software only with `software`. Throws NoAdapterError with all reasons. */
export async function findAdapter(software: boolean): Promise<FoundAdapter> {
  const reasons: string[] = [];
  for (const source of sources(software)) {
    try {
      const gpu = await source.open();
      const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
      if (!adapter) reasons.push(`${source.name} has no adapter`);
      else if (isSoftware(adapter) && !software)
        reasons.push(`${source.name} has only the software adapter ${adapterName(adapter)}, which is taken by name only`);
      else {
        const slow = isSoftware(adapter);
        return { adapter, software: slow, source: source.name, waiting: slow && source.polls ? patient : eager };
      }
    } catch (error) {
      reasons.push(`${source.name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  throw new NoAdapterError(reasons.join('; '));
}

interface Source {
  readonly name: string;
  /** The event loop asks again and again whether work is done. */
  readonly polls?: boolean;
  open(): Promise<GPU>;
}

function sources(software: boolean): Source[] {
  const host = globalThis as { navigator?: { gpu?: GPU }; process?: { versions?: { node?: string } } };
  const offered = host.navigator?.gpu;
  if (offered) return [{ name: 'the browser', open: async () => offered }];
  if (host.process?.versions?.node === undefined) return [{ name: 'the browser', open: () => Promise.reject(new Error('navigator.gpu is missing')) }];
  const dawn = { name: 'Dawn', polls: true, open: () => openDawn('Dawn') };
  if (!software) return [dawn];
  const withDriver = async () => {
    await softwareDriver();
    return openDawn('software');
  };
  return [dawn, { name: 'Dawn with the software driver of @sparticuz/chromium', polls: true, open: withDriver }];
}

/** The package `webgpu`, an optional peer. Named by a variable: bundles for browsers must not follow it. */
async function openDawn(key: string): Promise<GPU> {
  const known = instances.get(key);
  if (known) return known;
  const missing = key === 'Dawn' ? vulkanMissing() : null;
  if (missing !== null) throw new Error(missing);
  const name = 'webgpu';
  let dawn: { create(flags: string[]): GPU };
  try {
    dawn = (await import(/* @vite-ignore */ name)) as typeof dawn;
  } catch (error) {
    throw new Error(
      `the optional package "webgpu" does not load (${error instanceof Error ? error.message.split('\n')[0] : error}); install it with npm install webgpu`,
    );
  }
  const gpu = dawn.create(key === 'software' ? softwareFlags : []);
  instances.set(key, gpu);
  return gpu;
}

/** Why there is no Vulkan on this machine, found before Dawn prints a warning of its own; null where there may be. */
function vulkanMissing(): string | null {
  const { process } = globalThis;
  if (process.platform !== 'linux') return null;
  try {
    process.dlopen({ exports: {} } as unknown as NodeJS.Module, 'libvulkan.so.1');
  } catch (error) {
    if (error instanceof Error && error.message.includes('cannot open shared object file')) return 'this machine has no Vulkan loader (libvulkan.so.1)';
  }
  return null;
}

/** Software adapters compute on the processor; browsers and Dawn say so of most, the names of drivers of the rest. */
function isSoftware(adapter: GPUAdapter): boolean {
  const { info } = adapter as GPUAdapter & { info: GPUAdapterInfo & { isFallbackAdapter?: boolean } };
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render|warp/i.test(`${info.architecture} ${info.device} ${info.description}`);
}

/** Vendor, architecture and device in one line. */
export function adapterName({ info }: GPUAdapter): string {
  const parts = [info.vendor, info.architecture, info.description || info.device].filter((part) => part);
  return parts.length > 0 ? [...new Set(parts)].join(' ') : 'of an unknown vendor';
}

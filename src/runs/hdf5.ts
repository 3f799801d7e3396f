// HDF5 files, the data sets of CtDB among them, by the optional package h5wasm. It runs in a file system of its own in memory, so that a link in a
// hostile file leads nowhere; sizes are looked at before anything is read.
import { ConfigError, RunFormatError } from '../errors.js';
import type { ArrayTensor } from './safetensors.js';
import { zipLimits } from './zip.js';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;
/** Arrays of one file at most: CtDB's have about thirty. */
const mostArrays = 1000;

/** Whether these are the bytes of an HDF5 file. */
export function isHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

let files = 0;

/**
 * The arrays of numbers directly in a file's root, by name; groups, links and texts are left out. Throws ConfigError that says what to install when h5wasm
 * is missing, RunFormatError when the file is damaged or its arrays take more than `mostBytes` (as f64 and f32 they may be read into).
 */
export async function readHdf5(bytes: Uint8Array, where: string, mostBytes = zipLimits.bytes): Promise<Map<string, ArrayTensor>> {
  if (!isHdf5(bytes)) throw new RunFormatError(`${where}: expected an HDF5 file, got other bytes`);
  const { File, Dataset, system } = await openLibrary(where);
  const path = `/motorloop-${++files}.h5`;
  system.writeFile(path, bytes);
  let file: InstanceType<typeof File> | null = null;
  try {
    file = new File(path, 'r');
    const arrays = new Map<string, ArrayTensor>();
    let total = 0;
    const names = file.keys();
    if (names.length > mostArrays) throw new RunFormatError(`${where}: expected at most ${mostArrays} arrays, got ${names.length}`);
    for (const name of names) {
      const found = file.get(name);
      if (!(found instanceof Dataset) || name === '__proto__') continue;
      const { shape, metadata } = found;
      const numeric = metadata.type === numericTypes.integer || metadata.type === numericTypes.float || metadata.type === numericTypes.boolean;
      if (!shape || !numeric) continue;
      const size = shape.reduce((product, n) => product * n, 1);
      total += 8 * size;
      if (!Number.isSafeInteger(total) || total > mostBytes)
        throw new RunFormatError(
          `${where}: expected arrays of at most ${mostBytes} bytes together, got more with ${JSON.stringify(name.slice(0, 60))} [${shape.join(', ')}]`,
        );
      arrays.set(name, { shape, data: numbersOf(found.value, size, `${where}: ${name}`) });
    }
    return arrays;
  } catch (error) {
    if (error instanceof RunFormatError) throw error;
    throw new RunFormatError(`${where}: expected an intact HDF5 file, got one that the HDF5 library cannot read; was it cut off?`);
  } finally {
    file?.close();
    system.unlink(path);
  }
}

/**
 * A file with these arrays in its root, sorted by name, as f4, f8, i4 and u1: `h5py.File(file)['latents'][:]`. Throws ConfigError that says what to install
 * when h5wasm is missing, RunFormatError for data that do not fit a shape.
 */
export async function writeHdf5(arrays: ReadonlyMap<string, ArrayTensor>, where: string): Promise<Uint8Array> {
  for (const [name, { shape, data }] of arrays) {
    const size = shape.reduce((product, n) => product * n, 1);
    if (size !== data.length) throw new RunFormatError(`${where}: expected ${size} numbers for ${name} [${shape.join(', ')}], got ${data.length}`);
  }
  const { File, system } = await openLibrary(where);
  const path = `/motorloop-${++files}.h5`;
  let file: InstanceType<typeof File> | null = new File(path, 'w');
  try {
    for (const [name, { shape, data }] of [...arrays].sort(([a], [b]) => (a < b ? -1 : 1))) file.create_dataset({ name, data, shape: [...shape] });
    file.close();
    file = null;
    return system.readFile(path);
  } finally {
    file?.close();
    system.unlink(path);
  }
}

/** Classes of HDF5 types (H5T_class_t), and enumerations, which booleans of h5py are. */
const numericTypes = { integer: 0, float: 1, boolean: 8 } as const;

async function openLibrary(where: string) {
  let library: typeof import('h5wasm');
  try {
    library = await import('h5wasm');
  } catch (error) {
    throw new ConfigError(where, [
      `expected the optional package h5wasm, which reads and writes HDF5, got none (${(error as Error).message.split('\n')[0]}); npm install h5wasm`,
    ]);
  }
  const { FS, activate_throwing_error_handler } = await library.ready;
  // without it HDF5 prints what goes wrong to standard error
  activate_throwing_error_handler();
  return {
    File: library.File,
    Dataset: library.Dataset,
    system: FS as unknown as { writeFile(path: string, data: Uint8Array): void; readFile(path: string): Uint8Array; unlink(path: string): void },
  };
}

function numbersOf(value: unknown, size: number, where: string): ArrayTensor['data'] {
  const data = Array.isArray(value) ? value.map(Number) : value;
  if (data instanceof Float64Array || data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) {
    if (data.length === size) return data.slice();
  } else if (ArrayBuffer.isView(data) || Array.isArray(data) || typeof data === 'number' || typeof data === 'bigint') {
    const list = typeof data === 'number' || typeof data === 'bigint' ? [data] : (data as unknown as ArrayLike<number | bigint>);
    const numbers = Float64Array.from(list as ArrayLike<number>, Number);
    if (numbers.length === size) return numbers;
  }
  throw new RunFormatError(`${where}: expected ${size} numbers, got ${value === null ? 'none' : 'something else'}; was the file cut off?`);
}

// Holds the errors that shaders/lib/{math,trigonometry,power,normal}.wgsl state for their functions against f64: dense grids, and numbers of every size.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inverseNormalCdf, randomKey, threefry } from '../../src/random.js';
import { openDevice } from '../../src/backends/webgpu/device.js';
import { bufferUsage, mapForReading } from '../../src/backends/webgpu/flags.js';
import { shaders } from '../../src/backends/webgpu/shaders.gen.js';
import { uniforms } from '../support/values.js';
import { openOrSkip } from '../support/webgpu.js';

const test = suite('webgpu mathematics');
const open = await openOrSkip(test, 'functions of the shaders', () => openDevice({}));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

interface Bound {
  readonly name: string;
  readonly exact: (x: number) => number;
  readonly inputs: Float32Array;
  /** |error| ≤ absolute + relative · |value|. */
  readonly absolute: number;
  readonly relative: number;
}

const points = 100_001;
const grid = (from: number, to: number) => Float32Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
/** Numbers of either sign and of every size between two, evenly spread over their bits. */
function everySize(from: number, to: number): Float32Array {
  const [low, high] = new Uint32Array(Float32Array.of(from, to).buffer) as unknown as [number, number];
  const bits = Uint32Array.from({ length: points }, (_, i) => Math.round(low + ((high - low) * (i >> 1)) / (points >> 1)) + (i % 2) * 2 ** 31);
  return new Float32Array(bits.buffer);
}

const smallest = 2 ** -126;
const largest = 3.4028234663852886e38;
const bound = (name: string, exact: (x: number) => number, inputs: Float32Array, absolute: number, relative: number): Bound => ({
  name,
  exact,
  inputs,
  absolute,
  relative,
});
const bounds: readonly Bound[] = [
  bound('hyperbolic_tangent', Math.tanh, grid(-9, 9), 5e-7, 0),
  bound('hyperbolic_tangent', Math.tanh, everySize(smallest, largest), 5e-7, 0),
  bound('hyperbolic_tangent', Math.tanh, everySize(1e-30, 1e-3), 0, 5e-7),
  bound('sigmoid', sigmoid, grid(-20, 20), 3e-7, 0),
  bound('sigmoid', sigmoid, everySize(smallest, largest), 3e-7, 0),
  bound('exponential', Math.exp, grid(-87.3, 88.7), 0, 3e-7),
  bound('exponential', Math.exp, everySize(smallest, 80), 0, 3e-7),
  bound('exponential', Math.exp, grid(-120, -87.3), 1.2e-38, 0),
  bound('exponential_negative', Math.exp, grid(-80, 0), 0, 3e-7),
  bound('logarithm_above_one', Math.log1p, grid(0, 1), 1.5e-7, 0),
  bound('softplus', softplus, grid(-100, 30), 2e-7, 6e-8),
  bound('softplus', softplus, everySize(smallest, largest), 2e-7, 6e-8),
  bound('logarithm', Math.log, grid(1e-6, 3), 1e-7, 2e-7),
  bound('logarithm', Math.log, everySize(2 ** -149, largest).map(Math.abs), 1e-7, 2e-7),
  bound('square_root', Math.sqrt, everySize(2 ** -149, largest).map(Math.abs), 0, 3.6e-7),
  bound('sine', Math.sin, grid(-10, 10), 1.5e-7, 0),
  bound('sine', Math.sin, grid(-9000, 9000), 1.5e-7, 0),
  bound('sine', Math.sin, everySize(smallest, largest), 1.5e-7, 0),
  bound('cosine', Math.cos, grid(-9000, 9000), 1.5e-7, 0),
  bound('cosine', Math.cos, everySize(smallest, largest), 1.5e-7, 0),
];

/** The largest |error| over its bound, and where. */
function worst(actual: ArrayLike<number>, { exact, inputs, absolute, relative }: Omit<Bound, 'name'>): { share: number; at: number } {
  let share = 0;
  let at = 0;
  inputs.forEach((x, i) => {
    const expected = exact(x);
    const ratio = Math.abs((actual[i] as number) - expected) / (absolute + relative * Math.abs(expected));
    if (!(ratio <= share)) [share, at] = [ratio, x];
  });
  return { share, at };
}

if (open) {
  const { device } = open;
  test.after(() => device.destroy());

  /** What an expression of `x`, `z` (f32) and `w` (the bits of x) gives for every element, as bits. */
  async function evaluate(expression: string, part: string, x: Float32Array, z: Float32Array = x): Promise<Float32Array> {
    const text = new Set<string>();
    const include = (name: string): void => {
      const source = shaders[`lib/${name}`] as string;
      for (const [, used] of source.matchAll(/^\/\/@use (\S+)$/gm)) include(used as string);
      text.add(source);
    };
    include(part);
    const kernel = `
      @group(0) @binding(0) var<storage, read_write> a: array<u32>;
      @group(0) @binding(1) var<storage, read> b: array<f32>;
      @compute @workgroup_size(64) fn evaluate(@builtin(global_invocation_id) id: vec3u) {
        if (id.x >= arrayLength(&a)) { return; }
        let w = a[id.x];
        let x = bitcast<f32>(w);
        let z = b[id.x];
        a[id.x] = ${expression};
      }`;
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code: [...text, kernel].join('\n') }) } });
    const { storage, copySource, copyTarget, mapRead } = bufferUsage;
    const buffers = [x, z, x].map((data, i) =>
      device.createBuffer({ size: data.byteLength, usage: i < 2 ? storage | copySource | copyTarget : mapRead | copyTarget }),
    ) as [GPUBuffer, GPUBuffer, GPUBuffer];
    device.queue.writeBuffer(buffers[0], 0, x as Float32Array<ArrayBuffer>);
    device.queue.writeBuffer(buffers[1], 0, z as Float32Array<ArrayBuffer>);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = buffers.slice(0, 2).map((buffer, binding) => ({ binding, resource: { buffer } }));
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(Math.ceil(x.length / 64));
    pass.end();
    encoder.copyBufferToBuffer(buffers[0], 0, buffers[2], 0, x.byteLength);
    device.queue.submit([encoder.finish()]);
    await buffers[2].mapAsync(mapForReading);
    const result = new Float32Array(buffers[2].getMappedRange().slice(0));
    for (const buffer of buffers) buffer.destroy();
    return result;
  }

  test('every function keeps its stated error', async () => {
    for (const item of bounds) {
      const part = item.name === 'sine' || item.name === 'cosine' ? 'trigonometry' : 'math';
      const { share, at } = worst(await evaluate(`bitcast<u32>(${item.name}(x))`, part, item.inputs), item);
      assert.ok(share <= 1, `${item.name} from ${item.inputs[0]}: ${share} of the bound at ${at}`);
    }
  });

  test('powers keep their stated error', async () => {
    const base = everySize(1e-30, 1e30).map(Math.abs);
    // Exponents for results between e⁻⁸⁰ and e⁸⁰, and such that the result is next to 1.
    for (const reach of [80, 0.1]) {
      const logarithms = uniforms(points, 1, 'powers', -reach, reach);
      const exponents = base.map((a, i) => (logarithms[i] as number) / Math.log(a));
      let i = 0;
      const exact = (a: number) => a ** (exponents[i++] as number);
      const { share, at } = worst(await evaluate('bitcast<u32>(power(x, z))', 'power', base, exponents), { exact, inputs: base, absolute: 0, relative: 3e-7 });
      assert.ok(share <= 1, `power: ${share} of the bound at ${at}`);
    }
  });

  test('draws are those of src/random.ts: words and uniforms exactly, normals within their stated error over all cells', async () => {
    const key = randomKey(5, 'words');
    const counters = new Uint32Array(999).map((_, i) => i * 12345);
    const words = await evaluate(`threefry(vec2u(${key[0] >>> 0}u, ${key[1] >>> 0}u), vec2u(w, 7u)).y`, 'threefry', new Float32Array(counters.buffer));
    const got = new Uint32Array(words.buffer);
    assert.ok(counters.every((counter, i) => got[i] === threefry(key, counter, 7)[1] >>> 0));
    for (const [step, first] of [
      [128, 5],
      [1, 0],
      [1, 2 ** 24 - points],
    ] as const) {
      const cells = new Uint32Array(points).map((_, i) => ((first + step * i) << 8) | 0x5a);
      const draws = new Float32Array(cells.buffer);
      const uniform = await evaluate('bitcast<u32>(uniform_draw(w))', 'normal', draws);
      assert.ok(cells.every((word, i) => uniform[i] === (word >>> 8) * 2 ** -24));
      const normal = await evaluate('bitcast<u32>(normal_draw(w))', 'normal', draws);
      let share = 0;
      cells.forEach((word, i) => {
        const expected = inverseNormalCdf(((word >>> 8) + 0.5) * 2 ** -24);
        share = Math.max(share, Math.abs((normal[i] as number) - expected) / (6e-7 * Math.abs(expected)));
      });
      assert.ok(share <= 1, `normal: ${share} of the bound`);
    }
  });
}

test.run();

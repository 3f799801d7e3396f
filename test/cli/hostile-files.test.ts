// Tests that files made to break a reader are refused: `check` and `run --resume` exit with 2 and a message, quickly, and change nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { motorloop, tinyExperiment, workFolder } from './cli.js';

/** A safetensors file with any header, honest or not. */
function safetensors(header: string, dataBytes: number, statedLength = BigInt(Buffer.byteLength(header))): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(statedLength);
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]);
}

const f32 = (shape: number[], start: number, end: number) => ({ dtype: 'F32', shape, data_offsets: [start, end] });

const hostile: Readonly<Record<string, Uint8Array>> = {
  'a file that ends in the middle of its tensors': readFileSync('test/golden/losses.safetensors').subarray(0, 4000),
  'a file that ends in the middle of its header': readFileSync('test/golden/losses.safetensors').subarray(0, 100),
  'an empty file': new Uint8Array(0),
  'a header length beyond the file': safetensors('{}', 0, 1_000_000n),
  'a header length beyond every number': safetensors('{}', 0, 0xffff_ffff_ffff_fff0n),
  'a header that is not JSON': safetensors('{"a":', 0),
  'a header that is a list': safetensors('[1, 2]', 0),
  'overlapping offsets': safetensors(JSON.stringify({ a: f32([2], 0, 8), b: f32([2], 4, 12) }), 12),
  'offsets beyond the data': safetensors(JSON.stringify({ a: f32([4], 0, 16) }), 8),
  'offsets that run backwards': safetensors(JSON.stringify({ a: f32([2], 8, 0) }), 8),
  'a shape whose product overflows': safetensors(JSON.stringify({ a: f32([4294967296, 4294967296], 0, 0) }), 0),
  'a negative size': safetensors(JSON.stringify({ a: f32([-1], 0, 4) }), 4),
  'a tensor named __proto__': safetensors('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
  'metadata named __proto__': safetensors('{"__metadata__":{"__proto__":"{}"}}', 0),
};

for (const [what, bytes] of Object.entries(hostile)) {
  test(`check refuses ${what}`, async () => {
    const folder = workFolder({ 'files/losses.safetensors': bytes });
    try {
      const { code, errors } = await motorloop(['check', 'files', '--backend', 'reference'], folder.path);
      assert.is(code, 2, errors);
      assert.match(errors, /losses.*expected .+ got/s);
      assert.not.match(errors, /\n\s+at .+:\d+:\d+/);
    } finally {
      folder.remove();
    }
  });
}

test('check refuses a folder that is missing or empty', async () => {
  const folder = workFolder({ 'empty/notes.txt': '' });
  try {
    for (const name of ['missing', 'empty']) {
      const { code, errors } = await motorloop(['check', name], folder.path);
      assert.is(code, 2);
      assert.match(errors, name);
    }
  } finally {
    folder.remove();
  }
});

test('a damaged checkpoint stops a resumed run before anything is written', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 5 }] }) });
  try {
    assert.is((await motorloop(['run', 'experiment.yaml', '--out', 'out', '--quiet'], folder.path)).code, 0);
    const checkpoint = join(folder.path, 'out/GRU-5/seed-0/checkpoints/last.safetensors');
    const bytes = readFileSync(checkpoint);
    writeFileSync(checkpoint, bytes.subarray(0, bytes.length - 10));
    const manifest = readFileSync(join(folder.path, 'out/GRU-5/seed-0/manifest.json'), 'utf8');
    const before = folder.list();
    const { code, errors } = await motorloop(['run', 'experiment.yaml', '--out', 'out', '--resume', '--epochs', '4'], folder.path);
    assert.is(code, 2, errors);
    assert.match(errors, /last\.safetensors.*expected .+ got/s);
    assert.equal(folder.list(), before);
    assert.is(readFileSync(join(folder.path, 'out/GRU-5/seed-0/manifest.json'), 'utf8'), manifest);
  } finally {
    folder.remove();
  }
});

test.run();

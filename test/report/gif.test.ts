// The GIF encoder against a decoder written from the format's description, and the animation that is made with it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomKey, uniformAt } from '../../src/random.js';
import { GifWriter } from '../../src/report/gif.js';
import { latentsGifs } from '../../src/report/latents-gif.js';
import { movementGifs } from '../../src/report/movement-gif.js';
import { Canvas, Palette } from '../../src/report/raster.js';
import { syntheticReach } from './synthetic-reach.js';
import { syntheticSummary } from './synthetic.js';

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly palette: Uint8Array;
  /** Whole pictures, each drawn over the one before. */
  readonly frames: { readonly pixels: Uint8Array; readonly hundredths: number }[];
}

/** Reads a GIF as a viewer does; throws where a byte is not what the format wants. */
function decode(data: Uint8Array): Decoded {
  let at = 0;
  const byte = () => {
    if (at >= data.length) throw new Error('the file ends early');
    return data[at++] as number;
  };
  const word = () => byte() + 256 * byte();
  const expect = (value: number) => assert.is(byte(), value, `byte ${at - 1}`);
  assert.is(String.fromCharCode(...data.subarray(0, 6)), 'GIF89a');
  at = 6;
  const [width, height] = [word(), word()];
  assert.is(byte() & 0x87, 0x87, 'a global table of 256 colours');
  at += 2;
  const palette = data.slice(at, at + 768);
  at += 768;
  let picture = new Uint8Array(width * height);
  let hundredths = 0;
  let clear = -1;
  const frames: Decoded['frames'] = [];
  for (;;) {
    const kind = byte();
    if (kind === 0x3b) break;
    if (kind === 0x21) {
      const label = byte();
      const size = byte();
      if (label === 0xf9) {
        assert.is(size, 4);
        assert.is(byte(), 5, 'left in place, transparent colour');
        hundredths = word();
        clear = byte();
      } else at += size;
      for (let length = byte(); length > 0; length = byte()) at += length;
      continue;
    }
    assert.is(kind, 0x2c);
    const [left, top, wide, high] = [word(), word(), word(), word()];
    expect(0);
    const bits = byte();
    const blocks: number[] = [];
    for (let length = byte(); length > 0; length = byte()) for (let i = 0; i < length; i++) blocks.push(byte());
    const indices = unpack(blocks, bits);
    assert.is(indices.length, wide * high);
    assert.ok(left + wide <= width && top + high <= height);
    picture = picture.slice();
    indices.forEach((index, i) => {
      if (index !== clear) picture[(top + Math.floor(i / wide)) * width + left + (i % wide)] = index;
    });
    frames.push({ pixels: picture, hundredths });
  }
  assert.is(at, data.length, 'nothing behind the end');
  return { width, height, palette, frames };
}

/** LZW as GIF has it. */
function unpack(data: readonly number[], bits: number): number[] {
  const clear = 1 << bits;
  let table: number[][] = [];
  let length = bits + 1;
  let before: number[] | null = null;
  const out: number[] = [];
  let position = 0;
  const next = () => {
    let code = 0;
    for (let i = 0; i < length; i++, position++) code |= (((data[position >> 3] as number) >> (position & 7)) & 1) << i;
    return code;
  };
  const reset = () => {
    table = Array.from({ length: clear + 2 }, (_, i) => [i]);
    length = bits + 1;
    before = null;
  };
  reset();
  for (;;) {
    const code = next();
    if (code === clear) {
      reset();
      continue;
    }
    if (code === clear + 1) return out;
    const known: number[] | undefined = table[code];
    const previous: number[] | null = before;
    if (!known && (!previous || code !== table.length)) throw new Error(`code ${code} is not in a table of ${table.length}`);
    const entry: number[] = known ?? [...(previous as number[]), (previous as number[])[0] as number];
    out.push(...entry);
    if (previous && table.length < 4096) table.push([...previous, entry[0] as number]);
    if (table.length === 1 << length && length < 12) length++;
    before = entry;
  }
}

const palette = Array.from({ length: 255 }, (_, i) => [i, 255 - i, (7 * i) % 256] as const);

test('every frame comes back, whatever is in it', () => {
  const key = randomKey(5, 'gif');
  const sizes = [
    [1, 1],
    [2, 3],
    [17, 5],
    [120, 90],
  ] as const;
  for (const [width, height] of sizes) {
    const noise = (frame: number, colours: number) => Uint8Array.from({ length: width * height }, (_, i) => Math.floor(colours * uniformAt(key, frame, i)));
    const frames = [noise(0, 255), noise(1, 2), noise(1, 2), new Uint8Array(width * height), noise(2, 40)];
    const writer = new GifWriter({ width, height, palette });
    frames.forEach((frame, i) => writer.frame(frame, 5 + i));
    const read = decode(writer.finish());
    assert.equal([read.width, read.height], [width, height]);
    assert.equal([...read.palette.subarray(0, 9)], [0, 255, 0, 1, 254, 7, 2, 253, 14]);
    assert.equal(
      read.frames.map(({ hundredths }) => hundredths),
      [5, 6, 7, 8, 9],
    );
    frames.forEach((frame, i) => assert.equal(read.frames[i]?.pixels, frame, `frame ${i} of ${width} × ${height}`));
  }
});

test('long runs and tables that fill up survive', () => {
  const writer = new GifWriter({ width: 400, height: 300, palette });
  const ramp = Uint8Array.from({ length: 120_000 }, (_, i) => (i * 7919) % 251);
  writer.frame(new Uint8Array(120_000).fill(3), 4);
  writer.frame(ramp, 4);
  const { frames } = decode(writer.finish());
  assert.equal(frames[1]?.pixels, ramp);
  assert.ok(frames[0]?.pixels.every((value) => value === 3));
});

test('shapes cover the pixels that they should', () => {
  const canvas = new Canvas(40, 30);
  const at = (x: number, y: number) => [...canvas.pixels.subarray(3 * (y * 40 + x), 3 * (y * 40 + x) + 3)];
  canvas.clear([255, 255, 255]);
  canvas.line([5, 10, 30, 10], 6, [200, 0, 0]);
  canvas.dot(20, 20, 4, [0, 0, 200]);
  canvas.area([30, 20, 38, 20, 34, 28], [0, 200, 0]);
  assert.equal(
    [at(15, 9), at(15, 15), at(20, 20), at(34, 22), at(0, 0)],
    [
      [200, 0, 0],
      [255, 255, 255],
      [0, 0, 200],
      [0, 200, 0],
      [255, 255, 255],
    ],
  );
  canvas.line([-20, -20, 80, 90], 3, [0, 0, 0], 0.5);
  canvas.text(1, 9, 'go 1.2 s?', [1, 2, 3]);
  const colours = new Palette();
  colours.add(canvas);
  const chosen = colours.choose();
  assert.ok(chosen.length > 4 && chosen.length <= 255);
  const indices = colours.indices(canvas);
  const white = chosen[indices[39] as number] as readonly number[];
  assert.equal([...white], [255, 255, 255]);
});

test('the animation has every trial, in true time, and is the same every time', () => {
  const summary = syntheticReach({ trials: 2, steps: 60, epochs: 2 });
  const [gif] = movementGifs(summary);
  assert.is(gif?.name, 'movement-GRU-128.gif');
  const { frames, width } = decode(gif?.data as Uint8Array);
  assert.is(width, 360);
  // 60 samples of 10 ms at 20 pictures a second, and the end of each trial
  assert.is(frames.length, 2 * 13);
  assert.is(frames.filter(({ hundredths }) => hundredths > 20).length, 2);
  assert.equal(movementGifs(summary)[0]?.data, gif?.data);
  assert.is(movementGifs(syntheticReach({ trials: 1, steps: 20, epochs: 2, body: 'pointMass', models: ['A', 'B'] })).length, 2);
  assert.equal(movementGifs(syntheticSummary({ trials: 1, steps: 6, epochs: 2 })), []);
});

test('latents around the go cue move, a frame a step, and is the same every time', () => {
  const summary = syntheticReach({ trials: 2, steps: 60, epochs: 2 });
  const aligned = summary.runs[0]?.reach?.goAligned;
  const [gif] = latentsGifs(summary);
  assert.is(gif?.name, 'latents-GRU-128.gif');
  const { frames } = decode(gif?.data as Uint8Array);
  assert.is(frames.length, 2 * (aligned?.window as number) + 1);
  assert.ok(frames.some((frame, i) => i > 0 && JSON.stringify(frame) !== JSON.stringify(frames[0])));
  assert.equal(latentsGifs(summary)[0]?.data, gif?.data);
  assert.equal(latentsGifs(syntheticSummary({ trials: 1, steps: 6, epochs: 2 })), []);
});

test.run();

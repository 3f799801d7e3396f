// Zip archives of runs: what goes in comes out, and an archive from anywhere cannot do more than be refused.
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { packZip, unpackZip } from '../../src/runs/zip.js';
import { crc32, type RawEntry, rawZip } from '../support/raw-zip.js';

const text = (value: string) => new TextEncoder().encode(value);

/** The message with which an archive is refused. */
function refusal(archive: Uint8Array, limits?: { bytes: number; files: number }): string {
  try {
    unpackZip(archive, 'given.zip', limits);
  } catch (error) {
    assert.instance(error, RunFormatError);
    return (error as Error).message;
  }
  throw new Error('expected the archive to be refused, got its files');
}

test('what is packed comes out again, without the folder around it, and the same files give the same archive', () => {
  const files: [string, Uint8Array][] = [
    ['experiment.json', text('{}')],
    ['GRU-8/seed-0/metrics.jsonl', text('{"epoch":1}\n'.repeat(500))],
    ['GRU-8/seed-0/checkpoints/last.safetensors', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255)],
    ['empty', new Uint8Array()],
  ];
  const archive = packZip(files, 'quickstart');
  assert.equal(packZip([...files].reverse(), 'quickstart'), archive);
  const unpacked = unpackZip(archive, 'quickstart.zip');
  assert.is(unpacked.size, files.length);
  for (const [path, data] of files) assert.equal(unpacked.get(path), data);
});

test('files without a folder around them keep their paths; folders, comments and what macOS adds do no harm', () => {
  const archive = rawZip(
    [
      { name: 'GRU/' },
      { name: 'GRU/manifest.json', data: text('{}') },
      { name: 'experiment.json', data: text('[]') },
      { name: '__MACOSX/GRU/._x', data: text('x') },
      { name: 'GRU/.DS_Store', data: text('x') },
    ],
    { comment: 'PK and more' },
  );
  assert.equal([...unpackZip(archive, 'x.zip').keys()], ['GRU/manifest.json', 'experiment.json']);
});

test('names that lead out of the folder, or mean something to a system, are refused', () => {
  for (const name of ['../evil', 'run/../../evil', '/etc/passwd', 'C:/evil', 'a\\..\\evil', 'a//b', './a', 'a/./b', 'nul\u0000.txt', '..', 'x/..'])
    assert.match(refusal(rawZip([{ name: 'experiment.json' }, { name }])), "names below the archive's root", name);
  assert.match(refusal(rawZip([{ name: 'a'.repeat(1001) }])), "names below the archive's root");
});

test('a file that comes twice, also in other capitals, and a file that is a folder are refused', () => {
  assert.match(refusal(rawZip([{ name: 'a/b' }, { name: 'a/b' }])), 'twice');
  assert.match(refusal(rawZip([{ name: 'a/b' }, { name: 'A/B' }])), 'twice');
  assert.match(refusal(rawZip([{ name: 'x/a' }, { name: 'x/a/b' }])), 'got both');
});

test('links, passwords, other compressions and zip64 are refused by name', () => {
  assert.match(refusal(rawZip([{ name: 'link', data: text('/etc/passwd'), mode: 0o120777 }])), 'symbolic link "link"');
  assert.match(refusal(rawZip([{ name: 'secret', flags: 1 }])), 'without a password, got "secret"');
  assert.match(refusal(rawZip([{ name: 'a', method: 12 }])), 'compression method 12');
  assert.match(refusal(rawZip([{ name: 'a' }], { count: 0xffff })), 'zip64');
});

test('an archive that would unpack to too much is refused before it is unpacked', () => {
  const entries: RawEntry[] = Array.from({ length: 5 }, (_, i) => ({ name: `f${i}`, size: 4e8 }));
  assert.match(refusal(rawZip(entries)), 'at most 1000000000 bytes together, got 2000000000');
  assert.match(refusal(rawZip([{ name: 'a' }, { name: 'b' }]), { bytes: 100, files: 1 }), 'at most 1 files, got 2');
});

test('a file that unpacks to more than it claims is given up at once', () => {
  const much = new Uint8Array(16 * 1024 * 1024);
  const bomb = { name: 'bomb', method: 8, data: deflateSync(much, { level: 9 }), crc: 0, size: 100 };
  const started = performance.now();
  assert.match(refusal(rawZip([bomb])), 'more than the 100 bytes that it claims');
  assert.ok(performance.now() - started < 2000);
});

test('damage is told from the content: checksums, sizes, places', () => {
  const data = text('the weights');
  assert.match(refusal(rawZip([{ name: 'a', data, crc: 1 }])), '"a" with other content');
  assert.match(refusal(rawZip([{ name: 'a', data: deflateSync(data), method: 8, crc: crc32(data), size: 100 }])), '"a" with other content');
  assert.match(refusal(rawZip([{ name: 'a', data: deflateSync(data).slice(0, 4), method: 8, size: data.length }])), 'cannot be unpacked');
  const whole = rawZip([{ name: 'a', data }]);
  assert.match(refusal(whole.slice(0, -5)), 'cut short');
  assert.match(refusal(whole.slice(20)), 'intact');
  assert.match(refusal(text('not an archive at all')), 'got something else');
  assert.match(refusal(new Uint8Array()), 'got something else');
});

test('whatever bytes are changed, an archive opens or is refused in our words, and never grows beyond its limits', () => {
  const archive = packZip(
    [
      ['experiment.json', text('{"name":"x"}'.repeat(30))],
      ['GRU/seed-0/manifest.json', text('{"status":"complete"}')],
    ],
    'x',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
      const broken = archive.slice();
      for (const [at, value] of changes) broken[at] = value;
      try {
        const total = [...unpackZip(broken, 'x.zip', { bytes: 100_000, files: 10 }).values()].reduce((sum, { length }) => sum + length, 0);
        assert.ok(total <= 100_000);
      } catch (error) {
        assert.instance(error, RunFormatError);
      }
    }),
    { seed: 7, numRuns: 600 },
  );
});

test.run();

// The JSON Schema that editors use is current, and every experiment in the repository is valid. Node only: reads files.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { publishedJsonSchema } from '../../src/config/json-schema.js';
import { parseExperimentsText } from '../../src/config/yaml.js';

const root = new URL('../../', import.meta.url);

test('experiments/experiment.schema.json is what scripts/build-schema.ts writes', () => {
  const written = readFileSync(new URL('experiments/experiment.schema.json', root), 'utf8');
  assert.is(written, `${JSON.stringify(publishedJsonSchema(), null, 1)}\n`, 'run node --import tsx scripts/build-schema.ts');
});

test('every experiment file is valid and names its schema', () => {
  for (const folder of ['experiments/', 'experiments/notebook/', 'examples/']) {
    for (const name of readdirSync(new URL(folder, root)).filter((file) => file.endsWith('.yaml'))) {
      const text = readFileSync(new URL(folder + name, root), 'utf8');
      const reference = /^# yaml-language-server: \$schema=(.*)$/m.exec(text)?.[1] as string;
      assert.ok(new URL(reference, new URL(folder, root)).pathname.endsWith('/experiments/experiment.schema.json'), name);
      for (const experiment of parseExperimentsText(text, name)) assert.ok(experiment.name.startsWith(name.replace('.yaml', '')), name);
    }
  }
});

test('the notebook’s recipe is the notebook’s', () => {
  const [experiment] = parseExperimentsText(readFileSync(new URL('experiments/notebook-3bff.yaml', root), 'utf8'), 'notebook-3bff.yaml');
  assert.equal(
    experiment?.models.map(({ name, training }) => [name, training.epochs, training.batchSize, training.learningRate, training.weightDecay, training.clip]),
    [
      ['GRU-128', 500, 800, 0.001, 1e-8, null],
      ['NODE-3', 500, 800, 0.001, 1e-10, null],
    ],
  );
});

test.run();

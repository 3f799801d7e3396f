// Writes experiments/experiment.schema.json, from which editors complete and check experiment files; a test fails when it is not current.
import { writeFileSync } from 'node:fs';
import { publishedJsonSchema } from '../src/config/json-schema.js';

const file = new URL('../experiments/experiment.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(publishedJsonSchema(), null, 1)}\n`);
console.log('experiments/experiment.schema.json');

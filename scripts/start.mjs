// npm start: from a clone to the report of the quick-start experiment. Arguments after `--` go to `motorloop run`.
import { run, setUp } from './setup.mjs';

setUp();
process.on('SIGINT', () => {}); // the run stops by itself, cleanly
process.exitCode = run(process.execPath, ['bin/motorloop.js', 'run', 'experiments/quickstart.yaml', ...process.argv.slice(2)]);

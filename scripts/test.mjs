// npm test [-- [--all] [pattern…]]: installs and builds what is missing, then runs the checks and tests (scripts/run-tests.ts).
import { run, setUp } from './setup.mjs';

setUp();
process.exitCode = run(process.execPath, ['--import', 'tsx', 'scripts/run-tests.ts', ...process.argv.slice(2)]);

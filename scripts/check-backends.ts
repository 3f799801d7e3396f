// Fails when a backend named in REQUIRE_BACKENDS (comma-separated) is missing here; says what each backend is otherwise.
import { listBackends } from '../src/backends/create.js';

const required = (process.env.REQUIRE_BACKENDS ?? '').split(',').filter((name) => name !== '');
const reports = await listBackends();
for (const { name, available, variants, threads, reason } of reports)
  console.log(`${name}: ${available ? `${variants.join(', ')}; ${threads} threads` : 'missing'}: ${reason}`);
const missing = required.filter((name) => !reports.some((report) => report.name === name && report.available));
if (missing.length > 0) console.error(`check-backends: expected ${required.join(', ')} (REQUIRE_BACKENDS), got no ${missing.join(', no ')}`);
process.exit(missing.length === 0 ? 0 : 1);

// Fails when a backend, or the browser, named in REQUIRE_BACKENDS (comma-separated) is missing here; says what each is otherwise.
import { listBackends } from '../src/backends/create.js';
import { launchChromium } from '../src/platform/chromium.js';

const required = (process.env.REQUIRE_BACKENDS ?? '').split(',').filter((name) => name !== '');
const reports = await listBackends();
for (const { name, available, variants, threads, reason } of reports)
  console.log(`${name}: ${available ? `${variants.join(', ')}; ${threads} threads` : 'missing'}: ${reason}`);
const found = new Set(reports.filter(({ available }) => available).map(({ name }) => name));
try {
  const browser = await launchChromium();
  console.log(`chromium: ${browser.version()}`);
  found.add('chromium');
  await browser.close();
} catch (error) {
  console.log(`chromium: missing: ${error instanceof Error ? error.message : String(error)}`);
}
const missing = required.filter((name) => !found.has(name));
if (missing.length > 0) console.error(`check-backends: expected ${required.join(', ')} (REQUIRE_BACKENDS), got no ${missing.join(', no ')}`);
process.exit(missing.length === 0 ? 0 : 1);

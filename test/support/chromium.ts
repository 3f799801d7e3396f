// Headless Chromium for tests: one that starts, or a skip with the reason; a failure where REQUIRE_BACKENDS names chromium.
import type { Browser } from 'playwright-core';
import { ConfigError } from '../../src/errors.js';
import { launchChromium } from '../../src/platform/chromium.js';
import { skip } from './skip.js';

/** A browser, or null after registering `what` as skipped. */
export async function chromiumOrSkip(test: { skip(name: string): void }, what: string): Promise<Browser | null> {
  try {
    return await launchChromium();
  } catch (error) {
    const required = (process.env.REQUIRE_BACKENDS ?? '').split(',').includes('chromium');
    if (!(error instanceof ConfigError) || required) throw error;
    skip(test, what, error.message);
    return null;
  }
}

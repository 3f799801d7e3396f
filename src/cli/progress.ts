// Progress on standard error: one line rewritten in place on a terminal, plain lines now and then elsewhere.
import { columns, isInteractive, writeError } from '../platform/terminal.js';

// A person reads about ten changes a second; a log file wants few lines.
const INTERACTIVE_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;

/** One changing line. All methods do nothing under --quiet. */
export class Progress {
  readonly #quiet: boolean;
  readonly #interactive = isInteractive();
  #shown = false;
  #last = Number.NEGATIVE_INFINITY;

  constructor(quiet = false) {
    this.#quiet = quiet;
  }

  /** Shows `line` now or, when the last change is recent, not at all. `always` shows it in any case. */
  update(line: string, always = false): void {
    if (this.#quiet) return;
    const now = performance.now();
    if (!always && now - this.#last < (this.#interactive ? INTERACTIVE_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
    this.#last = now;
    if (this.#interactive) {
      writeError(`\r\x1b[2K${[...line].slice(0, columns() - 1).join('')}`);
      this.#shown = true;
    } else {
      writeError(`${line}\n`);
    }
  }

  /** Removes the line, so that something else can be printed; on anything but a terminal, nothing. */
  clear(): void {
    if (this.#shown) writeError('\r\x1b[2K');
    this.#shown = false;
  }
}

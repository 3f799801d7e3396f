// Progress on standard error: lines rewritten in place on a terminal, plain lines now and then elsewhere.
import { columns, isInteractive, writeError } from '../platform/terminal.js';

// A person reads about ten changes a second; a log file wants few lines.
const INTERACTIVE_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;

/** One changing line, or several. All methods do nothing under --quiet. */
export class Progress {
  readonly #quiet: boolean;
  readonly #interactive = isInteractive();
  /** Lines on the screen now. */
  #shown = 0;
  #last = Number.NEGATIVE_INFINITY;
  readonly #clocks = new Map<number, number>();

  constructor(quiet = false) {
    this.#quiet = quiet;
  }

  /** Shows `line` now or, when the last change is recent, not at all. `always` shows it in any case. */
  update(line: string, always = false): void {
    if (this.#quiet) return;
    const now = performance.now();
    if (!always && now - this.#last < (this.#interactive ? INTERACTIVE_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
    this.#last = now;
    if (this.#interactive) this.#draw([line]);
    else writeError(`${line}\n`);
  }

  /** Shows several lines, under the same rule; where they cannot be rewritten, only the line `changed`, each line by its own clock. */
  lines(lines: readonly string[], changed: number): void {
    if (this.#quiet) return;
    const now = performance.now();
    const last = this.#interactive ? this.#last : (this.#clocks.get(changed) ?? Number.NEGATIVE_INFINITY);
    if (now - last < (this.#interactive ? INTERACTIVE_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
    this.#last = now;
    this.#clocks.set(changed, now);
    if (this.#interactive) this.#draw(lines);
    else writeError(`${lines[changed] ?? ''}\n`);
  }

  #draw(lines: readonly string[]): void {
    const width = columns() - 1;
    const text = lines.map((line) => `\x1b[2K${[...line].slice(0, width).join('')}`).join('\n');
    writeError(`${this.#home()}\x1b[J${text}`);
    this.#shown = lines.length;
  }

  /** Moves to the beginning of what is shown. */
  #home(): string {
    return this.#shown > 1 ? `\r\x1b[${this.#shown - 1}A` : '\r';
  }

  /** Removes what is shown, so that something else can be printed; on anything but a terminal, nothing. */
  clear(): void {
    if (this.#shown > 0) writeError(`${this.#home()}\x1b[J`);
    this.#shown = 0;
  }
}

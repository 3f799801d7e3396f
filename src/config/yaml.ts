// Experiments as text: YAML 1.2 with the core schema (JSON is a part of it), and overrides written PATH=VALUE. Not part of the browser core.
import { LineCounter, parseDocument } from 'yaml';
import { ConfigError } from '../errors.js';
import { type Experiment, parseExperiment } from './experiment.js';
import { parseExperiments } from './grid.js';
import { setOption } from './overrides.js';

/** An experiment is a page or two; a file beyond this is something else. */
const largestText = 1_000_000;
/** One slip of the pen often makes many faults. */
const shownFaults = 5;
/** Aliases may stand for at most this many nodes in all: enough for anchors written by hand, too few for a billion laughs. */
const largestAliasCount = 100;

/**
 * The value of a YAML or JSON text, unchecked. Throws ConfigError with line and column for bad syntax, repeated keys, unknown tags, more than one
 * document, too many aliases or too long a text.
 */
export function parseYaml(text: string, where: string): unknown {
  if (text.length > largestText) throw new ConfigError(where, [`expected at most ${largestText} characters, got ${text.length}`]);
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, { schema: 'core', version: '1.2', uniqueKeys: true, merge: false, strict: true, prettyErrors: false, lineCounter });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) {
      throw new ConfigError(
        where,
        faults.slice(0, shownFaults).map((fault) => {
          const { line, col } = lineCounter.linePos(fault.pos[0]);
          return `line ${line}, column ${col}: expected valid YAML, got: ${fault.message}`;
        }),
      );
    }
    return document.toJS({ maxAliasCount: largestAliasCount });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // Aliases beyond the limit (ReferenceError) and nesting beyond the stack (RangeError).
    throw new ConfigError(where, [`expected a plain experiment, got: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** Reads and checks one experiment; `overrides` as in `applyOverrides`. Throws ConfigError. */
export function parseExperimentText(text: string, where: string, overrides: readonly string[] = []): Experiment {
  return parseExperiment(applyOverrides(parseYaml(text, where), overrides), where);
}

/** Like `parseExperimentText`, for a text that may hold a `grid`: one experiment per combination, or the single one. */
export function parseExperimentsText(text: string, where: string, overrides: readonly string[] = []): Experiment[] {
  return parseExperiments(applyOverrides(parseYaml(text, where), overrides), where);
}

/**
 * A copy of an unchecked experiment with each `PATH=VALUE` applied in turn; values are YAML (`64`, `true`, `null`, `[64, 64]`, `{ name: sgd }`).
 * Throws ConfigError for text without `=`, a value that is no YAML and a path that leads nowhere.
 */
export function applyOverrides(experiment: unknown, overrides: readonly string[]): unknown {
  return overrides.reduce((changed, override) => {
    const at = override.indexOf('=');
    if (at <= 0) throw new ConfigError('--set', [`expected PATH=VALUE, e.g. training.epochs=100, got '${override}'`]);
    const path = override.slice(0, at).trim();
    return setOption(changed, path, parseYaml(override.slice(at + 1), `--set ${path}`), '--set');
  }, experiment);
}

// Several networks side by side: which are compared, in which groups, against which reference (after CtDB's Comparison object).
import { ConfigError } from '../errors.js';
import type { Analysis } from './analysis.js';
import type { ComparisonSummary } from './comparison-data.js';
import { type ComparisonOptions, summariseComparison } from './comparison-summary.js';

export interface LoadOptions {
  /** Default: the analysis' own group, `None` where nothing was said. */
  readonly group?: string;
  /** The one that all others are held against. Default: the first that was loaded, unless another is marked. */
  readonly reference?: boolean;
}

export interface LoadedAnalysis {
  readonly analysis: Analysis;
  readonly group: string;
  readonly reference: boolean;
}

/** What is compared. Load analyses one by one; then ask for a summary, or take the parts and call the functions of similarity/ and dsa/ on them. */
export class Comparison {
  #loaded: LoadedAnalysis[] = [];

  /** Adds an analysis. Throws ConfigError for a second reference and for a name that is taken. */
  load(analysis: Analysis, { group = analysis.group, reference = false }: LoadOptions = {}): this {
    const problems: string[] = [];
    const marked = this.#loaded.find((entry) => entry.reference);
    if (reference && marked) problems.push(`expected one reference at most, got ${analysis.name} besides ${marked.analysis.name}`);
    if (this.#loaded.some((entry) => entry.analysis.name === analysis.name))
      problems.push(`expected a name of its own for each analysis, got ${JSON.stringify(analysis.name)} twice; open it with another name`);
    if (problems.length > 0) throw new ConfigError('Comparison.load', problems);
    this.#loaded.push({ analysis, group, reference });
    return this;
  }

  /** Sorts by name of group; within a group the order of loading stays, and the reference stays the reference. */
  regroup(): this {
    const first = this.#loaded[this.reference];
    this.#loaded = this.#loaded.map((entry) => ({ ...entry, reference: entry === first })).sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));
    return this;
  }

  /** In the order of tables and figures. */
  get loaded(): readonly LoadedAnalysis[] {
    return this.#loaded;
  }

  get analyses(): readonly Analysis[] {
    return this.#loaded.map(({ analysis }) => analysis);
  }

  /** Names of the groups, in order. */
  get groups(): readonly string[] {
    return [...new Set(this.#loaded.map(({ group }) => group))];
  }

  /** Position of the reference: the one marked so, else the first; −1 while nothing is loaded. */
  get reference(): number {
    const marked = this.#loaded.findIndex(({ reference }) => reference);
    return marked >= 0 ? marked : this.#loaded.length > 0 ? 0 : -1;
  }

  /**
   * All scores, maps and figures' numbers. Throws ConfigError unless there are two or more analyses of the same trials (or `sameTrials` is false),
   * RunFormatError when latents are not finite.
   */
  summarise(options: ComparisonOptions): Promise<ComparisonSummary> {
    return summariseComparison(this.#loaded, this.reference, options);
  }
}

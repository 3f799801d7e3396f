// Which of the epochs whose checkpoints were kept figures show.

/** At most `most` of ascending epochs, the first and the last among them, evenly spread by their number. */
export function someEpochs(epochs: readonly number[], most: number): number[] {
  const every = Math.max(1, (epochs.length - 1) / (most - 1));
  return [...new Set(epochs.map((_, i) => Math.round(i * every)))].flatMap((i) => epochs[i] ?? []);
}

// Numbers as people read them: counts, losses, shares, durations.

/** 51587 → `51 587`, with a narrow no-break space; four digits stay together. */
export function formatCount(value: number): string {
  const digits = String(Math.round(value));
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** Three significant digits; `–` where there is no number. */
export function formatNumber(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6)
    return minus(
      value
        .toExponential(digits - 1)
        .replace('e-', 'e−')
        .replace('e+', 'e'),
    );
  const text = value.toPrecision(digits);
  return minus(text.includes('e') ? String(Number(text)) : text);
}

/** A real minus sign for a leading hyphen. */
export function minus(text: string): string {
  return text.replace(/^-/, '−');
}

/** 0.9764 → `97.6 %`. */
export function formatShare(value: number | null, digits = 1): string {
  return value === null ? '–' : `${minus((value * 100).toFixed(digits))}\u202f%`;
}

/** 112.3 → `1 min 52 s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}\u202fs`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}\u202fs`;
  if (whole < 3600) return `${Math.floor(whole / 60)}\u202fmin ${whole % 60}\u202fs`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}\u202fh ${minutes % 60}\u202fmin`;
}

const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** Small numbers as words: 3 → `three`. */
export function formatWord(value: number): string {
  return words[value] ?? String(value);
}

/** `a`, `a and b`, `a, b and c`. */
export function formatList(items: readonly string[], conjunction = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`;
}

/** `1 trial`, `3 trials`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A label for places with room for nine letters, or for `most`. */
export function shorten(label: string, most = 9): string {
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

/** A label of at most `most` letters that keeps its beginning and its end: names of networks differ there. */
export function squeeze(label: string, most: number): string {
  if (label.length <= most) return label;
  const tail = Math.min(6, Math.floor((most - 1) / 2));
  return `${label.slice(0, most - 1 - tail)}…${label.slice(-tail)}`;
}

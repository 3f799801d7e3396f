// How many of a scene's points lie below a threshold of their speed, in words. Runs here and, as its own source text, in the report's page:
// uses its arguments only.
import type { PointChoice, ScenePoint } from './draw-scene.js';

/** `23 of 24 points have q < 10⁻⁵: 8 stable, 12 with one unstable direction, …`. A higher threshold never shows fewer points. */
export function choiceText(points: readonly Pick<ScenePoint, 'kind' | 'speed' | 'far'>[], { threshold, far }: Omit<PointChoice, 'picked'>): string {
  const below = points.filter((point) => point.speed < threshold);
  const shown = below.filter((point) => far || !point.far);
  const counts = [0, 1, 2, 3].map((kind) => shown.filter((point) => point.kind === kind).length);
  const kinds = ['stable', 'with one unstable direction', 'with two', 'with three or more'].flatMap((name, kind) =>
    (counts[kind] as number) > 0 ? [`${counts[kind]} ${kind > 1 && counts[1] === 0 ? `${name} unstable directions` : name}`] : [],
  );
  // 10⁻²⁰, or 10⁻⁵·²⁵
  const digits = String(Math.round(Math.log10(threshold) * 100) / 100).split('');
  const limit = `10${digits.map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? (digit === '-' ? '⁻' : '·')).join('')}`;
  const rest = below.length - shown.length;
  const hidden = rest > 0 ? ` ${rest} more ${rest === 1 ? 'lies' : 'lie'} far from the data and ${rest === 1 ? 'is' : 'are'} not drawn.` : '';
  const list = shown.length > 0 ? `: ${kinds.join(', ')}` : '';
  return `${shown.length} of ${points.length} points ${far || rest === 0 ? '' : 'near the data '}have q < ${limit}${list}.${hidden}`;
}

// Rules of the figures of the multitask battery, with the colours of whatever page they stand on.

export type MultitaskColour = 'ink' | 'quiet' | 'rule' | 'red' | 'orange' | 'blue' | 'purple' | 'green';

/** Rules as text; colours by phase and by channel, safe for the common colour-vision deficiencies (Okabe & Ito 2008). */
export function multitaskStyle(colour: (name: MultitaskColour) => string): string {
  const phases = ['ink', 'red', 'orange', 'blue', 'purple', 'green'] as const;
  const line = (name: string, rules: string) => `.mt path.mt-${name}{${rules}}`;
  return [
    line('line', 'fill:none;stroke-width:1.1;stroke-linejoin:round'),
    line('one', `stroke:${colour('ink')}`),
    line('cos', `stroke:${colour('blue')}`),
    line('sin', `stroke:${colour('red')}`),
    line('faint', `stroke:${colour('rule')};stroke-width:.6`),
    line('wanted', 'stroke-width:4;opacity:.3'),
    line('edge', `stroke:${colour('quiet')};stroke-dasharray:3 3;fill:none`),
    `.mt .mt-circle{fill:none;stroke:${colour('rule')}}.mt .frame{fill:none;stroke:${colour('rule')}}`,
    '.mt text.mt-phase,.mt text.mt-tick,.mt text.mt-label{text-anchor:middle}.mt text.mt-phase{font-size:12.5px;font-weight:600}',
    '.mt text.mt-side,.mt .mt-row text{text-anchor:end}.mt .mt-row text{font-size:11.5px}.mt .mt-row text.mt-label{font-size:12.5px}.mt .mt-row text.mt-label{text-anchor:middle}',
    phases
      .map((name, i) => `path.phase-step${i}{stroke:${colour(name)};fill:none}circle.phase-step${i},.mt text.phase-step${i}{fill:${colour(name)}}`)
      .join(''),
    'path.mt-path{stroke-width:1.4}',
  ].join('');
}

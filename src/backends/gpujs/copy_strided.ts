// copy_strided: y[y_offset + i · y_stride] = x[x_offset + i · x_stride], plus what y held before when accumulate: transpose, slice, concat, pad.
// Each element of y looks for the index that leads to it: strides of y taken off from the largest on. Views of y whose axes interleave go through the host.
import type { GpujsCall } from './kernel.js';

const axes = [0, 1, 2, 3] as const;

export function copy_strided(call: GpujsCall): void {
  const { args, params, launcher } = call;
  const { x, y } = args;
  const size = (axis: number) => params[`n${axis}`] as number;
  const stride = (axis: number) => params[`y_stride${axis}`] as number;
  const moving = axes.filter((axis) => stride(axis) !== 0 && size(axis) > 1).sort((a, b) => stride(b) - stride(a));
  const repeated = axes.filter((axis) => stride(axis) === 0 && size(axis) > 1);
  let reach = 0;
  const nested = [...moving].reverse().every((axis) => {
    const fits = stride(axis) > reach;
    reach += (size(axis) - 1) * stride(axis);
    return fits;
  });
  if (!nested) {
    copyOnHost(call);
    return;
  }

  const before = params.accumulate ? 'y[i]' : '0.0';
  const taken = moving.map(
    (axis) => `const i${axis} = quotient(rest, y_stride${axis}); if (i${axis} >= n${axis}) { return y[i]; } rest = rest - i${axis} * y_stride${axis};`,
  );
  const place = ['x_offset', ...moving.map((axis) => `i${axis} * x_stride${axis}`), ...repeated.map((axis) => `j${axis} * x_stride${axis}`)].join(' + ');
  // Without accumulation the last of the elements that go to one place stays.
  const loops = repeated.map((axis) => `for (let j${axis} = ${params.accumulate ? 0 : size(axis) - 1}; j${axis} < ${size(axis)}; j${axis}++) {`);
  const body = `
    let rest = i - y_offset;
    if (rest < 0) { return y[i]; }
    ${taken.join('\n')}
    if (rest != 0) { return y[i]; }
    let sum = ${before};
    ${loops.join(' ')} sum += x[${place}]; ${loops.map(() => '}').join(' ')}
    return sum;`;
  const names = ['x_offset', 'y_offset', ...[...moving, ...repeated].flatMap((axis) => [`n${axis}`, `x_stride${axis}`, `y_stride${axis}`])];
  const ints = Object.fromEntries(names.filter((name) => new RegExp(`\\b${name}\\b`).test(body)).map((name) => [name, params[name] as number]));
  y.setDevice(launcher.run(body, y.length, { x: x.value, y: y.value }, { ints }));
}

function copyOnHost({ args: { x, y }, params }: GpujsCall): void {
  const source = x.data;
  const target = y.data.slice();
  const n = axes.map((axis) => params[`n${axis}`] as number) as [number, number, number, number];
  const at = (prefix: string, index: readonly number[]) =>
    index.reduce((sum, place, axis) => sum + place * (params[`${prefix}_stride${axis}`] as number), params[`${prefix}_offset`] as number);
  for (let i0 = 0; i0 < n[0]; i0++)
    for (let i1 = 0; i1 < n[1]; i1++)
      for (let i2 = 0; i2 < n[2]; i2++)
        for (let i3 = 0; i3 < n[3]; i3++) {
          const index = [i0, i1, i2, i3];
          const place = at('y', index);
          target[place] = (params.accumulate ? (target[place] as number) : 0) + (source[at('x', index)] as number);
        }
  y.setHost(target);
}

// cell_jacobian: one step of a cell in f64, and row by row its Jacobian: row i is the gradient of component i, by the cell's own way back.
import { ShapeError } from '../../errors.js';
import type { ReferenceCall, Values } from './kernel.js';
import { cellOf, cellSizes, vectorAt } from './rollout.js';

export function cell_jacobian(call: ReferenceCall): void {
  const { variant, args, dims } = call;
  const { B, I, S, P } = dims;
  const cell = cellOf(variant);
  const sizes = cellSizes(call);
  const count = cell.parameterCount(sizes);
  if (P < count)
    throw new ShapeError(`cell_jacobian ${variant}: expected at least ${count} parameters, got ${P}; check hidden_size, layer_sizes and the model's options`);
  const parameters = Float64Array.from(args.parameters.subarray(0, count));
  const jacobian: Values | undefined = args.jacobian;
  const inputJacobian: Values | undefined = args.input_jacobian;
  const [gradient, dState, dX] = [new Float64Array(count), new Float64Array(S), new Float64Array(I)];
  for (let b = 0; b < B; b++) {
    const x = vectorAt(args.inputs, b, I);
    const step = { x, state: vectorAt(args.states, b, S), next: new Float64Array(S), kept: new Float64Array(cell.keptCount(sizes)) };
    cell.forward(sizes, parameters, step, null);
    args.next.set(step.next, b * S);
    if (!jacobian && !inputJacobian) continue;
    for (let i = 0; i < S; i++) {
      const unit = new Float64Array(S);
      unit[i] = 1;
      cell.backward(sizes, parameters, step, unit, gradient, dState, dX);
      jacobian?.set(dState, (b * S + i) * S);
      inputJacobian?.set(dX, (b * S + i) * I);
    }
  }
}

// ReLU muscle: force in proportion to activation. Rows: activation, musculotendon length, musculotendon velocity, force.
// Math  F = a F_max. At rest the force is 0 even where the minimum activation is not (Q10).
import { type Muscle, rigidTendon } from './muscle.js';

const moving = rigidTendon({
  evaluate(p, activation, length, velocity, rows) {
    rows[0] = activation;
    rows[1] = length;
    rows[2] = velocity;
    rows[3] = activation * p.maximumForce;
  },
  evaluateBackward: (p, _activation, _length, _velocity, dRows) => ({
    activation: dRows[0] + dRows[3] * p.maximumForce,
    length: dRows[1],
    velocity: dRows[2],
  }),
});

export const relu: Muscle = {
  ...moving,
  reset(p, length, velocity, _step, rows) {
    moving.observe(p, p.minimumActivation, 0, length, velocity, rows);
    rows[3] = 0;
  },
  resetBackward: (_p, _length, _velocity, _step, dRows) => ({ length: dRows[1], velocity: dRows[2] }),
};

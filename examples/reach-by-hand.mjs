// A body stepped by hand: an Environment in a loop, gym-style, with a controller of one's own instead of a network. The controller is a stretch reflex whose
// set point moves to the posture of the goal (Feldman 1966): every muscle is driven by how much longer than wanted it feels, and by its lengthening, 20 ms late.
import { createBackend, Environment, inverseKinematics } from 'motorloop';

const backend = await createBackend('wasm');
const environment = new Environment({
  backend,
  effector: { effector: 'RigidTendonArm26', muscle: 'MujocoHill' },
  sensors: { visionDelay: 0.05, proprioceptionDelay: 0.02, proprioceptionNoise: 0.002 },
  goal: 'zeros',
  maxDuration: 1.5,
});

// An observation holds the goal (2), the seen hand (2), muscle lengths (6) and velocities (6). What would the muscles feel at the goal?
const goal = [-0.1, 0.45];
const there = await environment.reset({ jointState: inverseKinematics(environment.body, ...goal), deterministic: true });
const wanted = there.observation.slice(4, 10);

let { observation, info } = await environment.reset({ seed: 1, jointState: [0.6, 1.2], goal });
const distance = () => Math.hypot(info.states.fingertip[0] - goal[0], info.states.fingertip[1] - goal[1]);
console.log(`starts ${(100 * distance()).toFixed(1)} cm from the goal`);
for (let done = false; !done; ) {
  const [lengths, velocities] = [observation.slice(4, 10), observation.slice(10, 16)];
  const action = lengths.map((length, muscle) => 0.02 + (length - wanted[muscle]) + 2 * velocities[muscle]);
  const step = await environment.step(action, { endpointLoad: environment.elapsed < 0.6 || environment.elapsed > 0.7 ? [0, 0] : [3, 0] });
  ({ observation, info } = step);
  done = step.terminated;
}
console.log(`ends ${(100 * distance()).toFixed(1)} cm from it`);
environment.dispose();
await backend.dispose();

// One time step of a body on gpu.js, and its reverse: a launch for rates, one to integrate, and one for each cotangent. Packed arrays: body.ts.
import type { GpujsValue } from '../../platform/gpujs.js';
import { bodyNumber } from '../body-layout.js';
import type { GpujsArray } from './array.js';
import { acceleration, accelerationBack, type GpujsBody, geometry, geometryBack, jacobian, jointOf, jointStep, jointStepBack } from './body.js';
import { places } from './kernel.js';
import type { Launcher, LaunchNumbers } from './launcher.js';
import { activationTimes, minimumActivation } from './muscles.js';

const length1 = `body[${bodyNumber.length1}]`;
const length2 = `body[${bodyNumber.length2}]`;

/** Launches for B trials of one body. */
export class BodyLauncher {
  readonly body: GpujsBody;
  readonly B: number;
  readonly launcher: Launcher;

  constructor(launcher: Launcher, body: GpujsBody, B: number) {
    this.launcher = launcher;
    this.body = body;
    this.B = B;
  }

  /** One launch for all entries [B, width]: `z` is the entry of trial b. */
  run(width: number, text: string, values: Readonly<Record<string, GpujsValue>>, numbers: LaunchNumbers = {}): GpujsValue {
    const reads = Object.fromEntries(Object.entries(values).filter(([name]) => new RegExp(`\\b${name}\\[`).test(text)));
    const body: Record<string, GpujsValue> = /\bbody\[/.test(text) ? { body: this.body.table } : {};
    return this.launcher.run(`${places(['b', 'z'], [width])} ${text}`, this.B * width, { ...body, ...reads }, numbers);
  }

  /** Values of equal length, each times its scale; released. */
  sum(terms: readonly (readonly [GpujsValue, number])[]): GpujsValue {
    const [first] = terms as [readonly [GpujsValue, number]];
    if (terms.length === 1 && first[1] === 1) return first[0];
    const body = `return ${terms.map((_, k) => `s${k} * v${k}[i]`).join(' + ')};`;
    const values = Object.fromEntries(terms.map(([value], k) => [`v${k}`, value]));
    const result = this.launcher.run(body, this.launcher.lengthOf(first[0]), values, {
      floats: Object.fromEntries(terms.map(([, scale], k) => [`s${k}`, scale])),
    });
    this.launcher.release(...new Set(terms.map(([value]) => value)));
    return result;
  }

  /** The state at rest of joint [B, 4]. */
  reset(joint: GpujsValue): GpujsValue {
    const { M, R, Z, muscle } = this.body;
    const own = ['q0', 'q1', 'w0', 'w1'];
    const text = `
      const q0 = joint[b * 4]; const q1 = joint[b * 4 + 1]; const w0 = joint[b * 4 + 2]; const w1 = joint[b * 4 + 3];
      if (z < 4) { return joint[b * 4 + z]; }
      const row = quotient(z - 4, ${M}); const m = z - 4 - row * ${M};
      ${geometry(this.body, own)}
      ${geometryRow(R)}
      ${muscle.idleAtRest ? `if (row == ${R - 1}) { return 0.0; }` : ''}
      const a = ${minimumActivation};
      ${muscle.forward}
      ${muscleRow(R)}`;
    return this.run(Z, text, { joint });
  }

  /** The reverse of `reset`: ∂L/∂joint [B, 4], the state's own joint included. */
  resetBack(joint: GpujsValue, dState: GpujsValue): GpujsValue {
    const { M, R, Z, muscle } = this.body;
    const read = 'const q0 = joint[b * 4]; const q1 = joint[b * 4 + 1]; const w0 = joint[b * 4 + 2]; const w1 = joint[b * 4 + 3];';
    const cotangents = rowCotangents(R, (row) => (muscle.idleAtRest && row === R - 1 ? '0.0' : `dState[b * ${Z} + ${4 + row * M} + m]`));
    const dGeometry = this.run(
      4 * M,
      `${read} const row = quotient(z, ${M}); const m = z - row * ${M};
      const own = dState[b * ${Z} + ${4 + R * M} + z];
      if (row > 1) { return own; }
      ${geometry(this.body, ['q0', 'q1', 'w0', 'w1'])}
      const a = ${minimumActivation}; ${cotangents} ${muscle.backward}
      if (row == 0) { return own + dlen; }
      return own + dvel;`,
      { joint, dState },
    );
    const result = this.run(4, `${read} ${eachJoint((j) => this.#ownJoint(j, (row) => `dGeometry[b * ${4 * M} + ${row * M} + m]`))}`, {
      joint,
      dState,
      dGeometry,
    });
    this.launcher.release(dGeometry);
    return result;
  }

  /** What joint j gets directly and through the geometry of the same state. */
  #ownJoint(j: 0 | 1, dGeometry: (row: number) => string): string {
    const { Z } = this.body;
    return `let dn = dState[b * ${Z} + ${j}]; let du = dState[b * ${Z} + ${2 + j}];
      ${geometryBack(this.body, j, `q${j}`, `w${j}`, dGeometry)}
      if (z == ${j}) { return dn; }
      return du;`;
  }

  /** Time n of joint [B, N, 4] and muscle [B, N, R, M]; the geometry is that of the joints, or given [B, 4, M]. */
  pack(joint: GpujsValue, muscle: GpujsValue, N: number, n: number, given?: GpujsValue): GpujsValue {
    const { M, R, Z } = this.body;
    const at = (k: number) => `joint[(b * ${N} + n) * 4 + ${k}]`;
    const text = `
      if (z < 4) { return joint[(b * ${N} + n) * 4 + z]; }
      if (z < ${4 + R * M}) { return muscle[(b * ${N} + n) * ${R * M} + z - 4]; }
      ${
        given
          ? `return given[b * ${4 * M} + z - ${4 + R * M}];`
          : `const q0 = ${at(0)}; const q1 = ${at(1)}; const w0 = ${at(2)}; const w1 = ${at(3)};
      const row = quotient(z - 4, ${M}); const m = z - 4 - row * ${M};
      ${geometry(this.body, ['q0', 'q1', 'w0', 'w1'])} ${geometryRow(R)} return 0.0;`
      }`;
    return this.run(Z, text, { joint, muscle, ...(given ? { given } : {}) }, { ints: { n } });
  }

  /** Clamped commands and loads of step t of actions [B, T, M], loads [B, T, 2]. */
  drive(actions: GpujsValue, endpointLoad: GpujsArray | undefined, jointLoad: GpujsArray | undefined, T: number, t: number): GpujsValue {
    const { M } = this.body;
    const load = (name: string, first: number) => `return ${name}[(b * ${T} + t) * 2 + z - ${first}];`;
    const text = `
      if (z < ${M}) { const m = z; const least = ${minimumActivation}; return Math.min(Math.max(actions[(b * ${T} + t) * ${M} + m], least), 1.0); }
      if (z < ${M + 2}) { ${endpointLoad ? load('endpointLoad', M) : 'return 0.0;'} }
      ${jointLoad ? load('jointLoad', M + 2) : 'return 0.0;'}`;
    const values = { actions, ...(endpointLoad ? { endpointLoad: endpointLoad.value } : {}), ...(jointLoad ? { jointLoad: jointLoad.value } : {}) };
    return this.run(M + 4, text, values, { ints: { t } });
  }

  /** Rates [B, 2 + M] of a stored state. */
  ode(state: GpujsValue, drive: GpujsValue): GpujsValue {
    const { M, Z } = this.body;
    const text = `
      if (z < 2) { ${jointOf(this.body)} ${acceleration(this.body)} if (z == 0) { return acc0; } return acc1; }
      const m = z - 2;
      ${activation(Z, M)}
      return (command - a) / tau;`;
    return this.run(2 + M, text, { state, drive });
  }

  /** `step` seconds of constant rates. */
  integrate(step: number, rate: GpujsValue, state: GpujsValue): GpujsValue {
    const { M, R, Z, muscle } = this.body;
    const text = `
      ${jointOf(this.body)} ${jointStep(this.body)}
      if (z == 0) { return n0; } if (z == 1) { return n1; } if (z == 2) { return u0; } if (z == 3) { return u1; }
      const row = quotient(z - 4, ${M}); const m = z - 4 - row * ${M};
      if (row >= ${R}) { ${geometry(this.body, ['n0', 'n1', 'u0', 'u1'])} ${geometryRow(R)} }
      ${this.#advanced()} ${muscle.forward} ${muscleRow(R)}`;
    return this.run(Z, text, { rate, state }, { floats: { step } });
  }

  /** Statements that define `raw`, `a` (activation after the step), len and vel of muscle m. */
  #advanced(): string {
    const { M, R, Z } = this.body;
    return `const least = ${minimumActivation}; const raw = state[b * ${Z} + 4 + m] + rate[b * ${2 + M} + 2 + m] * step;
      const a = Math.min(Math.max(raw, least), 1.0);
      const len = state[b * ${Z} + ${4 + R * M} + m]; const vel = state[b * ${Z} + ${4 + (R + 1) * M} + m];`;
  }

  /** Statements that define da, dlen, dvel of muscle m from the cotangent of the state after `integrate`; da that of the activation before its clamp. */
  #muscleBack(): string {
    const { M, R, Z, muscle } = this.body;
    return `${this.#advanced()} ${rowCotangents(R, (row) => `dNext[b * ${Z} + ${4 + row * M} + m]`)} ${muscle.backward}
      let dRaw = da; if (raw < least || raw > 1.0) { dRaw = 0.0; }`;
  }

  /** Statements that define dq, dw, dr of joint j from that cotangent. */
  #jointBack(j: 0 | 1): string {
    const { M, R, Z } = this.body;
    return `let dn = dNext[b * ${Z} + ${j}]; let du = dNext[b * ${Z} + ${2 + j}];
      ${geometryBack(this.body, j, `n${j}`, `u${j}`, (row) => `dNext[b * ${Z} + ${4 + (R + row) * M} + m]`)}
      ${jointStepBack(this.body, j)}`;
  }

  /** The reverse of `integrate`: ∂L/∂rate. */
  integrateBackRate(step: number, rate: GpujsValue, state: GpujsValue, dNext: GpujsValue): GpujsValue {
    const { M } = this.body;
    const text = `
      if (z >= 2) { const m = z - 2; ${this.#muscleBack()} return dRaw * step; }
      ${jointOf(this.body)} ${jointStep(this.body)}
      if (z == 0) { ${this.#jointBack(0)} return dr; }
      ${this.#jointBack(1)} return dr;`;
    return this.run(2 + M, text, { rate, state, dNext }, { floats: { step } });
  }

  /** The reverse of `integrate`: ∂L/∂state. */
  integrateBackState(step: number, rate: GpujsValue, state: GpujsValue, dNext: GpujsValue): GpujsValue {
    const { M, R, Z } = this.body;
    const text = `
      const row = quotient(z - 4, ${M}); const m = z - 4 - row * ${M};
      if (z >= 4) {
        if ((row > 0 && row < ${R}) || row > ${R + 1}) { return 0.0; }
        ${this.#muscleBack()}
        if (row == 0) { return dRaw; }
        if (row == ${R}) { return dlen; }
        return dvel;
      }
      ${jointOf(this.body)} ${jointStep(this.body)}
      if (z == 0 || z == 2) { ${this.#jointBack(0)} if (z == 0) { return dq; } return dw; }
      ${this.#jointBack(1)} if (z == 1) { return dq; } return dw;`;
    return this.run(Z, text, { rate, state, dNext }, { floats: { step } });
  }

  /** The reverse of `ode`: ∂L/∂state. */
  odeBackState(state: GpujsValue, drive: GpujsValue, dRate: GpujsValue): GpujsValue {
    const { M, R, Z } = this.body;
    const text = `
      const row = quotient(z - 4, ${M}); const m = z - 4 - row * ${M};
      if (z >= 4 && ((row > 0 && row < ${R - 1}) || row == ${R} || row == ${R + 1})) { return 0.0; }
      if (z >= 4 && row == 0) {
        ${activation(Z, M)}
        if (stored < least || stored > 1.0) { return 0.0; }
        const along = 1.5 * (command - a) / t;
        let grown = 1.0 - along; if (command > a) { grown = 1.0 + along; }
        return -(dRate[b * ${2 + M} + 2 + m] * grown) / tau;
      }
      ${jointOf(this.body)} ${acceleration(this.body)} ${accelerationBack(this.body)}
      if (z == 0) { return dj0; } if (z == 1) { return dj1; } if (z == 2) { return dj2; } if (z == 3) { return dj3; }
      if (row == ${R - 1}) { return -(dT1 * state[b * ${Z} + ${4 + (R + 2) * M} + m] + dT2 * state[b * ${Z} + ${4 + (R + 3) * M} + m]); }
      const force = state[b * ${Z} + ${4 + (R - 1) * M} + m];
      if (row == ${R + 2}) { return -dT1 * force; }
      return -dT2 * force;`;
    return this.run(Z, text, { state, drive, dRate });
  }

  /** The reverse of `ode`: ∂L/∂drive. */
  odeBackDrive(state: GpujsValue, drive: GpujsValue, dRate: GpujsValue): GpujsValue {
    const { M, Z } = this.body;
    const text = `
      if (z < ${M}) { const m = z; ${activation(Z, M)} return dRate[b * ${2 + M} + 2 + m] / tau; }
      ${jointOf(this.body)} ${acceleration(this.body)} ${accelerationBack(this.body)}
      if (z == ${M}) { return dfx; } if (z == ${M + 1}) { return dfy; } if (z == ${M + 2}) { return dT1; }
      return dT2;`;
    return this.run(M + 4, text, { state, drive, dRate });
  }

  /** End point [B, 4] of time n of joint [B, N, 4], for all n: [B, N, 4]. */
  cartesian(joint: GpujsValue, N: number): GpujsValue {
    if (!this.body.isArm) return this.launcher.run('return joint[i];', this.B * N * 4, { joint });
    const text = `${places(['bn', 'k'], [4])}
      const q0 = joint[bn * 4]; const q1 = joint[bn * 4 + 1]; const w0 = joint[bn * 4 + 2]; const w1 = joint[bn * 4 + 3];
      const s12 = sine(q0 + q1); const c12 = cosine(q0 + q1); const l2 = ${length2};
      const px = ${length1} * cosine(q0) + l2 * c12; const py = ${length1} * sine(q0) + l2 * s12;
      if (k == 0) { return px; } if (k == 1) { return py; }
      if (k == 2) { return -py * w0 - l2 * s12 * w1; }
      return px * w0 + l2 * c12 * w1;`;
    return this.launcher.run(text, this.B * N * 4, { body: this.body.table, joint });
  }

  /** What is given of time n, as a packed cotangent: d_joint [B, N, 4], d_muscle [B, N, R, M], d_geometry [B, N, 4, M], d_cartesian [B, N, 4]. */
  given(
    joint: GpujsValue,
    cotangents: Readonly<Record<'d_joint' | 'd_muscle' | 'd_geometry' | 'd_cartesian', GpujsArray | undefined>>,
    N: number,
    n: number,
  ): GpujsValue {
    const { M, R, Z, isArm } = this.body;
    const { d_joint, d_muscle, d_geometry, d_cartesian } = cotangents;
    const one = (given: unknown, text: string) => (given ? `return ${text};` : 'return 0.0;');
    const of = (k: number) => `const d${['x', 'y', 'vx', 'vy'][k]} = d_cartesian[(b * ${N} + n) * 4 + ${k}];`;
    const through = !d_cartesian
      ? ''
      : isArm
        ? `const q0 = joint[(b * ${N} + n) * 4]; const q1 = joint[(b * ${N} + n) * 4 + 1]; const w0 = joint[(b * ${N} + n) * 4 + 2]; const w1 = joint[(b * ${N} + n) * 4 + 3];
      ${jacobian} ${[0, 1, 2, 3].map(of).join(' ')}
      if (z == 0) { own += dx * J11 + dy * J21 - dvx * (J21 * w0 + J22 * w1) + dvy * (J11 * w0 + J12 * w1); }
      if (z == 1) { own += dx * J12 + dy * J22 - dvx * J22 * (w0 + w1) + dvy * J12 * (w0 + w1); }
      if (z == 2) { own += dvx * J11 + dvy * J21; }
      if (z == 3) { own += dvx * J12 + dvy * J22; }`
        : `own += d_cartesian[(b * ${N} + n) * 4 + z];`;
    const text = `
      if (z >= ${4 + R * M}) { ${one(d_geometry, `d_geometry[(b * ${N} + n) * ${4 * M} + z - ${4 + R * M}]`)} }
      if (z >= 4) { ${one(d_muscle, `d_muscle[(b * ${N} + n) * ${R * M} + z - 4]`)} }
      let own = 0.0;
      ${d_joint ? `own += d_joint[(b * ${N} + n) * 4 + z];` : ''}
      ${through}
      return own;`;
    const values: Record<string, GpujsValue> = { joint };
    for (const [name, array] of Object.entries(cotangents)) if (array) values[name] = array.value;
    const numbered = d_joint || d_muscle || d_geometry || d_cartesian;
    return this.run(Z, text, values, { ints: numbered ? { n } : {} });
  }

  /** Entries [first, first + width) of packed arrays [count · B, total], time-major, as [B, count, width]. */
  unpack(packed: GpujsValue, count: number, total: number, first: number, width: number): GpujsValue {
    const text = `${places(['b', 'n', 'k'], [count, width])} return packed[(n * ${this.B} + b) * ${total} + ${first} + k];`;
    return this.launcher.run(text, this.B * count * width, { packed });
  }

  /** ∂L/∂actions [B, T, M] from the drives' cotangents [T, B, M + 4]: raw actions outside their clamp get none. */
  actionsBack(actions: GpujsValue, dDrives: GpujsValue, T: number): GpujsValue {
    const { M } = this.body;
    const text = `${places(['b', 't', 'm'], [T, M])} const action = actions[i];
      if (action < ${minimumActivation} || action > 1.0) { return 0.0; }
      return dDrives[(t * ${this.B} + b) * ${M + 4} + m];`;
    return this.launcher.run(text, this.B * T * M, { body: this.body.table, actions, dDrives });
  }
}

/** Statements that return the row among len, vel, arm0, arm1 behind R rows of muscles. */
const geometryRow = (R: number) =>
  `if (row == ${R}) { return len; } if (row == ${R + 1}) { return vel; } if (row == ${R + 2}) { return arm0; } if (row == ${R + 3}) { return arm1; }`;

const muscleRow = (R: number) => `${Array.from({ length: R - 1 }, (_, r) => `if (row == ${r}) { return x${r}; }`).join(' ')} return x${R - 1};`;

const rowCotangents = (R: number, of: (row: number) => string) => Array.from({ length: R }, (_, r) => `const g${r} = ${of(r)};`).join(' ');

const eachJoint = (text: (j: 0 | 1) => string) => `if (z == 0 || z == 2) { ${text(0)} } ${text(1)}`;

/** Statements that define stored (activation), a (clamped), command, t and the time constant tau of muscle m. */
const activation = (Z: number, M: number) => `
  ${activationTimes} const least = ${minimumActivation};
  const stored = state[b * ${Z} + 4 + m]; const a = Math.min(Math.max(stored, least), 1.0);
  const command = drive[b * ${M + 4} + m];
  const t = 0.5 + 1.5 * a;
  let tau = deactivationTime / t; if (command > a) { tau = activationTime * t; }`;

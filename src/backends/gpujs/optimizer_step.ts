// optimizer_step: one update of all parameters θ from the gradient g; where mask is 0, θ and its moments stay. The equations stand with the reference.
// A launch gives one array: the moments first, from the old parameters, then the parameters from the new moments.
import type { GpujsArray } from './array.js';
import type { GpujsCall } from './kernel.js';

export function optimizer_step({ variant, args, dims: { P }, params, launcher }: GpujsCall): void {
  const { gradient, parameters } = args;
  const norm: GpujsArray | undefined = args.norm;
  const mask: GpujsArray | undefined = args.mask;
  const moment1: GpujsArray | undefined = args.moment1;
  const moment2: GpujsArray | undefined = args.moment2;
  const { learning_rate, weight_decay, clip, beta1, beta2, epsilon, correction1, correction2, momentum } = params;
  const clips = clip > 0 && norm !== undefined;
  const decoupled = variant === 'adamw';
  const given = {
    gradient: gradient.value,
    parameters: parameters.value,
    ...(clips && norm ? { norm: norm.value } : {}),
    ...(mask ? { mask: mask.value } : {}),
  };
  const clipping: Record<string, number> = clips ? { clip } : {};
  const stays = (what: string) => (mask ? `if (mask[i] == 0.0) { return ${what}[i]; }` : '');
  const g = `${clips ? 'let g = gradient[i] * Math.min(1.0, clip / (norm[0] + 0.000001));' : 'let g = gradient[i];'}
    ${decoupled ? '' : 'g += weight_decay * parameters[i];'}`;
  const decay: Record<string, number> = decoupled ? {} : { weight_decay };

  if (variant === 'sgd') {
    if (moment1) {
      const velocity = `${stays('moment1')} ${g} return momentum * moment1[i] + g;`;
      moment1.setDevice(launcher.run(velocity, P, { ...given, moment1: moment1.value }, { floats: { ...clipping, ...decay, momentum } }));
    }
    const step = `${stays('parameters')} ${moment1 ? 'return parameters[i] - learning_rate * moment1[i];' : `${g} return parameters[i] - learning_rate * g;`}`;
    const read = moment1 ? { parameters: given.parameters, ...(mask ? { mask: mask.value } : {}), moment1: moment1.value } : given;
    parameters.setDevice(launcher.run(step, P, read, { floats: { ...(moment1 ? {} : { ...clipping, ...decay }), learning_rate } }));
    return;
  }
  const [first, second] = [moment1 as GpujsArray, moment2 as GpujsArray];
  const rest1 = 1 - beta1;
  const rest2 = 1 - beta2;
  const m = launcher.run(
    `${stays('m')} ${g} return beta * m[i] + rest * g;`,
    P,
    { ...given, m: first.value },
    { floats: { ...clipping, ...decay, beta: beta1, rest: rest1 } },
  );
  const v = launcher.run(
    `${stays('v')} ${g} return beta * v[i] + rest * g * g;`,
    P,
    { ...given, v: second.value },
    { floats: { ...clipping, ...decay, beta: beta2, rest: rest2 } },
  );
  first.setDevice(m);
  second.setDevice(v);
  const body = `${stays('parameters')}
    ${decoupled ? 'const theta = parameters[i] * keep;' : 'const theta = parameters[i];'}
    return theta - rate * m[i] / (Math.sqrt(v[i]) * root + epsilon);`;
  const floats = {
    ...(decoupled ? { keep: 1 - learning_rate * weight_decay } : {}),
    rate: learning_rate / correction1,
    root: 1 / Math.sqrt(correction2),
    epsilon,
  };
  const read = { parameters: given.parameters, ...(mask ? { mask: mask.value } : {}), m: first.value, v: second.value };
  parameters.setDevice(launcher.run(body, P, read, { floats }));
}

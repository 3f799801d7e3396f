// What makes bodies move in the report's page: play, pause, the time bar, and everything of reaching that follows the chosen trial. The page carries the
// source text of `moveBodies`, so it uses its arguments only, and inner functions are methods of one object (see draw-scene.ts).
import type { BodyView, bodyShapes, postureShapes, shapesSvg, TrialPlan } from './draw-body.js';
import type { PackedArray } from './pack.js';

/** What the page carries for a task with a body. */
export interface MotionData {
  readonly view: BodyView;
  readonly plans: readonly TrialPlan[];
  /** One a trial: what happens in it. */
  readonly sentences: readonly string[];
}

/** What the motion needs of the page's script: arrays as numbers, and choosing another trial. */
export interface MotionTools {
  unpack(packed: PackedArray): Float64Array;
  array(model: number, name: string): PackedArray;
  choose(trial: number): void;
}

/** Runs in the page; the returned `follow` shows another trial. */
export function moveBodies(
  page: Document,
  data: MotionData,
  tools: MotionTools,
  draw: typeof bodyShapes,
  postures: typeof postureShapes,
  svg: typeof shapesSvg,
): { follow(trial: number): void } {
  const host = page.defaultView as Window & typeof globalThis;
  const scrub = page.querySelector('[data-scrub]') as HTMLInputElement;
  const playButton = page.querySelector('[data-play]') as HTMLButtonElement;
  const throughButton = page.querySelector('[data-through]') as HTMLButtonElement;
  const speed = page.querySelector('[data-speed]') as HTMLSelectElement;
  const clock = page.querySelector('[data-clock]') as HTMLOutputElement;
  const steps = Number(scrub.max) + 1;
  // after the last sample of a trial the picture rests for this long before the next one, s
  const rest = 0.7;
  const state = { trial: 0, step: steps - 1, playing: false, seconds: 0, last: 0, frame: 0 };
  const motion = {
    numbers(model: number, name: string): Float64Array {
      return tools.unpack(tools.array(model, name));
    },
    /** Draws the bodies and their numbers at the present step. */
    show(): void {
      const plan = data.plans[state.trial] as TrialPlan;
      for (const box of page.querySelectorAll<SVGSVGElement>('svg[data-draw=body]')) {
        const model = Number(box.dataset.model);
        const [joint, activation, hand] = [motion.numbers(model, 'joint'), motion.numbers(model, 'activation'), motion.numbers(model, 'outputs')];
        box.innerHTML = svg(draw(data.view, plan, joint, activation, hand, motion.numbers(model, 'targets'), steps, state.trial, state.step));
        const levels = [...page.querySelectorAll<HTMLElement>(`[data-levels="${model}"] li`)];
        for (const [m, row] of levels.entries()) {
          const level = activation[(state.trial * steps + state.step) * levels.length + m] as number;
          (row.querySelector('i') as HTMLElement).style.setProperty(
            '--share',
            `${(100 * Math.max(0, Math.min(1, level / data.view.fullActivation))).toFixed(0)}%`,
          );
          (row.querySelector('b') as HTMLElement).textContent = level.toFixed(2);
        }
      }
      clock.textContent = `${(state.step * data.view.sampleTime).toFixed(2)}\u202fs`;
      scrub.value = String(state.step);
      scrub.setAttribute('aria-valuetext', clock.textContent);
    },
    seek(step: number): void {
      state.step = Math.max(0, Math.min(steps - 1, step));
      motion.show();
    },
    tick(now: number): void {
      if (!state.playing) return;
      const passed = state.last > 0 ? (now - state.last) / 1000 : 0;
      state.last = now;
      // a page in the background gets no frames: it must not jump ahead when it is back
      state.seconds += Math.min(passed, 0.25) * Number(speed.value);
      const step = Math.floor(state.seconds / data.view.sampleTime);
      if (step < steps) {
        if (step !== state.step) motion.seek(step);
      } else {
        if (state.step !== steps - 1) motion.seek(steps - 1);
        const over = state.seconds - steps * data.view.sampleTime;
        if (throughButton.getAttribute('aria-pressed') !== 'true') motion.play(false);
        else if (over > rest * Number(speed.value)) motion.next();
      }
      state.frame = host.requestAnimationFrame(motion.tick);
    },
    next(): void {
      const input = page.getElementById(`trial-${(state.trial + 1) % data.plans.length}`) as HTMLInputElement;
      input.checked = true;
      tools.choose(Number(input.value));
      state.seconds = 0;
      motion.seek(0);
    },
    play(on: boolean): void {
      host.cancelAnimationFrame(state.frame);
      state.playing = on;
      state.last = 0;
      if (on) {
        state.seconds = (state.step >= steps - 1 ? 0 : state.step) * data.view.sampleTime;
        state.frame = host.requestAnimationFrame(motion.tick);
      }
      playButton.textContent = on ? 'Pause' : 'Play';
      playButton.setAttribute('aria-pressed', String(on));
    },
    /** Moves the marks of one kind of event, in charts and on the time bar. */
    mark(): void {
      const plan = data.plans[state.trial] as TrialPlan;
      for (const element of page.querySelectorAll<SVGElement>('[data-event]')) {
        const { event, left, width } = element.dataset;
        const scale = Number(width) / Math.max(1, steps - 1);
        const span = event === 'bump' ? plan.bump : plan[event as 'targetOn' | 'goCue'];
        element.setAttribute('visibility', span === null ? 'hidden' : 'visible');
        if (span === null) continue;
        if (typeof span === 'number') element.setAttribute('transform', `translate(${(Number(left) + span * scale).toFixed(1)} 0)`);
        else {
          element.setAttribute('x', (Number(left) + span[0] * scale).toFixed(1));
          element.setAttribute('width', ((Math.min(span[1], steps - 1) - span[0]) * scale).toFixed(1));
        }
      }
      for (const element of page.querySelectorAll<HTMLElement>('[data-mark]')) {
        const name = element.dataset.mark;
        const span = name === 'bump' ? plan.bump : plan[name as 'targetOn' | 'goCue'];
        element.hidden = span === null;
        if (span === null) continue;
        const [from, to] = typeof span === 'number' ? [span, span] : [span[0], Math.min(span[1], steps - 1)];
        // the target's name stands on the left of its mark where the go cue is close behind it and the left has room
        if (name === 'targetOn') element.classList.toggle('left', plan.goCue !== null && plan.goCue - from < 0.2 * steps && from > 0.1 * steps);
        element.style.left = `${(100 * from) / Math.max(1, steps - 1)}%`;
        element.style.width = `${(100 * (to - from)) / Math.max(1, steps - 1)}%`;
      }
    },
    follow(trial: number): void {
      state.trial = trial;
      const plan = data.plans[trial] as TrialPlan;
      for (const box of page.querySelectorAll<SVGSVGElement>('svg[data-draw=postures]')) {
        const model = Number(box.dataset.model);
        box.innerHTML = svg(postures(data.view, plan, motion.numbers(model, 'joint'), motion.numbers(model, 'outputs'), steps, trial));
      }
      for (const group of page.querySelectorAll<SVGGElement>('g[data-trial]')) {
        const chosen = group.dataset.trial === String(trial);
        group.classList.toggle('chosen', chosen);
        if (chosen) group.parentNode?.appendChild(group);
      }
      for (const text of page.querySelectorAll('.trial-sentence')) text.textContent = data.sentences[trial] as string;
      motion.mark();
      if (!state.playing) state.step = steps - 1;
      motion.show();
    },
  };
  playButton.addEventListener('click', () => motion.play(!state.playing));
  throughButton.addEventListener('click', () => {
    throughButton.setAttribute('aria-pressed', String(throughButton.getAttribute('aria-pressed') !== 'true'));
  });
  scrub.addEventListener('input', () => {
    motion.play(false);
    motion.seek(Number(scrub.value));
  });
  motion.mark();
  motion.seek(steps - 1);
  return motion;
}

// A loss of the user's own: any function of tensors that returns one number, differentiated by the tape.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { ForwardResult } from '../rollout/rollout.js';
import { sizeOf, view, Workspace } from '../rollout/workspace.js';
import { valueAndGradients } from '../tensor/gradients.js';
import { tidy } from '../tensor/scope.js';
import { borrow, Tensor } from '../tensor/tensor.js';
import type { LossGradients } from './loss.js';

/** What a user's loss sees: the trials of one micro-batch. The tensors are valid only during the call. */
export interface UserLossBatch {
  /** [b, T, O]; in a closed loop the positions of the end point, m [b, T, 2]. */
  readonly outputs: Tensor;
  /** State after every step [b, T, S]; S is 2H for the LSTM (h, c). */
  readonly states: Tensor;
  /** [b, T, O]. */
  readonly targets: Tensor;
  /** What the task showed the network [b, T, I], without `training.inputNoise`; in a closed loop it also saw its observation. */
  readonly inputs: Tensor;
  /** Closed loop: outputs of the network, before noise and clamping [b, T, M]; else null. */
  readonly actions: Tensor | null;
  /** Closed loop: joint states [b, T + 1, 4], the initial one first; else null. */
  readonly joint: Tensor | null;
  /** Closed loop: muscle states [b, T + 1, R, M], the initial one first; else null. */
  readonly muscle: Tensor | null;
  /** From 0; validation comes with that of the training before it. */
  readonly epoch: number;
}

/**
 * One number (a tensor of one element) for the trials given. It must be a mean over trials: batches larger than a micro-batch are averaged
 * with the micro-batches' sizes as weights.
 */
export type UserLoss = (batch: UserLossBatch) => Tensor;

/** Adds a user's loss and its gradients to the buffers of a training session. */
export class UserLossTerm {
  readonly #backend: Backend;
  readonly #loss: UserLoss;
  readonly #workspace: Workspace;
  readonly #share: KernelArgument;
  readonly #weighted: KernelArgument;

  constructor(backend: Backend, loss: UserLoss) {
    this.#backend = backend;
    this.#loss = loss;
    this.#workspace = new Workspace(backend);
    this.#share = this.#workspace.allocate([1]);
    this.#weighted = this.#workspace.allocate([1]);
  }

  /**
   * Adds share · loss to the first trial slot, and writes share · gradient to every gradient that is given (they must be zero).
   * Throws ShapeError when the function does not return a tensor of one element.
   */
  add(
    made: Readonly<Record<'targets' | 'inputs', KernelArgument>> & Omit<ForwardResult, 'networkInputs'>,
    into: LossGradients,
    epoch: number,
    share: number,
  ): void {
    this.#backend.write(this.#share.buffer, [share]);
    tidy(() => {
      const tensorOf = (argument: KernelArgument) => borrow(this.#backend, argument);
      const given = { targets: tensorOf(made.targets), inputs: tensorOf(made.inputs), epoch };
      // Everything that the loss may depend on, and where its gradient goes.
      const sources: [KernelArgument, KernelArgument | null][] = [
        [made.outputs, into.dOutputs],
        [made.states as KernelArgument, into.dStates],
      ];
      if (made.fingertip && made.joint && made.muscle) {
        sources.push([made.fingertip, into.dFingertip], [made.joint, into.dJoint], [made.muscle, into.dMuscle]);
      }
      const loss = (network: Tensor, states: Tensor, fingertip?: Tensor, joint: Tensor | null = null, muscle: Tensor | null = null) => {
        const outputs = fingertip ?? network;
        return checkScalar(this.#loss({ ...given, outputs, states, actions: fingertip ? network : null, joint, muscle }));
      };
      const tensors = sources.map(([source]) => tensorOf(source)) as [Tensor, Tensor, ...Tensor[]];
      if (!into.dOutputs) {
        this.#addValue(loss(...tensors), into.trialLoss);
        return;
      }
      const { value, gradients } = valueAndGradients((...all) => loss(...(all as typeof tensors)), tensors);
      this.#addValue(value, into.trialLoss);
      sources.forEach(([, target], i) => {
        if (target) this.#scale(gradients[i] as Tensor, target);
      });
    });
  }

  dispose(): void {
    this.#workspace.dispose();
  }

  #addValue(value: Tensor, trialLoss: KernelArgument): void {
    this.#scale(value, this.#weighted);
    this.#backend.run('copy_strided', {
      args: { x: this.#weighted, y: view(trialLoss, [1]) },
      params: {
        n0: 1,
        n1: 1,
        n2: 1,
        n3: 1,
        x_stride0: 0,
        x_stride1: 0,
        x_stride2: 0,
        x_stride3: 1,
        y_stride0: 0,
        y_stride1: 0,
        y_stride2: 0,
        y_stride3: 1,
        accumulate: 1,
      },
    });
  }

  /** target = share · source. */
  #scale(source: Tensor, target: KernelArgument): void {
    const size = sizeOf(target.shape);
    const strides = { a_stride0: 0, a_stride1: 0, a_stride2: 0, a_stride3: 1, b_stride0: 0, b_stride1: 0, b_stride2: 0, b_stride3: 0 };
    this.#backend.run('elementwise_binary', {
      variant: 'multiply',
      args: { a: view(source, [size]), b: this.#share, y: view(target, [size]) },
      params: { n0: 1, n1: 1, n2: 1, n3: size, ...strides },
    });
  }
}

function checkScalar(value: Tensor): Tensor {
  if (value instanceof Tensor && value.size === 1 && value.dtype === 'f32') return value;
  throw new ShapeError(
    `userLoss: expected a tensor of one f32 number, got ${value instanceof Tensor ? `${value.dtype} [${value.shape.join(', ')}]` : typeof value}; use mean`,
  );
}

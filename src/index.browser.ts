// The public names of motorloop that work in browsers and in Node alike. test/api.test.ts pins the list.
export type { Body } from './arm/body.js';
export { createBody } from './arm/create-body.js';
export { createPlant, type PlantInput } from './arm/create-plant.js';
export { Effector, type EffectorRollout, type EffectorState, type Loads } from './arm/effector.js';
export {
  Environment,
  type EnvironmentConfig,
  type EnvironmentOptions,
  type ResetOptions,
  type ResetResult,
  type StepInfo,
  type StepOptions,
  type StepResult,
} from './arm/environment.js';
export { cartesianOf, fingertipOf, inverseKinematics, jointLimits, linkLengths, linkPositions } from './arm/kinematics.js';
export { describeMuscles, forceIndex, type MuscleDescription, muscleText } from './arm/muscle-list.js';
export { musclePaths } from './arm/muscle-paths.js';
export type { EffectorInput, EffectorOptions, MuscleType, SensorInput, SensorOptions, SkeletonOptions } from './arm/options.js';
export { observationSize, type Plant, type Sensors } from './arm/plant.js';
export type { Box } from './arm/spaces.js';
export type { JointStates } from './arm/start.js';
export type {
  Backend,
  BackendDescription,
  BufferHandle,
  DType,
  KernelArgument,
  KernelCall,
  TensorData,
} from './backends/backend.js';
export {
  type Access,
  type ArgumentSpec,
  type KernelSpec,
  kernelNames,
  kernelSpec,
  type ParameterSpec,
  type ResolvedCall,
  resolveCall,
} from './backends/catalogue.js';
export { type BackendReport, createBackend, listBackends, registerBackend, selfCheck } from './backends/create.js';
export { type Experiment, type ExperimentModel, experimentHash, modelOptionsOf, parseExperiment, parseExperiments } from './config/experiment.js';
export { experimentJsonSchema } from './config/schema.js';
export { type ExperimentRun, experimentRuns, prepareExperiment, type TrainExperimentOptions, train } from './config/train.js';
export { BackendError, ConfigError, KernelError, MotorloopError, NumericsError, RunFormatError, ShapeError } from './errors.js';
export {
  createModel,
  joinParameters,
  type Model,
  type NamedArray,
  type ParameterView,
  type ResolvedModelOptions,
  resolveModelOptions,
  splitParameters,
} from './models/model.js';
export type { ModelInput, ModelOptions } from './models/options.js';
export { deriveKey, fillNormal, fillUniform, normalAt, permutation, type RandomKey, randomKey, threefry, uniformAt } from './random.js';
export { movementGifs } from './report/movement-gif.js';
export { renderReport } from './report/report.js';
export { type ClosedLoopResult, type ClosedLoopTensors, closedLoopTensor } from './rollout/closed-loop-operation.js';
export { type RolloutTensors, rolloutTensor } from './rollout/operation.js';
export { type EvaluateOptions, type Evaluation, evaluate } from './rollout/evaluate.js';
export { type ExperimentDirectory, openExperimentDirectory } from './runs/experiment-directory.js';
export type { HostFacts, Manifest } from './runs/manifest.js';
export { type MemoryStorage, memoryStorage } from './runs/memory-storage.js';
export type { MetricsRow } from './runs/metrics.js';
export { type CheckpointChoice, listRuns, openRun, type StoredRun } from './runs/open-run.js';
export type { Storage } from './runs/storage.js';
export { generateData, selectTrials, type TrialData, type TrialDataOptions } from './tasks/data.js';
export { createTask, loadTask, registerTask, type TaskFactory, type TaskLoader } from './tasks/index.js';
export type { DataOptions, FlipflopOptions, TaskOptions } from './tasks/options.js';
export { type Movement, networkSize, type ReachLoss, type Task, type TaskLoss, type TrialSet } from './tasks/task.js';
export type { CheckpointEvent, CheckpointState, DoneEvent, EpochEvent, PlanEvent, RunIdentity, TrainingEvent, WarningEvent } from './training/events.js';
export type { TrainingInput, TrainingOptions } from './training/options.js';
export { type TrainingPlan, type TrainModelOptions, trainModel } from './training/train-model.js';
export type { UserLoss, UserLossBatch } from './training/user-loss.js';
export { summariseExperiment, type SummaryOptions } from './analysis/summary.js';
export type { ExperimentSummary, ReportEnvironment, RunSummary } from './analysis/summary-data.js';
export {
  absolute,
  add,
  broadcastTo,
  clip,
  concat,
  cosine,
  type CumulativeOptions,
  cumulativeSum,
  divide,
  equal,
  exponential,
  floor,
  full,
  gather,
  greater,
  greaterEqual,
  type Indices,
  isRecording,
  keep,
  less,
  lessEqual,
  logarithm,
  matmul,
  type MatmulOptions,
  max,
  maximum,
  mean,
  min,
  minimum,
  multiply,
  negate,
  type NestedNumbers,
  notEqual,
  ones,
  type Operand,
  type Operation,
  pad,
  power,
  randomNormal,
  type RandomOptions,
  randomUniform,
  type Range,
  reciprocal,
  recordOperation,
  type ReductionOptions,
  relu,
  reshape,
  type ReverseStep,
  type Shape,
  sigmoid,
  sign,
  sine,
  slice,
  softplus,
  square,
  squareRoot,
  stack,
  subtract,
  sum,
  tanh,
  Tensor,
  tensor,
  type TensorSource,
  tidy,
  transpose,
  valueAndGradients,
  where,
  zeros,
} from './tensor/index.js';
export { VERSION } from './version.js';

// The public names of motorloop that work in browsers and in Node alike: those of index.core.ts and what experiments, bodies, tasks, runs and reports add. test/api.test.ts pins the list.
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
export { type Experiment, type ExperimentModel, type ExperimentTest, experimentHash, modelOptionsOf, parseExperiment } from './config/experiment.js';
export { type Grid, type GridAxis, type GridPoint, parseExperiments, parseGrid } from './config/grid.js';
export { experimentJsonSchema } from './config/json-schema.js';
export {
  type ExperimentRun,
  experimentRuns,
  intervenedExperiment,
  type PreparedExperiment,
  prepareExperiment,
  type TrainExperimentOptions,
  train,
} from './config/train.js';
export { createModel, resolveModelOptions } from './models/model.js';
export type { ModelInput, ModelOptions } from './models/options.js';
export * from './index.core.js';
export { summaryTables } from './report/downloads.js';
export { exportFigures, exportTables, type NamedFigure, pageFigures, type PngRenderer } from './report/export-figures.js';
export { renderGeometry } from './report/geometry-page.js';
export { type GeometryView, type GeometryViewOptions, geometryView, type LayerView } from './report/geometry-view.js';
export { latentsGifs } from './report/latents-gif.js';
export { movementGifs } from './report/movement-gif.js';
export { renderReport } from './report/report.js';
export { type EvaluateOptions, type Evaluation, evaluate } from './rollout/evaluate.js';
export { type ExperimentDirectory, openExperimentDirectory } from './runs/experiment-directory.js';
export type { HostFacts, Manifest } from './runs/manifest.js';
export { type MemoryStorage, memoryStorage } from './runs/memory-storage.js';
export type { MetricsRow } from './runs/metrics.js';
export { type CheckpointChoice, listRuns, openRun, type StoredRun } from './runs/open-run.js';
export type { Storage } from './runs/storage.js';
export { generateData, selectTrials, type TrialData, type TrialDataOptions } from './tasks/data.js';
export { type MultitaskResponse, multitaskResponses } from './tasks/multitask-metrics.js';
export type { MultitaskName, MultitaskOptions } from './tasks/multitask-options.js';
export { createTask, loadTask, registerTask, type TaskFactory, type TaskLoader } from './tasks/index.js';
export type { DataOptions, FlipflopOptions, TaskOptions } from './tasks/options.js';
export { type Movement, networkSize, type ReachLoss, type Task, type TaskLoss, type TrialPhase, type TrialSet } from './tasks/task.js';
export type { CheckpointEvent, CheckpointState, DoneEvent, EpochEvent, PlanEvent, RunIdentity, TrainingEvent, WarningEvent } from './training/events.js';
export type { TrainingInput, TrainingOptions } from './training/options.js';
export { type TrainingPlan, type TrainModelOptions, trainModel } from './training/train-model.js';
export type { UserLoss, UserLossBatch } from './training/user-loss.js';
export { evaluateRun, type EvaluateRunOptions, type RunEvaluation } from './analysis/evaluation.js';
export type { EvaluationSummary, NetworkEvaluation, ScoreComparison, Spread } from './analysis/evaluation-data.js';
export { interventionWindows, intervene, interveneTrials } from './interventions/apply.js';
export { describeIntervention } from './interventions/describe.js';
export type { Intervention } from './interventions/options.js';
export { renderEvaluation } from './report/evaluation-page.js';
export { writeEvaluation } from './report/evaluation-files.js';
export { summariseExperiment, type SummaryOptions } from './analysis/summary.js';
export type { ExperimentSummary, ReportEnvironment, RunSummary } from './analysis/summary-data.js';
export type { Analysis, ModelOutputs, NoiseChoice, Phase, TrialArray } from './analysis/analysis.js';
export {
  type ArrayInput,
  createExternalAnalysis,
  type ExternalAnalysis,
  type ExternalInput,
  openExternalAnalysis,
  type SplitInput,
  writeExternalAnalysis,
} from './analysis/external-analysis.js';
export { openAnalyses, openAnalysis, type OpenAnalysisOptions } from './analysis/open-analysis.js';
export type { ModelInputs, RunAnalysis } from './analysis/run-analysis.js';
export { ndarrayOf, type PhaseName } from './analysis/trial-array.js';
export { type Eigen, generalEigen, generalEigenvalues } from './analysis/eigen.js';
export type { CtdbOptions, GolubOptions } from './analysis/fixed-points/adam-methods.js';
export { createCellMap } from './analysis/fixed-points/cell-map.js';
export { type FixedPoint, FixedPoints } from './analysis/fixed-points/container.js';
export { decodeFixedPoints, encodeFixedPoints } from './analysis/fixed-points/container-file.js';
export { findByLevenbergMarquardt, type LevenbergMarquardtOptions, type LevenbergMarquardtResult } from './analysis/fixed-points/find.js';
export { functionMap, type FunctionMapOptions, type StateFunction } from './analysis/fixed-points/function-map.js';
export type { FixedPointArrays } from './analysis/fixed-points/point-arrays.js';
export { inputsAt, type SampleOptions, sampleStates, type StateSample } from './analysis/fixed-points/sample.js';
export { type DiscoveryCurve, findFixedPoints, type FixedPointSearch } from './analysis/fixed-points/search.js';
export type { FixedPointMethod, FixedPointOptions } from './analysis/fixed-points/search-options.js';
export type { DampedStep, Linearisation, StateMap } from './analysis/fixed-points/state-map.js';
export { type FixedPointContext, summariseFixedPoints } from './analysis/fixed-points/summarise.js';
export { followFixedPoints, type FollowedPoints, type FollowedStep, type FollowOptions, type PointChange } from './analysis/fixed-points/follow.js';
export { rolloutMap, tapeMap, type TapeMapOptions, type TensorStep } from './analysis/fixed-points/tape-map.js';
export type { FixedPointCounts, FixedPointSummary, PointSummary } from './analysis/dynamics-data.js';
export {
  distanceToIdentity,
  type DsaMatrix,
  type DsaOptions,
  type DsaProgress,
  type DsaResult,
  type DsaSource,
  dsa,
  dsaMatrix,
  type PerSource,
  splitHalfDistance,
} from './analysis/dsa/compare.js';
export { type DelayOptions, delayEmbed, type Embedding } from './analysis/dsa/delay-embedding.js';
export type { Dense } from './analysis/dsa/dense.js';
export { type Dmd, type DmdOptions, fitDmd, fullOperator } from './analysis/dsa/dmd.js';
export {
  type Prediction,
  type PredictionStatistics,
  type PredictOptions,
  predictDmd,
  predictionStatistics,
} from './analysis/dsa/prediction.js';
export type { DsaSteps } from './analysis/dsa/steps.js';
export { type DsaScan, type Sweep, type SweepCell, type SweepOptions, scanDsa, sweepDmd } from './analysis/dsa/sweep.js';
export { compareOperators, type DsaMetric, type SimilarityOptions, type SimilarityResult } from './analysis/dsa/similarity-transform.js';
export { Comparison, type LoadedAnalysis, type LoadOptions } from './analysis/comparison.js';
export type { AlignedAnalysis, ComparedAnalysis, ComparisonSummary, ScoreMatrix } from './analysis/comparison-data.js';
export type { ComparisonOptions } from './analysis/comparison-summary.js';
export { renderComparison } from './report/comparison-page.js';
export { comparisonTables, writeComparison } from './report/comparison-files.js';
export { concatenateTrials, type MomentOptions, type SplitTrials, sliceTrials, splitTrials, trialArray } from './analysis/trials.js';
export { participationRatio, type PrincipalComponents, project } from './analysis/pca.js';
export { pcaOfTrials } from './analysis/trial-pca.js';
export type { AffineScore } from './analysis/regression.js';
export { align, type Alignment, alignToReference } from './analysis/similarity/align.js';
export { type CanonicalCorrelations, type CanonicalOptions, cca } from './analysis/similarity/canonical.js';
export { type CycleConsistency, cycleConsistency, latentsFromRatesR2 } from './analysis/similarity/cycle-consistency.js';
export { decode, type Decoding } from './analysis/similarity/decode.js';
export { type ForkMetrics, forkMetrics } from './analysis/similarity/fork-metrics.js';
export { procrustes } from './analysis/similarity/procrustes.js';
export { rateR2, type RateScore, signalR2 } from './analysis/similarity/rates.js';
export { bitsPerSpike, coBitsPerSpike } from './analysis/similarity/spikes.js';
export { inputR2, stateAndReconstructionR2, stateR2, stateR2Matrix, type TrialComparisonOptions } from './analysis/similarity/state-r2.js';
export { type ConditionAverages, conditionAverages, type Label } from './analysis/geometry/conditions.js';
export { type CycleAverages, cycleAverages, modalLength, periodicOnsets, risingCrossings, swingOnsets } from './analysis/geometry/cycles.js';
export { type Distribution, distributionOf, shareAbove } from './analysis/geometry/distribution.js';
export { compareLayerTangling, type LayerComparison, type LayerGeometry, type LayerTanglingOptions } from './analysis/geometry/layers.js';
export type { Normalisation, Scaling } from './analysis/geometry/normalise.js';
export { type OverlapOptions, subspaceOverlap } from './analysis/geometry/overlap.js';
export { type SharedSubspaceOptions, type SharedSubspaces, sharedSubspaces } from './analysis/geometry/shared-subspace.js';
export { analyseEpochs, type EpochDynamics, type EpochOptions, type EpochSnapshot } from './analysis/epoch-dynamics.js';
export { analysePhases, type PartDynamics, type PhaseDynamics, type PhaseOptions, type PhasePoint, type PhaseWay } from './analysis/phase-dynamics.js';
export { partText, type TrialPart, TrialParts, trialParts } from './analysis/trial-parts.js';
export { speedAxes, type SpeedAxes, speedAxis, type SpeedAxis, type SpeedAxisOptions, type SpeedSeries } from './analysis/geometry/speed-axis.js';
export { type Tangling, tangling, type TanglingOptions, tanglingRecipes } from './analysis/geometry/tangling.js';
export { targetedAxes, type TargetedAxes, type TargetedAxesOptions } from './analysis/geometry/targeted-axes.js';
export { analyseDynamics, type DynamicsOptions, type DynamicsPart, type RunDynamics } from './analysis/dynamics.js';
export type { DynamicsSummary } from './analysis/dynamics-data.js';
export { type DatasetFormat, datasetArrays, readEmbedding, writeDataset } from './simulator/dataset.js';
export type { RateFunction, SimulatorInput, SimulatorOptions } from './simulator/options.js';
export { type SimulatedRun, simulateRun } from './simulator/simulate-run.js';
export { type Embedding as NeuralEmbedding, NeuralSimulator, type SimulatedTrials, type SimulatorTrials } from './simulator/simulator.js';
export { type CountStatistics, type SpikeStatistics, spikeStatistics, type SpikesView, spikesView } from './simulator/statistics.js';
export { renderSpikes } from './report/spikes-page.js';
export { readNpy, writeNpy } from './runs/npy.js';
export { readNpz, writeNpz } from './runs/npz.js';
export { type ForeignTensor, foreignWeights, type ForeignWeights } from './models/foreign-weights.js';

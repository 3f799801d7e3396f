// What each type of muscle has: its numbers with their defaults, the rows of its state, its code in the kernels' tables.
// Sources: MuJoCo's muscle model (Todorov et al. 2012); Kistemaker, van Soest & Bobbert 2006, doi:10.1152/jn.00681.2005 (…Hill); Thelen 2003, doi:10.1115/1.1531112.
import { muscleCode } from '../backends/body-layout.js';
import type { MuscleNumber, MuscleType } from './options.js';

interface MuscleKind {
  readonly code: number;
  /** Row names as MotorNet spells them. */
  readonly rows: readonly string[];
  /** The numbers that it has, with their defaults; null: the effector or the user must say. */
  readonly numbers: Readonly<Partial<Record<MuscleNumber, number | null>>>;
}

const hillRows = ['activation', 'muscle length', 'muscle velocity', 'force-length PE', 'force-length CE', 'force-velocity CE', 'force'];
const built = { maximumForce: null, optimalLength: null, tendonLength: null };

export const muscleKinds: Readonly<Record<MuscleType, MuscleKind>> = {
  Relu: {
    code: muscleCode.relu,
    rows: ['activation', 'muscle length', 'muscle velocity', 'force'],
    numbers: { minimumActivation: 0, activationTime: 0.015, deactivationTime: 0.05, maximumForce: null },
  },
  MujocoHill: {
    code: muscleCode.mujocoHill,
    rows: hillRows,
    numbers: {
      minimumActivation: 0,
      activationTime: 0.01,
      deactivationTime: 0.04,
      ...built,
      slack: 1.3,
      minimumLength: 0.5,
      maximumLength: 1.6,
      maximumVelocity: 1.5,
      maximumForceVelocity: 1.2,
      passiveForces: 1,
    },
  },
  RigidTendonHill: {
    code: muscleCode.rigidHill,
    rows: hillRows,
    numbers: { minimumActivation: 0.001, activationTime: 0.015, deactivationTime: 0.05, ...built, slack: 1.4 },
  },
  RigidTendonHillThelen: {
    code: muscleCode.thelen,
    rows: hillRows,
    numbers: { minimumActivation: 0.001, activationTime: 0.015, deactivationTime: 0.05, ...built, slack: 1 },
  },
  CompliantTendonHill: {
    code: muscleCode.compliantHill,
    rows: ['activation', 'muscle length', 'muscle velocity', 'force-length PE', 'force-length SE', 'active force', 'force'],
    numbers: { minimumActivation: 0.01, activationTime: 0.015, deactivationTime: 0.05, ...built, slack: 1.4 },
  },
};

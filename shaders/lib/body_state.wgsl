// State of one body (one trial), as one invocation holds it, and where its constants stand in the table that src/backends/webgpu/body-plan.ts makes.
// Muscle rows R: activation, length, velocity, ..., force; geometry of a muscle: length, velocity, two moment arms. MUSCLES comes from the host, MUSCLE_ROWS from the muscle's part.

alias MuscleRows = array<f32, MUSCLE_ROWS>;
alias Actions = array<f32, MUSCLES>;

// joint: q1 q2 w1 w2 of the arm, x y vx vy of a point mass. angles: cos q1, sin q1, cos (q1 + q2), sin (q1 + q2) of the arm, kept from the kinematics of one step
// for the dynamics of the next. Also the shape of a state's gradient, which holds that of the end point (x y vx vy) in the place of the angles.
struct Body {
  joint: vec4f,
  angles: vec4f,
  muscle: array<MuscleRows, MUSCLES>,
  geometry: array<vec4f, MUSCLES>,
}

// What classical rk4 integrates, and rates of either kind: joints (rates: velocities, accelerations), activation and fibre length of every muscle (rigid tendons: 0).
struct Core {
  joint: vec4f,
  muscle: array<vec2f, MUSCLES>,
}

const FORCE: u32 = MUSCLE_ROWS - 1u;

// The table: the skeleton's numbers, those of every muscle, those of its geometry.
const MINISTEP: u32 = 0u;
const RESET_STEP: u32 = 1u;
const DAMPING: u32 = 2u;
const INVERSE_MASS: u32 = 3u;
const POSITION_LOWER: u32 = 4u;
const POSITION_UPPER: u32 = 6u;
const VELOCITY_LOWER: u32 = 8u;
const VELOCITY_UPPER: u32 = 10u;
const A11: u32 = 12u;
const A12: u32 = 13u;
const B11: u32 = 14u;
const B12: u32 = 15u;
const LENGTH1: u32 = 16u;
const LENGTH2: u32 = 17u;
const VISCOSITY: u32 = 18u;
const MUSCLE_TABLE: u32 = 20u;
const MUSCLE_STRIDE: u32 = 24u;
const GEOMETRY_TABLE: u32 = MUSCLE_TABLE + MUSCLES * MUSCLE_STRIDE;

// Numbers that every muscle has; OWN and the following are its type's.
const MINIMUM_ACTIVATION: u32 = 0u;
const ACTIVATION_RATE: u32 = 1u;
const DEACTIVATION_RATE: u32 = 2u;
const MAXIMUM_FORCE: u32 = 3u;
const OPTIMAL_LENGTH: u32 = 4u;
const INVERSE_LENGTH: u32 = 5u;
const TENDON_LENGTH: u32 = 6u;
const MAXIMUM_VELOCITY: u32 = 7u;
const INVERSE_VELOCITY: u32 = 8u;
const OWN: u32 = 9u;

// A number of muscle m.
fn muscle_number(m: u32, which: u32) -> f32 { return table(MUSCLE_TABLE + m * MUSCLE_STRIDE + which); }

// How strong muscles are in this time step, where CHANGES (from the host) says that this may differ.
var<private> muscle_strength: array<f32, MUSCLES>;

// Rows of muscle m with the force that such a muscle has; likewise the gradient of those rows to that of the rows of a muscle as it is.
fn with_strength(m: u32, rows: MuscleRows) -> MuscleRows {
  var scaled = rows;
  if (CHANGES) { scaled[FORCE] *= muscle_strength[m]; }
  return scaled;
}

// Two numbers of the skeleton, one a joint.
fn joint_numbers(which: u32) -> vec2f { return vec2f(table(which), table(which + 1u)); }

// Limits as comparisons, so that NaN passes wherever the compiler lets it.
fn at_least(x: f32, low: f32) -> f32 { return select(x, low, x < low); }
fn at_most(x: f32, high: f32) -> f32 { return select(x, high, x > high); }
fn between(x: f32, low: f32, high: f32) -> f32 { return at_most(at_least(x, low), high); }
fn lies_between(x: f32, low: f32, high: f32) -> bool { return x >= low && x <= high; }

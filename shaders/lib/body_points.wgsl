// Points that muscle paths run through: where they are and how they turn. The table holds their coordinates [N, 2], the first point of every muscle [M + 1] and the part
// of the body that each is on [N]: 0 world, 1 upper arm or mass, 2 forearm. POINTS (N) and MOTORNET_PATHS come from the host.
// Arm  a point at p turns about the shoulder by a = p if it is on the arm (dp/dq1 = (-a_y, a_x)), about the elbow by b if it is on the forearm (dp/dq2 = (-b_y, b_x)),
//      else a, b = 0. Point mass  dp/d(x, y) = a: 1 on the mass, 0 in the world; b = 0.
//@use body_state

const POINT_TABLE: u32 = GEOMETRY_TABLE;
const FIRST_POINT_TABLE: u32 = POINT_TABLE + 2u * POINTS;
const POINT_BODY_TABLE: u32 = FIRST_POINT_TABLE + MUSCLES + 1u;

struct PathPoint { place: vec2f, a: vec2f, b: vec2f }

fn first_point(m: u32) -> u32 { return u32(table(FIRST_POINT_TABLE + m)); }

fn path_point(n: u32, joint: vec4f, angles: vec4f) -> PathPoint {
  let on = table(POINT_BODY_TABLE + n);
  let local = vec2f(table(POINT_TABLE + 2u * n), table(POINT_TABLE + 2u * n + 1u));
  if (on == 0.0) { return PathPoint(local, vec2f(0.0), vec2f(0.0)); }
  if (!ARM) { return PathPoint(local + joint.xy, vec2f(1.0), vec2f(0.0)); }
  let onForearm = on == 2.0;
  let angle = select(angles.xy, angles.zw, onForearm);
  let turned = vec2f(local.x * angle.x - local.y * angle.y, local.x * angle.y + local.y * angle.x);
  let place = select(turned, table(LENGTH1) * angles.xy + turned, onForearm);
  return PathPoint(place, place, select(vec2f(0.0), turned, onForearm));
}

// The rate of the elbow (or of y) in the velocity of points: MotorNet counts the shoulder's twice.
fn second_rate(joint: vec4f) -> f32 { return select(joint.w, joint.w + joint.z, ARM && MOTORNET_PATHS); }

// The point mass: what accelerates it is the total force; its mass divides in the step. The same functions as body_skeleton_arm.wgsl.
//@use body_state

const ARM: bool = false;

fn skeleton_angles(joint: vec4f) -> vec4f { return vec4f(0.0); }

fn skeleton_cartesian(joint: vec4f, angles: vec4f) -> vec4f { return joint; }

fn skeleton_cartesian_backward(joint: vec4f, angles: vec4f, d: vec4f) -> vec4f { return d; }

fn skeleton_acceleration(joint: vec4f, angles: vec4f, torque: vec2f, load: vec2f) -> vec2f { return torque + load; }

struct AccelerationGradient { joint: vec4f, torque: vec2f, load: vec2f }

fn skeleton_acceleration_backward(joint: vec4f, angles: vec4f, load: vec2f, acceleration: vec2f, d: vec2f) -> AccelerationGradient {
  return AccelerationGradient(vec4f(0.0), d, d);
}

// One time step of a body, forward: rates of change, integration step, and the three integrators. The reverse stands in integrate-backward.ts.
//
// euler           s' = integrate(h, ode(s), s).
// rk4-motornet    k1 = ode(s), s1 = integrate(h/2, k1, s), k2 = ode(s1), s2 = integrate(h/2, k2, s1), k3 = ode(s2), s3 = integrate(h, k3, s2), k4 = ode(s3),
//                 s' = integrate(h, (k1 + 2 (k2 + k3) + k4)/6, s): stages are chained and positions advance with the velocity of s, so it is of first order.
// Both read every stored row of `s`. `integrate` advances the muscles with the geometry that `s` holds, then the joints with the velocity that `s` holds,
// then evaluates the geometry anew: length, velocity and force rows lag the joints by one step.
//
// rk4 (classical) integrates y = (q, w, a, l): joint positions and velocities, activations and, for compliant muscles, fibre lengths. Nothing else of a
// stored state is read; geometry and all other muscle rows are functions of y, without a lag (`observe`):
//   geometry = g(q, w); rigid tendons: rows = force equations at (a, L, V); compliant: pe, se, fa, F = equations at (l, L), velocity row = vmax · vn(a, l, fa).
// Rates: q̇ = w, ẇ and ȧ and vn = ode(observe(y)); l̇ = vn · optimal length. One step of h from y0:
//   y1 = y0,                  k1 = rates(y1)
//   y2 = form(h/2, k1, y0),   k2 = rates(y2)
//   y3 = form(h/2, k2, y0),   k3 = rates(y3)
//   y4 = form(h, k3, y0),     k4 = rates(y4)
//   y' = form(h, (k1 + 2 (k2 + k3) + k4)/6, y0),   s' = observe(y')
// form(h, k, y0) adds h k to y0 and applies the limits as `integrate` does: w_t = w0 + h ẇ (/ mass), q_t = q0 + h q̇; velocity bounds; velocity 0 where q_t
// is at or beyond a limit and the velocity points outward; position bounds; activation clamped to [minimum, 1]; fibre lengths are not bounded.
// It is of fourth order wherever no limit, clamp or kink of a curve is passed within a step.
//
// The time step is cut into `ministeps` of h = time step / ministeps, with the same clamped action and loads.

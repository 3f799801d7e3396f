// Sine and cosine of joint angles: max |error| 2e-7 for |x| <= 1000, 2e-6 up to 50 000, meaningless beyond; as in assembly/inline/activation.ts (storeSineCosine4).

// sin x, cos x.
fn sine_cosine(x: f32) -> vec2f {
  let n = round(x * 0.636619772);
  let r = (x - n * 1.5703125) - n * 4.83826794897e-4;
  let turn = i32(n);
  let u = r * r;
  let s = (r * u) * ((-0.000194955683 * u + 0.00833197813) * u - 0.166666507) + r;
  let c = (u * u) * ((2.44383804e-5 * u - 0.00138873669) * u + 0.0416666469) + (1.0 - 0.5 * u);
  let odd = (turn & 1) != 0;
  let sine = select(s, c, odd);
  let cosine = select(c, s, odd);
  return vec2f(select(sine, -sine, (turn & 2) != 0), select(cosine, -cosine, ((turn + 1) & 2) != 0));
}

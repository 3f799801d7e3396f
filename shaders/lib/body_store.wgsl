// States to the kernel's arrays joint [.., 4] and muscle [.., R, M], at `row`.
//@use body_state

fn body_store(s: ptr<function, Body>, row: u32) {
  for (var i = 0u; i < 4u; i++) { set_joint(4u * row + i, (*s).joint[i]); }
  let first = row * MUSCLE_ROWS * MUSCLES;
  for (var m = 0u; m < MUSCLES; m++) {
    for (var r = 0u; r < MUSCLE_ROWS; r++) { set_muscle(first + r * MUSCLES + m, (*s).muscle[m][r]); }
  }
}

// Stored states of the kernel's arrays joint [.., 4] and muscle [.., R, M]: what a step needs of state `row`.
//@use body_integrate

fn body_recall(s: ptr<function, Body>, row: u32) {
  body_recall_rows(s, row);
  body_configure(s);
}

// All but angles and geometry.
fn body_recall_rows(s: ptr<function, Body>, row: u32) {
  (*s).joint = vec4f(get_joint(4u * row), get_joint(4u * row + 1u), get_joint(4u * row + 2u), get_joint(4u * row + 3u));
  let first = row * MUSCLE_ROWS * MUSCLES;
  for (var m = 0u; m < MUSCLES; m++) {
    (*s).muscle[m][0] = get_muscle(first + m);
    (*s).muscle[m][FORCE] = get_muscle(first + FORCE * MUSCLES + m);
    if (COMPLIANT) {
      (*s).muscle[m][1] = get_muscle(first + MUSCLES + m);
      (*s).muscle[m][ACTIVE] = get_muscle(first + 5u * MUSCLES + m);
    }
  }
}

// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405): the words of src/random.ts.

fn threefry_round(x: vec2u, rotation: u32) -> vec2u {
  let sum = x.x + x.y;
  return vec2u(sum, ((x.y << rotation) | (x.y >> (32u - rotation))) ^ sum);
}

fn threefry_four(x: vec2u, r0: u32, r1: u32, r2: u32, r3: u32) -> vec2u {
  return threefry_round(threefry_round(threefry_round(threefry_round(x, r0), r1), r2), r3);
}

/// The two words of a block.
fn threefry(key: vec2u, counter: vec2u) -> vec2u {
  let parity = 0x1bd11bdau ^ key.x ^ key.y;
  var x = counter + key;
  x = threefry_four(x, 13u, 15u, 26u, 6u) + vec2u(key.y, parity + 1u);
  x = threefry_four(x, 17u, 29u, 16u, 24u) + vec2u(parity, key.x + 2u);
  x = threefry_four(x, 13u, 15u, 26u, 6u) + vec2u(key.x, key.y + 3u);
  x = threefry_four(x, 17u, 29u, 16u, 24u) + vec2u(key.y, parity + 4u);
  return threefry_four(x, 13u, 15u, 26u, 6u) + vec2u(parity, key.x + 5u);
}

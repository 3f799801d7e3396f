#!/usr/bin/env python3
# One training step of JAX on the flip-flop: a GRU-128 under lax.scan and jit, masked loss, noise on the initial state, clipping at 1, Adam with L2.
# Usage: pip install jax; python3 jax_scan.py --batch 800 --steps 100 --repeats 10 [--model gru|lstm|node]; prints one line of JSON.
# Runs on whatever JAX finds; on a processor XLA takes all cores (--threads 1: XLA_FLAGS is set so that it takes one).
import argparse
import json
import os
import time


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="gru", choices=["gru", "lstm", "node"])
    parser.add_argument("--batch", type=int, default=800)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--threads", type=int, default=0, help="1: one; 0: all cores")
    parser.add_argument("--repeats", type=int, default=10)
    return parser.parse_args()


def main():
    options = parse()
    if options.threads == 1:
        os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax
    import jax.numpy as jnp

    inputs, outputs = 3, 3
    hidden = 3 if options.model == "node" else 128
    gates = {"gru": 3, "lstm": 4, "node": 0}[options.model]

    def uniform(key, shape, size):
        return jax.random.uniform(key, shape, minval=-1 / size**0.5, maxval=1 / size**0.5)

    keys = iter(jax.random.split(jax.random.PRNGKey(0), 16))
    parameters = {"h0": jnp.zeros(hidden), "wo": uniform(next(keys), (hidden, outputs), hidden), "bo": uniform(next(keys), (outputs,), hidden)}
    if options.model == "node":
        sizes = [hidden + inputs, 64, 64, hidden]
        parameters["layers"] = [(uniform(next(keys), (a, b), a), uniform(next(keys), (b,), a)) for a, b in zip(sizes, sizes[1:])]
    else:
        parameters["wi"] = uniform(next(keys), (inputs, gates * hidden), hidden)
        parameters["wh"] = uniform(next(keys), (hidden, gates * hidden), hidden)
        parameters["bi"] = uniform(next(keys), (gates * hidden,), hidden)
        parameters["bh"] = uniform(next(keys), (gates * hidden,), hidden)
        if options.model == "lstm":
            parameters["c0"] = jnp.zeros(hidden)

    def cell(p, state, x):
        if options.model == "node":
            y = jnp.concatenate([state, x], -1)
            for k, (w, b) in enumerate(p["layers"]):
                y = y @ w + b
                y = jax.nn.relu(y) if k < 2 else y
            return state + 0.1 * y
        if options.model == "lstm":
            h, c = state
            i, f, g, o = jnp.split(x @ p["wi"] + p["bi"] + h @ p["wh"] + p["bh"], 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return jax.nn.sigmoid(o) * jnp.tanh(c), c
        ar, az, an = jnp.split(x @ p["wi"] + p["bi"], 3, -1)
        cr, cz, cn = jnp.split(state @ p["wh"] + p["bh"], 3, -1)
        r, z = jax.nn.sigmoid(ar + cr), jax.nn.sigmoid(az + cz)
        n = jnp.tanh(an + r * cn)
        return (1 - z) * n + z * state

    def loss(p, x, target, mask, key):
        noise = 0.0 if options.model == "node" else 0.05
        h = jnp.broadcast_to(p["h0"], (x.shape[1], hidden)) + noise * jax.random.normal(key, (x.shape[1], hidden))
        state = (h, jnp.broadcast_to(p["c0"], h.shape)) if options.model == "lstm" else h

        def body(state, x):
            state = cell(p, state, x)
            return state, (state[0] if options.model == "lstm" else state) @ p["wo"] + p["bo"]

        _, y = jax.lax.scan(body, state, x)
        return jnp.sum(mask * (y - target) ** 2) / y.size

    @jax.jit
    def step(p, first, second, count, x, target, mask, key):
        value, gradient = jax.value_and_grad(loss)(p, x, target, mask, key)
        norm = jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree_util.tree_leaves(gradient)))
        scale = jnp.minimum(1.0, 1.0 / (norm + 1e-6))
        gradient = jax.tree_util.tree_map(lambda g, w: scale * g + 1e-8 * w, gradient, p)
        count = count + 1
        first = jax.tree_util.tree_map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree_util.tree_map(lambda v, g: 0.999 * v + 0.001 * g**2, second, gradient)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        p = jax.tree_util.tree_map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), p, first, second)
        return p, first, second, count, value

    data = [jax.random.normal(next(keys), (options.steps, options.batch, size)) for size in (inputs, outputs)]
    mask = jnp.ones((options.steps, options.batch, outputs))
    zeros = jax.tree_util.tree_map(jnp.zeros_like, parameters)
    state = [parameters, zeros, zeros, jnp.zeros(())]

    def once(k):
        *state[:], value = step(*state, *data, mask, jax.random.PRNGKey(k))
        return float(value)

    begin = time.perf_counter()
    before = once(0)
    compile_seconds = time.perf_counter() - begin
    warm, begin = 1, time.perf_counter()
    while warm < 3 or time.perf_counter() - begin < 0.5:
        once(warm)
        warm += 1
    seconds, after = [], before
    for k in range(options.repeats):
        begin = time.perf_counter()
        after = once(1000 + k)
        seconds.append(time.perf_counter() - begin)
    seconds.sort()
    print(json.dumps({
        "peer": "jax", "version": jax.__version__, "model": options.model, "batchSize": options.batch, "steps": options.steps,
        "threads": options.threads or os.cpu_count(), "device": jax.devices()[0].device_kind, "repeats": len(seconds),
        "minSeconds": seconds[0], "medianSeconds": seconds[len(seconds) // 2], "compileSeconds": compile_seconds, "losses": [before, after],
    }))


main()

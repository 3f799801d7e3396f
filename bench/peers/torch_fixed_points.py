#!/usr/bin/env python3
# Fixed points of a trained GRU in PyTorch, the way the Computation-through-Dynamics Benchmark searches: Adam on the mean speed q = 0.5 |F(x, u) - x|^2 of all
# starts together, a fixed number of iterations, inputs zero; then the Jacobian of every point by autograd and its eigenvalues by LAPACK.
# Usage: python3 torch_fixed_points.py CHECKPOINT.safetensors --starts 1024 --iterations 20000 --learning-rate 1e-3 --threads 1   prints one line of JSON
#        --time-iterations 300 runs only so many and extrapolates (`seconds` is then an estimate, and `extrapolated` true)
# The checkpoint is that of a run on the 3-bit flip-flop (checkpoints/last.safetensors); starts are states along trajectories under its task.
# Debian: apt install python3-torch libopenblas0-pthread (without an optimised BLAS, PyTorch's products run at a twentieth of their speed).
import argparse
import json
import struct
import time

import numpy as np
import torch
from torch import nn


def read_safetensors(path):
    """Tensors of a safetensors file, f32 only: 8 bytes of header length, a JSON header, the data."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"]).copy()
    return tensors


def load_cell(tensors):
    weight = tensors["cell.weight_ih"]
    cell = nn.GRUCell(weight.shape[1], weight.shape[0] // 3)
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(cell, name).copy_(torch.from_numpy(tensors[f"cell.{name}"]))
    for parameter in cell.parameters():
        parameter.requires_grad_(False)
    return cell


def sample_states(cell, initial, count, generator, trials=64, steps=500, probability=0.015, noise=0.15):
    """States at random trials and steps of the flip-flop: pulses of +1 or -1 on each channel, with noise."""
    width = cell.weight_ih.shape[1]
    draw = torch.rand(trials, steps, width, generator=generator)
    pulses = (draw < probability).float() - (draw > 1 - probability).float()
    inputs = pulses + noise * torch.randn(trials, steps, width, generator=generator)
    h = initial.expand(trials, -1)
    states = []
    for t in range(steps):
        h = cell(inputs[:, t], h)
        states.append(h)
    flat = torch.stack(states, dim=1).reshape(trials * steps, -1)
    return flat[torch.randint(len(flat), (count,), generator=generator)]


def matmul_gflops(size=1024, repeats=5):
    a = torch.rand(size, size)
    best = min(timed(lambda: a @ a) for _ in range(repeats))
    return 2 * size**3 / best / 1e9


def timed(run):
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("--starts", type=int, default=1024)
    parser.add_argument("--iterations", type=int, default=20000)
    parser.add_argument("--time-iterations", type=int, default=None)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--jacobians", type=int, default=24, help="points whose Jacobians and eigenvalues are computed")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(options.seed)

    tensors = read_safetensors(options.checkpoint)
    cell = load_cell(tensors)
    hidden = cell.weight_hh.shape[1]
    initial = torch.from_numpy(tensors.get("latent_ics", np.zeros(hidden, dtype=np.float32)))
    starts = sample_states(cell, initial, options.starts, generator)
    u = torch.zeros(options.starts, cell.weight_ih.shape[1])

    x = starts.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([x], lr=options.learning_rate)

    def iterate():
        q = 0.5 * ((cell(u, x) - x) ** 2).sum(dim=1)
        optimizer.zero_grad()
        q.mean().backward()
        optimizer.step()
        return q

    for _ in range(5):  # warm-up, undone below
        iterate()
    with torch.no_grad():
        x.copy_(starts)
    optimizer = torch.optim.Adam([x], lr=options.learning_rate)

    count = options.time_iterations or options.iterations
    begin, begin_processor = time.perf_counter(), time.process_time()
    for _ in range(count):
        q = iterate()
    search = (time.perf_counter() - begin) * options.iterations / count
    processor = (time.process_time() - begin_processor) * options.iterations / count

    def linearise():
        for k in range(min(options.jacobians, options.starts)):
            jacobian = torch.autograd.functional.jacobian(lambda state: cell(u[:1], state), x[k : k + 1].detach()).reshape(hidden, hidden)
            np.linalg.eig(jacobian.double().numpy())

    jacobians = timed(linearise)
    speeds = q.detach().double().numpy()
    print(
        json.dumps(
            {
                "contender": "pytorch",
                "version": torch.__version__,
                "threads": options.threads,
                "matmulGflops": matmul_gflops(),
                "starts": options.starts,
                "hiddenSize": hidden,
                "iterations": options.iterations,
                "timedIterations": count,
                "extrapolated": count != options.iterations,
                "searchSeconds": search,
                "searchProcessorSeconds": processor,
                "jacobianSeconds": jacobians,
                "seconds": search + jacobians,
                "meanSpeed": float(speeds.mean()),
                "medianSpeed": float(np.median(speeds)),
                "shareBelow1e-5": float((speeds < 1e-5).mean()),
            }
        )
    )


main()

#!/usr/bin/env python3
# One training step of PyTorch on the flip-flop, the way CtDB trains: one cell call per time step, masked loss, initial-state noise, clipping, Adam with L2.
# Usage: python3 torch_step.py --model gru|lstm|node|nn-gru --batch 800 --steps 100 --threads 1 --repeats 10 [--device cuda] [--compile]; prints one line of JSON.
# Debian: apt install python3-torch libopenblas0-pthread (without an optimised BLAS, PyTorch's products run at a twentieth of their speed).
import argparse
import json
import time

import torch
from torch import nn


class Cell(nn.Module):
    """A recurrent network unrolled by hand: GRUCell or LSTMCell, trainable initial state with noise, linear read-out of the new state."""

    def __init__(self, kind, inputs, hidden, outputs):
        super().__init__()
        self.kind = kind
        self.cell = (nn.LSTMCell if kind == "lstm" else nn.GRUCell)(inputs, hidden)
        self.readout = nn.Linear(hidden, outputs)
        self.latent_ics = nn.Parameter(torch.zeros(hidden))
        if kind == "lstm":
            self.cell_ics = nn.Parameter(torch.zeros(hidden))

    def forward(self, x):
        batch = x.shape[0]
        h = self.latent_ics.expand(batch, -1)
        h = h + 0.05 * torch.randn_like(h)
        c = self.cell_ics.expand(batch, -1) if self.kind == "lstm" else None
        outputs = []
        for t in range(x.shape[1]):
            if self.kind == "lstm":
                h, c = self.cell(x[:, t], (h, c))
            else:
                h = self.cell(x[:, t], h)
            outputs.append(self.readout(h))
        return torch.stack(outputs, dim=1)


class Fused(nn.Module):
    """nn.GRU: all steps in one call."""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.gru = nn.GRU(inputs, hidden, batch_first=True)
        self.readout = nn.Linear(hidden, outputs)
        self.latent_ics = nn.Parameter(torch.zeros(hidden))

    def forward(self, x):
        h = self.latent_ics.expand(1, x.shape[0], -1)
        h = (h + 0.05 * torch.randn_like(h)).contiguous()
        return self.readout(self.gru(x, h)[0])


class Node(nn.Module):
    """h' = h + 0.1 MLP([h, x]) with two ReLU layers of 64."""

    def __init__(self, inputs, hidden, outputs, width=64):
        super().__init__()
        self.network = nn.Sequential(nn.Linear(hidden + inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, hidden))
        self.readout = nn.Linear(hidden, outputs)
        self.latent_ics = nn.Parameter(torch.zeros(hidden))

    def forward(self, x):
        h = self.latent_ics.expand(x.shape[0], -1)
        outputs = []
        for t in range(x.shape[1]):
            h = h + 0.1 * self.network(torch.cat([h, x[:, t]], dim=1))
            outputs.append(self.readout(h))
        return torch.stack(outputs, dim=1)


def flipflop(batch, steps):
    """Pulses, noise and targets like those of the task; the numbers do not matter to the time."""
    pulses = (torch.rand(batch, steps, 3) < 0.015).float() - (torch.rand(batch, steps, 3) < 0.015).float()
    states = torch.zeros(batch, steps, 3)
    state = torch.zeros(batch, 3)
    for t in range(steps):
        state = torch.where(pulses[:, t] != 0, pulses[:, t], state)
        states[:, t] = state
    mask = (torch.rand(batch, steps, 3) > 0.1).float()
    return pulses + 0.15 * torch.randn(batch, steps, 3), states, mask


def matmul_gflops():
    """Speed of a large product: tells whether an optimised BLAS is in use (2 or 3 means that it is not)."""
    size = 8192 if torch.cuda.is_available() and torch.empty(0).is_cuda else 768
    a, b = torch.randn(size, size), torch.randn(size, size)
    best = float("inf")
    for _ in range(5):
        wait()
        start = time.perf_counter()
        a @ b
        wait()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def wait():
    """Until the GPU has done all that was asked of it."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def device_name(device):
    return torch.cuda.get_device_name() if device == "cuda" else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="gru", choices=["gru", "lstm", "node", "nn-gru"])
    parser.add_argument("--batch", type=int, default=800)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--compile", action="store_true", help="torch.compile of one time step; the loop over time stays in Python")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.device != "cpu":
        torch.set_default_device(options.device)
    if options.model == "node":
        model = Node(3, 3, 3)
    elif options.model == "nn-gru":
        model = Fused(3, 128, 3)
    else:
        model = Cell(options.model, 3, 128, 3)
    if options.compile and options.model == "node":
        model.network = torch.compile(model.network)
    elif options.compile and options.model != "nn-gru":
        model.cell = torch.compile(model.cell)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-8)
    x, target, mask = flipflop(options.batch, options.steps)

    def step():
        optimizer.zero_grad()
        loss = (((model(x) - target) ** 2) * mask).mean()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    begin = time.perf_counter()
    warm = 0
    while warm < 2 or time.perf_counter() - begin < 0.5:
        step()
        warm += 1
    seconds = []
    for _ in range(options.repeats):
        wait()
        start = time.perf_counter()
        step()
        wait()
        seconds.append(time.perf_counter() - start)
    seconds.sort()
    print(json.dumps({
        "peer": "torch", "version": torch.__version__, "model": options.model, "batchSize": options.batch, "steps": options.steps, "threads": options.threads,
        "device": options.device, "deviceName": device_name(options.device), "compiled": options.compile,
        "matmulGflops": round(matmul_gflops(), 1), "repeats": len(seconds), "minSeconds": seconds[0], "medianSeconds": seconds[len(seconds) // 2],
    }))


main()

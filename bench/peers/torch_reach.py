#!/usr/bin/env python3
# A reaching network in PyTorch, in the ordinary eager style: GRUCell and read-out move a six-muscle arm with delayed, noisy senses, one small tensor operation
# at a time, autograd through all of it, clipping, Adam. Arm26 with MuJoCo-Hill muscles and rigid tendons, explicit Euler; equations from the motor specification.
# Usage: python3 torch_reach.py [--mode train|physics] --hidden 128 --batch 32 --steps 100 --threads 1 --repeats 10 [--device cuda] [--compile]   prints one line of JSON
#        python3 torch_reach.py --check FILE…                                                                       replays golden files (closed_loop*, effector_*)
# Debian: apt install python3-torch libopenblas0-pthread (without an optimised BLAS, PyTorch's products run at a twentieth of their speed).
import argparse
import json
import math
import struct
import sys
import time

import torch
from torch import nn


class MujocoHill:
    """Muscles as in MuJoCo, on rigid tendons: activation dynamics and force. States [B, 7, M]: activation, length, velocity, passive, active, velocity curve, force."""

    def __init__(self, force, optimal_length, tendon_length, slack=1.3, lmin=0.5, lmax=1.6, vmax=1.5, fvmax=1.2, **options):
        self.force, self.l0, self.tendon = force, optimal_length, tendon_length
        self.lmin, self.lmax, self.vmax, self.fvmax = lmin, lmax, vmax, fvmax
        self.tau_activation = options.get("tau_activation", 0.01)
        self.tau_deactivation = options.get("tau_deactivation", 0.04)
        self.min_activation = options.get("min_activation", 0.0)
        self.passive_forces = options.get("passive_forces", 1)
        self.b = 0.5 * (1 + lmax)
        self.c = fvmax - 1
        self.p1 = self.b - 1
        self.p2 = 0.25 * slack
        self.middle = 0.5 * (lmin + 0.95)

    def activation_rate(self, action, activation):
        action = torch.clamp(action, self.min_activation, 1)
        activation = torch.clamp(activation, self.min_activation, 1)
        factor = 0.5 + 1.5 * activation
        tau = torch.where(action > activation, self.tau_activation * factor, self.tau_deactivation / factor)
        return (action - activation) / tau

    def bump(self, length, middle, top):
        """Quadratic spline hump from lmin over middle to top."""
        left = 0.5 * (self.lmin + middle)
        right = 0.5 * (middle + top)
        rise = 0.5 * ((length - self.lmin) / (left - self.lmin)) ** 2
        near = 1 - 0.5 * ((middle - length) / (middle - left)) ** 2
        beyond = 1 - 0.5 * ((length - middle) / (right - middle)) ** 2
        fall = 0.5 * ((top - length) / (top - right)) ** 2
        y = torch.where(length < left, rise, torch.where(length < middle, near, torch.where(length < right, beyond, fall)))
        return torch.where((length <= self.lmin) | (length >= top), torch.zeros_like(length), y)

    def state(self, activation, geometry):
        """All rows at an activation [B, M] and a geometry [B, 4, M]."""
        length = torch.clamp(geometry[:, 0] - self.tendon, min=0.001) / self.l0
        velocity = geometry[:, 1] / self.vmax
        zero = torch.zeros_like(length)
        x = torch.where(length <= self.b, (length - 1) / self.p1, (length - self.b) / self.p1)
        passive = torch.where(length <= 1, zero, torch.where(length <= self.b, self.p2 * x**3, self.p2 * (1 + 3 * x)))
        active = self.bump(length, 1, self.lmax) + 0.15 * self.bump(length, self.middle, 0.95)
        slow = (velocity + 1) ** 2
        fast = self.fvmax - (self.c - velocity) ** 2 / self.c
        curve = torch.where(velocity <= 0, slow, torch.where(velocity <= self.c, fast, self.fvmax + zero))
        curve = torch.where(velocity <= -1, zero, curve)
        force = (activation * active * curve + self.passive_forces * passive) * self.force
        return torch.stack([activation, length * self.l0, velocity * self.vmax, passive, active, curve, force], dim=1)

    def initial(self, geometry):
        return self.state(torch.full_like(geometry[:, 0], self.min_activation), geometry)

    def integrate(self, dt, rate, state, geometry):
        return self.state(torch.clamp(state[:, 0] + rate * dt, self.min_activation, 1), geometry)


class Arm26:
    """Two-joint arm with six muscles. Joint states [B, 4], muscle states [B, 7, 6], geometry [B, 4, 6]: length, velocity, two moment arms."""

    l1, l2 = 0.309, 0.333
    m1, m2, l1g, l2g, i1, i2 = 1.82, 1.43, 0.135, 0.165, 0.051, 0.057

    def __init__(self, dt=0.01, dtype=torch.float32, lower=(0.0, 0.0), upper=(math.radians(135), math.radians(155)), **muscle):
        row = lambda *values: torch.tensor(values, dtype=dtype)
        self.dt = dt
        self.muscle = MujocoHill(
            row(838, 1207, 1422, 1549, 414, 603), row(0.134, 0.14, 0.092, 0.093, 0.137, 0.127), row(0.039, 0.066, 0.172, 0.187, 0.204, 0.217), **muscle
        )
        self.a0 = row(0.151, 0.2322, 0.2859, 0.2355, 0.3329, 0.2989)
        self.a1 = torch.stack([row(-0.03, 0.03, 0, 0, -0.03, 0.03), row(0, 0, -0.014, 0.025, -0.016, 0.03)])
        self.a2 = torch.stack([row(0, 0, 0, 0, 0, 0), row(0, 0, -0.004, -0.0022, -0.0057, -0.0032)])
        self.offset = row(math.pi / 2, 0).unsqueeze(-1)
        self.lower, self.upper = row(*lower), row(*upper)
        self.vlower, self.vupper = row(-1000, -1000), row(1000, 1000)
        coupling = self.m2 * self.l1 * self.l2g
        self.a11 = self.m1 * self.l1g**2 + self.i1 + self.m2 * (self.l2g**2 + self.l1**2) + self.i2
        self.a12 = self.m2 * self.l2g**2 + self.i2
        self.b11, self.b12, self.h = 2 * coupling, coupling, coupling

    def geometry(self, joint):
        q = joint[:, :2].unsqueeze(-1)
        w = joint[:, 2:].unsqueeze(-1)
        x = q - self.offset
        arms = x * self.a2 * 2 + self.a1
        length = ((self.a1 + x * self.a2) * x).sum(dim=1) + self.a0
        velocity = (w * arms).sum(dim=1)
        return torch.cat([length.unsqueeze(1), velocity.unsqueeze(1), arms], dim=1)

    def cartesian(self, joint):
        q1, q2, w1, w2 = joint.unbind(dim=1)
        q12 = q1 + q2
        c12, s12 = torch.cos(q12), torch.sin(q12)
        x = self.l1 * torch.cos(q1) + self.l2 * c12
        y = self.l1 * torch.sin(q1) + self.l2 * s12
        vx = -y * w1 - self.l2 * s12 * w2
        vy = x * w1 + self.l2 * c12 * w2
        return torch.stack([x, y, vx, vy], dim=1)

    def acceleration(self, joint, torque, load):
        q1, q2, w1, w2 = joint.unbind(dim=1)
        q12 = q1 + q2
        c1, s1, c12, s12 = torch.cos(q1), torch.sin(q1), torch.cos(q12), torch.sin(q12)
        c2, s2 = torch.cos(q2), torch.sin(q2)
        m11 = self.a11 + c2 * self.b11
        m12 = self.a12 + c2 * self.b12
        coriolis1 = -self.h * s2 * (2 * w1 + w2) * w2
        coriolis2 = self.h * s2 * w1 * w1
        fx, fy = load.unbind(dim=1)
        j11 = -self.l1 * s1 - self.l2 * s12
        j12 = -self.l2 * s12
        j21 = self.l1 * c1 + self.l2 * c12
        j22 = self.l2 * c12
        r1 = torque[:, 0] + (j11 * fx + j21 * fy) - coriolis1
        r2 = torque[:, 1] + (j12 * fx + j22 * fy) - coriolis2
        inverse = 1 / (m11 * self.a12 - m12 * m12)
        return torch.stack([inverse * (self.a12 * r1 - m12 * r2), inverse * (m11 * r2 - m12 * r1)], dim=1)

    def advance(self, joint, acceleration):
        q, w = joint[:, :2], joint[:, 2:]
        speed = torch.minimum(torch.maximum(w + acceleration * self.dt, self.vlower), self.vupper)
        position = q + w * self.dt
        stopped = ((speed < 0) & (position <= self.lower)) | ((speed > 0) & (position >= self.upper))
        speed = torch.where(stopped, torch.zeros_like(speed), speed)
        position = torch.minimum(torch.maximum(position, self.lower), self.upper)
        return torch.cat([position, speed], dim=1)

    def reset(self, joint):
        geometry = self.geometry(joint)
        return {"joint": joint, "geometry": geometry, "muscle": self.muscle.initial(geometry), "cartesian": self.cartesian(joint)}

    def step(self, state, action, endpoint_load, joint_load=None):
        joint, muscle, geometry = state["joint"], state["muscle"], state["geometry"]
        action = torch.clamp(action, self.muscle.min_activation, 1)
        torque = -(muscle[:, 6].unsqueeze(1) * geometry[:, 2:]).sum(dim=2)
        if joint_load is not None:
            torque = torque + joint_load
        rate = self.muscle.activation_rate(action, muscle[:, 0])
        acceleration = self.acceleration(joint, torque, endpoint_load)
        muscle = self.muscle.integrate(self.dt, rate, muscle, geometry)
        joint = self.advance(joint, acceleration)
        return {"joint": joint, "geometry": self.geometry(joint), "muscle": muscle, "cartesian": self.cartesian(joint)}


class Environment:
    """The arm with delayed, noisy senses. `recorded` replaces drawn noise: one sample after another of vision, proprioception and action."""

    def __init__(self, arm, vision_delay=0.05, proprioception_delay=0.02, vision_noise=0.005, proprioception_noise=0.005, action_noise=0.005, recorded=None):
        self.arm = arm
        self.frames = {"vision": round(vision_delay / arm.dt), "proprioception": round(proprioception_delay / arm.dt)}
        self.deviation = {"vision": vision_noise, "proprioception": proprioception_noise, "action": action_noise}
        self.recorded = recorded

    def noisy(self, source, x):
        if self.recorded is not None:
            return x + next(self.recorded[source]) if source in self.recorded else x
        return x + self.deviation[source] * torch.randn_like(x)

    def sense(self):
        muscle = self.arm.muscle
        lengths = self.state["muscle"][:, 1] / muscle.l0
        velocities = self.state["muscle"][:, 2] / muscle.vmax
        proprioception = torch.cat([lengths, velocities], dim=1)
        return {"proprioception": self.noisy("proprioception", proprioception), "vision": self.noisy("vision", self.state["cartesian"][:, :2])}

    def observe(self):
        for sense, sample in self.sense().items():
            self.buffers[sense] = self.buffers[sense][1:] + [sample]
        return torch.cat([self.buffers["vision"][0], self.buffers["proprioception"][0]], dim=1)

    def reset(self, joint):
        self.state = self.arm.reset(joint)
        self.buffers = {sense: [sample] * max(1, self.frames[sense]) for sense, sample in self.sense().items()}
        return self.observe()

    def step(self, action, endpoint_load):
        self.state = self.arm.step(self.state, self.noisy("action", action), endpoint_load)
        return self.observe()


class Network(nn.Module):
    """GRU with a linear read-out and a trainable initial state."""

    def __init__(self, hidden, inputs=17, outputs=6):
        super().__init__()
        self.cell = nn.GRUCell(inputs, hidden)
        self.readout = nn.Linear(hidden, outputs)
        self.latent_ics = nn.Parameter(torch.zeros(hidden))

    def initial(self, batch, noise=None):
        h = self.latent_ics.expand(batch, -1)
        return h + (0.05 * torch.randn_like(h) if noise is None else noise)

    def forward(self, x, h):
        h = self.cell(x, h)
        return self.readout(h), h


def rollout(network, environment, trials, hidden_noise=None, initial_noise=None):
    """All steps of a batch of trials, each result stacked over time [B, T, …]."""
    inputs, loads = trials["inputs"], trials["loads"]
    observation = environment.reset(trials["joints"])
    h = network.initial(len(inputs), initial_noise)
    names = ["network_input", "actions", "latents", "fingertip", "joints", "muscle", "env_obs_after_step"]
    steps = {name: [] for name in names}
    for t in range(inputs.shape[1]):
        x = torch.cat([observation, inputs[:, t]], dim=1)
        action, h = network(x, h)
        if hidden_noise is not None:
            h = h + hidden_noise[t]
        observation = environment.step(action, loads[:, t])
        state = environment.state
        for name, value in zip(names, [x, action, h, state["cartesian"][:, :2], state["joint"], state["muscle"], observation]):
            steps[name].append(value)
    return {name: torch.stack(values, dim=1) for name, values in steps.items()}


def reach_loss(result, targets, epoch=200, position_weight=1, action_weight=1):
    """Position error over the first steps (all of them from epoch 200 on), plus effort."""
    steps = math.ceil(targets.shape[1] * min(1, epoch / 200))
    position = ((result["fingertip"][:, :steps] - targets[:, :steps]) ** 2).mean()
    return position_weight * position + action_weight * (result["actions"] ** 2).mean()


def make_trials(arm, batch, steps):
    """Reaches between two postures with a bump; the numbers do not matter to the time."""
    posture = lambda: torch.cat([math.pi / 6 + 1.3 * torch.rand(batch, 2), torch.zeros(batch, 2)], dim=1)
    start = posture()
    hand, goal = arm.cartesian(start)[:, None, :2], arm.cartesian(posture())[:, None, :2]
    go = (torch.arange(steps) >= steps // 3).float()[None, :, None]
    bump = torch.zeros(batch, steps, 2)
    bump[:, steps // 2 : steps // 2 + 20] = 5 * torch.randn(batch, 1, 2)
    inputs = torch.cat([goal * (1 - go), 0.15 * go.expand(batch, -1, -1)], dim=2) + 0.04 * torch.randn(batch, steps, 3)
    return {"inputs": inputs, "loads": bump, "joints": start, "targets": hand * (1 - go) + goal * go}


def training_step(options):
    arm = Arm26()
    environment, network = Environment(arm), Network(options.hidden)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-8)
    trials = make_trials(arm, options.batch, options.steps)
    if options.compile:
        arm.step, environment.sense = torch.compile(arm.step), torch.compile(environment.sense)
        network.forward = torch.compile(network.forward)

    def step():
        optimizer.zero_grad()
        loss = reach_loss(rollout(network, environment, trials), trials["targets"])
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return step


def physics_step(options):
    """The arm alone: forward only, joint, muscle and fingertip of every step kept."""
    arm = Arm26()
    trials = make_trials(arm, options.batch, options.steps)
    actions = torch.rand(options.batch, options.steps, 6)

    def step():
        with torch.no_grad():
            state = arm.reset(trials["joints"])
            kept = []
            for t in range(options.steps):
                state = arm.step(state, actions[:, t], trials["loads"][:, t])
                kept.append((state["joint"], state["muscle"], state["cartesian"][:, :2]))
            return kept

    return step


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


def measure(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.device != "cpu":
        torch.set_default_device(options.device)
    step = training_step(options) if options.mode == "train" else physics_step(options)
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
    median = seconds[len(seconds) // 2]
    print(json.dumps({
        "peer": "torch", "version": torch.__version__, "mode": options.mode, "model": "gru" if options.mode == "train" else None,
        "hiddenSize": options.hidden if options.mode == "train" else None, "batchSize": options.batch, "steps": options.steps, "threads": options.threads,
        "device": options.device, "deviceName": device_name(options.device), "compiled": options.compile,
        "matmulGflops": round(matmul_gflops(), 1), "repeats": len(seconds), "minSeconds": seconds[0], "medianSeconds": median,
        "trialStepsPerSecond": options.batch * options.steps / median,
    }))


class Golden:
    """A golden file: its tensors in float64, its metadata, and the comparison with what it holds."""

    bound = 1e-9

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        length = struct.unpack("<Q", data[:8])[0]
        self.header = json.loads(data[8 : 8 + length])
        self.data = data[8 + length :]
        self.path, self.worst, self.count = path, 0.0, 0

    def metadata(self, key):
        return json.loads(self.header["__metadata__"][key])

    def names(self):
        return [name for name in self.header if name != "__metadata__"]

    def tensor(self, name):
        entry = self.header[name]
        kinds = {"F64": torch.float64, "F32": torch.float32, "I32": torch.int32}
        part = bytearray(self.data[slice(*entry["data_offsets"])])
        return torch.frombuffer(part, dtype=kinds[entry["dtype"]]).reshape(entry["shape"]).double()

    def compare(self, name, got):
        expected = self.tensor(name)
        scale = max(expected.abs().max().item(), 1e-300)
        self.worst = max(self.worst, (got.detach() - expected).abs().max().item() / scale)
        self.count += 1

    def verdict(self):
        ok = self.count > 0 and self.worst <= self.bound
        print(f"{'ok  ' if ok else 'FAIL'} {self.path}: {self.count} tensors, largest relative deviation {self.worst:.1e}")
        return ok


def check_effector(golden):
    """Every Euler run of Arm26 with MuJoCo-Hill muscles: states, loss, gradients of actions, loads and initial joint state."""
    case = golden.metadata("case")
    if case["effector"] != "RigidTendonArm26" or not case["muscle"].startswith("Mujoco"):
        raise SystemExit(f"{golden.path}: expected RigidTendonArm26 with MujocoHill muscles, got {case['effector']} with {case['muscle']}")
    for name, run in golden.metadata("runs").items():
        if run["method"] != "euler" or run.get("n_ministeps", 1) != 1:
            continue
        arm = Arm26(run["timestep"], torch.float64, run["pos_lower_bound"], run["pos_upper_bound"])
        given = ["actions", "joint0", "endpoint_load", "joint_load"]
        actions, joint0, endpoint_load, joint_load = [golden.tensor(f"{name}.{key}").requires_grad_() for key in given]
        state = arm.reset(joint0)
        states = [state]
        for t in range(len(actions)):
            state = arm.step(state, actions[t], endpoint_load[t], joint_load[t])
            states.append(state)
        made = {key: torch.stack([state[key] for state in states]) for key in ["joint", "cartesian", "muscle", "geometry"]}
        made["fingertip"] = made["cartesian"][..., :2]
        loss = (golden.tensor(f"{name}.w_fingertip") * made["fingertip"][1:]).sum() + (golden.tensor(f"{name}.w_force") * made["muscle"][1:, :, 6]).sum()
        loss.backward()
        gradients = {f"grad_{key}": value.grad for key, value in zip(given, [actions, joint0, endpoint_load, joint_load])}
        for key, value in {**made, "loss": loss, **gradients}.items():
            golden.compare(f"{name}.{key}", value)


def check_closed_loop(golden):
    """The loop with recorded noise, if any: everything stored, and the gradient of the loss at every stored epoch."""
    config, names = golden.metadata("config"), golden.names()
    arm = Arm26(config["dt"], torch.float64)
    network = Network(config["hidden"]).double()
    network.load_state_dict({name[len("param.") :]: golden.tensor(name) for name in names if name.startswith("param.")})
    noise = {name[len("noise.") :]: golden.tensor(name) for name in names if name.startswith("noise.")}
    trials = {"inputs": golden.tensor("inputs"), "loads": golden.tensor("inputs_to_env"), "joints": golden.tensor("ics"), "targets": golden.tensor("targets")}
    for epoch in [int(name[len("loss.epoch") :]) for name in names if name.startswith("loss.epoch")]:
        recorded = {source: iter(noise[f"{source}_noise"]) for source in ["vision", "proprioception", "action"] if noise}
        environment = Environment(arm, config["vision_delay"], config["proprioception_delay"], recorded=recorded)
        initial = config["latent_ic_var"] * noise["latent_ics_randn"] if noise else 0
        result = rollout(network, environment, trials, config["model_noise_level"] * noise["hidden_randn"] if noise else None, initial)
        network.zero_grad()
        loss = reach_loss(result, trials["targets"], epoch, config["pos_weight"], config["act_weight"])
        loss.backward()
        if epoch == 0:
            assert loss.isnan(), "the mean over no steps is NaN"
        else:
            golden.compare(f"loss.epoch{epoch}", loss)
        for name, parameter in network.named_parameters():
            golden.compare(f"grad.epoch{epoch}.{name}", parameter.grad)
        for name, value in result.items():
            golden.compare(name, value)


def check(paths):
    torch.set_num_threads(1)
    verdicts = []
    for path in paths:
        golden = Golden(path)
        (check_closed_loop if "param.readout.weight" in golden.names() else check_effector)(golden)
        verdicts.append(golden.verdict())
    sys.exit(0 if all(verdicts) else 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", default="train", choices=["train", "physics"])
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--compile", action="store_true", help="torch.compile of one time step; the loop over time stays in Python")
    parser.add_argument("--check", nargs="+", metavar="FILE")
    options = parser.parse_args()
    if options.check:
        check(options.check)
    else:
        measure(options)


main()

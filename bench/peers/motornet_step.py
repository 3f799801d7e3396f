#!/usr/bin/env python3
# One training step of MotorNet itself: its RandomTargetReach with RigidTendonArm26 and MuJoCo-Hill muscles, its PolicyGRU, loss on the fingertip, clipping, Adam.
# Usage: python3 motornet_step.py --checkout DIR --hidden 128 --batch 32 --steps 100 --threads 1 --repeats 10 [--mode train|physics]; prints one line of JSON.
# DIR is a checkout of MotorNet (github.com/OlivierCodol/MotorNet, GPL-3.0) that you bring; nothing of it is part of this project. Needs PyTorch and what MotorNet needs.
#
# Written against MotorNet's documented interface (0.2). bench/peers/torch_reach.py is the stand-in without a checkout: the same arm, senses and delays in the same eager style.
import argparse
import json
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkout", required=True, help="folder that holds the package motornet")
    parser.add_argument("--mode", default="train", choices=["train", "physics"])
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    sys.path.insert(0, options.checkout)
    import motornet
    import torch

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    dt = 0.01
    effector = motornet.effector.RigidTendonArm26(muscle=motornet.muscle.MujocoHillMuscle(), timestep=dt)
    environment = motornet.environment.RandomTargetReach(
        effector=effector, max_ep_duration=options.steps * dt, action_noise=0.005, proprioception_noise=0.005, vision_noise=0.005,
        proprioception_delay=0.02, vision_delay=0.05,
    )
    policy = motornet.policy.PolicyGRU(environment.observation_space.shape[0], options.hidden, environment.n_muscles, device=torch.device("cpu"))
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-3)

    def reset():
        observation, info = environment.reset(options={"batch_size": options.batch})
        return observation, info

    def train():
        h = policy.init_hidden(batch_size=options.batch)
        observation, info = reset()
        distance = 0
        for _ in range(options.steps):
            action, h = policy(observation, h)
            observation, _, _, _, info = environment.step(action=action)
            distance = distance + (info["states"]["fingertip"] - info["goal"]).abs().sum(-1).mean()
        loss = distance / options.steps
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    actions = torch.rand(options.steps, options.batch, environment.n_muscles)

    def physics():
        with torch.no_grad():
            effector.reset(options={"batch_size": options.batch})
            for t in range(options.steps):
                effector.step(actions[t])

    step = train if options.mode == "train" else physics
    step()
    step()
    seconds = []
    for _ in range(options.repeats):
        begin = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begin)
    seconds.sort()
    median = seconds[len(seconds) // 2]
    print(json.dumps({
        "peer": "motornet", "version": getattr(motornet, "__version__", "unknown"), "torch": torch.__version__, "mode": options.mode,
        "hiddenSize": options.hidden if options.mode == "train" else None, "batchSize": options.batch, "steps": options.steps, "threads": options.threads,
        "repeats": len(seconds), "minSeconds": seconds[0], "medianSeconds": median, "trialStepsPerSecond": options.batch * options.steps / median,
    }))


main()

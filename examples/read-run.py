# A GRU trained here, run again in PyTorch: `motorloop export RUN --noiseless --out exported`, then `python read-run.py exported`.
import sys, numpy as np, torch

load = lambda name: torch.from_numpy(np.load(f"{sys.argv[1]}/{name}.npy"))
x, outputs, h = load("network_inputs"), load("outputs"), load("latent_ics").expand(len(load("targets")), -1)
cell, readout = torch.nn.GRUCell(x.shape[2], h.shape[1]), torch.nn.Linear(h.shape[1], outputs.shape[2])
cell.load_state_dict({name: load(f"cell.{name}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")})
readout.load_state_dict({name: load(f"readout.{name}") for name in ("weight", "bias")})
for step in range(x.shape[1]):
    h = cell(x[:, step], h).detach()
    assert torch.allclose(readout(h), outputs[:, step], atol=1e-5)
print("the same outputs within 1e-5:", tuple(outputs.shape))

"""Replays steps that `barlow train --dump-steps` wrote, in PyTorch, and prints how far both are from the exact numbers.

usage: python replay_step.py RUN/dump/step-N ...          (needs torch and numpy)

Each step is computed twice more from what it saw: in double precision, which is taken as exact, and in single precision,
as a script would. The network, the loss (main.py's, which edits its matrix in place) and LARS are written here after the
papers' codes; SGD and AdamW are PyTorch's. One JSON object per step: for embeddings, loss, gradients and running
statistics the distance from the exact ones, over all tensors of a group together, of ours and of PyTorch's single
precision; for the updated parameters, which follow from the dumped gradients, the largest error in units of what rounding
explains. Exit code 1 when ours is further away than LIMITS allow.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

# ours <= factor * PyTorch's fp32 + slack. Gradients: a ReLU whose input rounds to the other side of zero lets a whole
# path through or not.
LIMITS = {"embeddings": (4, 2e-5), "loss": (4, 2e-5), "gradients": (4, 2e-3), "statistics": (4, 2e-5)}
UPDATE_LIMITS = (2, 4)  # as LIMITS, in roundings

DTYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64}


def read_safetensors(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            values = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(values.copy())
    return tensors


# --- the network, with torchvision's names


def conv(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class Block(nn.Module):
    """BasicBlock (expansion 1) or Bottleneck (expansion 4, stride in the 3x3 convolution)."""

    def __init__(self, inputs, planes, stride, expansion):
        super().__init__()
        outputs = planes * expansion
        shapes = [(inputs, planes, 3, stride), (planes, planes, 3, 1)]
        if expansion == 4:
            shapes = [(inputs, planes, 1, 1), (planes, planes, 3, stride), (planes, outputs, 1, 1)]
        self.count = len(shapes)
        for i, shape in enumerate(shapes, 1):
            setattr(self, f"conv{i}", conv(*shape))
            setattr(self, f"bn{i}", nn.BatchNorm2d(shape[1]))
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.count:
                y = y.relu()
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class ResNet(nn.Module):
    def __init__(self, name, stem, width):
        super().__init__()
        blocks = [2, 2, 2, 2] if name == "resnet18" else [3, 4, 6, 3]
        expansion = 4 if name == "resnet50" else 1
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False) if stem == "imagenet" else conv(3, width, 3)
        self.bn1 = nn.BatchNorm2d(width)
        self.pooled = stem == "imagenet"
        inputs = width
        for stage in range(4):
            planes = width << stage
            layers = []
            for block in range(blocks[stage]):
                layers.append(Block(inputs, planes, 2 if block == 0 and stage > 0 else 1, expansion))
                inputs = planes * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.features = inputs

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        if self.pooled:
            x = nn.functional.max_pool2d(x, 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return x.mean((2, 3))


class Twins(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.backbone = ResNet(model["backbone"], model["stem"], model["width"])
        widths = [self.backbone.features, *map(int, model["projector"].split("-"))]
        layers = []
        for i in range(1, len(widths)):
            layers.append(nn.Linear(widths[i - 1], widths[i], bias=model.get("projector_bias", False)))
            if i + 1 < len(widths):
                layers += [nn.BatchNorm1d(widths[i]), nn.ReLU()]
            elif model.get("projector_last_norm", False):
                layers.append(nn.BatchNorm1d(widths[i]))
        self.projector = nn.Sequential(*layers)

    def forward(self, x):
        return self.projector(self.backbone(x))


def barlow_loss(z_a, z_b, lambd):
    n, d = z_a.shape
    normalise = nn.BatchNorm1d(d, affine=False).to(z_a.dtype)
    c = normalise(z_a).T @ normalise(z_b)
    c = c / n
    on = torch.diagonal(c).add(-1).pow(2).sum()
    off = c.flatten()[:-1].view(d - 1, d + 1)[:, 1:].flatten().pow(2).sum()
    return on + lambd * off


# --- one step


def replay(model, dump, step, dtype):
    network = Twins(model)
    network.load_state_dict(read_safetensors(dump / "before.safetensors"))
    network.to(dtype).train()
    views = [torch.from_numpy(np.load(dump / f"view_{v}.npy")).to(dtype) for v in "ab"]
    z_a, z_b = network(views[0]), network(views[1])
    loss = barlow_loss(z_a, z_b, step["lambda"])
    loss.backward()
    return {
        "embeddings": [z_a.detach(), z_b.detach()],
        "loss": [loss.detach()],
        "gradients": [p.grad for p in network.parameters()],
        "statistics": [b for _, b in network.named_buffers() if b.is_floating_point()],
    }, [name for name, _ in network.named_parameters()], [
        name for name, b in network.named_buffers() if b.is_floating_point()
    ]


class Lars:
    """The official one: decay and trust ratio for weights, neither for one-dimensional parameters."""

    def __init__(self, eta, momentum):
        self.eta, self.momentum = eta, momentum

    def step(self, p, g, m, group):
        if group["trust_ratio"]:
            g = g + group["weight_decay"] * p
            p_norm, g_norm = p.norm(), g.norm()
            if p_norm > 0 and g_norm > 0:
                g = g * (self.eta * p_norm / g_norm)
        return p - group["learning_rate"] * (self.momentum * m + g)


def updated(step, before, gradients, state, dtype):
    """The parameters after the step, from the dumped gradients."""
    optimizer = step["optimizer"]
    result = {}
    for group in step["groups"]:
        for name in group["parameters"]:
            p, g = before[name].to(dtype), gradients[name].to(dtype)
            if optimizer["name"] == "lars":
                m = state.get(name + ".momentum", torch.zeros_like(p)).to(dtype)
                result[name] = Lars(optimizer["eta"], optimizer["momentum"]).step(p, g, m, group)
                continue
            p = nn.Parameter(p.clone())
            p.grad = g.clone()
            if optimizer["name"] == "sgd":
                rule = torch.optim.SGD([p], group["learning_rate"], optimizer["momentum"], weight_decay=group["weight_decay"])
                if name + ".momentum" in state:
                    rule.state[p]["momentum_buffer"] = state[name + ".momentum"].to(dtype)
            else:
                kind = torch.optim.AdamW if optimizer["name"] == "adamw" else torch.optim.Adam
                rule = kind([p], group["learning_rate"], weight_decay=group["weight_decay"])
                if name + ".exp_avg" in state:
                    rule.state[p] = {
                        "step": torch.tensor(float(step["step"] - 1)),
                        "exp_avg": state[name + ".exp_avg"].to(dtype),
                        "exp_avg_sq": state[name + ".exp_avg_sq"].to(dtype),
                    }
            rule.step()
            result[name] = p.detach()
    return result


def distance(tensors, exact):
    difference = sum(float((t.double() - e).square().sum()) for t, e in zip(tensors, exact))
    return (difference / sum(float(e.square().sum()) for e in exact)) ** 0.5


def roundings(after, exact, before):
    """The largest error of an updated parameter in units of fp32 rounding of what it was made of."""
    epsilon = 2.0**-24
    worst = 0.0
    for name, value in exact.items():
        update = (value - before[name].double()).abs()
        unit = epsilon * (before[name].double().abs() + value.abs()) + 16 * epsilon * update + 1e-30
        worst = max(worst, float(((after[name].double() - value).abs() / unit).max()))
    return worst


def report(dump):
    step = json.loads((dump / "step.json").read_text())
    model = json.loads((dump.parent.parent / "config.json").read_text())["model"]
    exact, parameters, statistics = replay(model, dump, step, torch.float64)
    single, _, _ = replay(model, dump, step, torch.float32)
    before = read_safetensors(dump / "before.safetensors")
    after = read_safetensors(dump / "after.safetensors")
    gradients = read_safetensors(dump / "gradients.safetensors")
    ours = {
        "embeddings": [torch.from_numpy(np.load(dump / f"z_{v}.npy")) for v in "ab"],
        "loss": [torch.tensor(step["loss"])],
        "gradients": [gradients[name] for name in parameters],
        "statistics": [after[name] for name in statistics],
    }
    row = {"dump": dump.name, "optimizer": step["optimizer"]["name"], "ok": True}
    for group, (factor, slack) in LIMITS.items():
        mine, theirs = distance(ours[group], exact[group]), distance(single[group], exact[group])
        row[group] = {"ours": mine, "torch_fp32": theirs}
        row["ok"] &= mine <= factor * theirs + slack
    state = read_safetensors(dump / "optimizer_before.safetensors")
    exactly = updated(step, before, gradients, state, torch.float64)
    singly = updated(step, before, gradients, state, torch.float32)
    row["parameters"] = {"ours": roundings(after, exactly, before), "torch_fp32": roundings(singly, exactly, before)}
    row["ok"] &= row["parameters"]["ours"] <= UPDATE_LIMITS[0] * row["parameters"]["torch_fp32"] + UPDATE_LIMITS[1]
    moved = sum(float((exactly[name] - before[name]).abs().sum()) for name in parameters)
    row["moved"] = moved
    counters = [name for name in before if name.endswith("num_batches_tracked")]
    row["ok"] &= all(int(after[name]) == int(before[name]) + 2 for name in counters)
    return row


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    rows = [report(Path(argument)) for argument in sys.argv[1:]]
    for row in rows:
        print(json.dumps(row))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)

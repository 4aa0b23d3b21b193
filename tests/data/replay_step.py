"""Replays steps that `barlow train --dump-steps` wrote, in PyTorch, and prints how far both are from the exact numbers.

usage: python replay_step.py RUN/dump/step-N ...          (needs torch and numpy)

Nothing is read but the dump's own files: the network is the one that the tensors' names and shapes describe. Each step is
computed twice more from what it saw: in double precision, which is taken as exact, and in single precision, as a script
would. Networks, objectives (with the whole matrix each, as in the papers' codes) and LARS are written here after those
codes; SGD and Adam are PyTorch's. One JSON object per step: for embeddings, loss, gradients, running statistics and what
the objective keeps (queues, memory) the distance from the exact ones, over all tensors of a group together, of ours and
of PyTorch's single precision; for the updated parameters, which follow from the dumped gradients, and the momentum
network, which follows from them, the largest error in units of what rounding explains; for the objective's terms the
largest error. Exit code 1 when ours is further away than LIMITS allow, or has other tensors.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# ours <= factor * PyTorch's fp32 + slack. Gradients: a ReLU whose input rounds to the other side of zero lets a whole
# path through or not.
LIMITS = {
    "embeddings": (4, 2e-5),
    "loss": (4, 2e-5),
    "gradients": (4, 2e-3),
    "statistics": (4, 2e-5),
    "state": (4, 2e-5),
}
UPDATE_LIMITS = (2, 4)  # as LIMITS, in roundings
CLIPPED_SLACK = 16  # the same where all gradients' norm, a sum of very many, is a factor
TERM_LIMIT = 1e-3  # of the term, or of 1 where it is smaller
COUNTED_LIMIT = 0.05  # the same for shares and perplexities of nearest neighbours, where a tie may turn

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")  # BatchNorm's
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


def below(prefix, tensors):
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


# --- networks, with torchvision's names, as the tensors describe them


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
    def __init__(self, tensors):
        super().__init__()
        width, _, kernel, _ = tensors["conv1.weight"].shape
        expansion = 4 if "layer1.0.conv3.weight" in tensors else 1
        self.pooled = kernel == 7  # ImageNet's stem
        self.conv1 = conv(3, width, kernel, 2 if self.pooled else 1)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage in range(4):
            planes = width << stage
            blocks = len({name.split(".")[1] for name in tensors if name.startswith(f"layer{stage + 1}.")})
            layers = []
            for block in range(blocks):
                layers.append(Block(inputs, planes, 2 if block == 0 and stage > 0 else 1, expansion))
                inputs = planes * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        if self.pooled:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return x.mean((2, 3))


class Tiny(nn.Module):
    def __init__(self, tensors):
        super().__init__()
        for i in range(1, 5):
            outputs, inputs, kernel, _ = tensors[f"conv{i}.weight"].shape
            setattr(self, f"conv{i}", conv(inputs, outputs, kernel, 2))
            setattr(self, f"bn{i}", nn.BatchNorm2d(outputs))

    def forward(self, x):
        for i in range(1, 5):
            x = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)).relu()
        return x.mean((2, 3))


def head(tensors):
    """Linear, perhaps BatchNorm, ReLU, ..., Linear, perhaps BatchNorm."""
    linears = sorted(int(name.split(".")[0]) for name, value in tensors.items() if value.dim() == 2)
    layers = []
    for i in linears:
        outputs, inputs = tensors[f"{i}.weight"].shape
        layers.append(nn.Linear(inputs, outputs, bias=f"{i}.bias" in tensors))
        if f"{i + 1}.running_mean" in tensors:
            layers.append(nn.BatchNorm1d(outputs, affine=f"{i + 1}.weight" in tensors))
        if i != linears[-1]:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class Twins(nn.Module):
    def __init__(self, tensors):
        super().__init__()
        backbone = below("backbone.", tensors)
        self.backbone = ResNet(backbone) if "layer1.0.conv1.weight" in backbone else Tiny(backbone)
        self.projector = head(below("projector.", tensors))
        self.load_state_dict(tensors)

    def forward(self, x):
        return self.projector(self.backbone(x))


# --- objectives: loss and terms, and what is kept after the step


def rows_of_length_one(z):
    return F.normalize(z, dim=1)


def spread(views):
    """Standard deviation of the directions, mean over dimensions and views."""
    return torch.stack([rows_of_length_one(z).std(0).mean() for z in views]).mean()


def off_diagonal(c):
    return c - torch.diag(c.diagonal())


class Objective:
    """What every one of them has: settings, tensors, and a place in the run."""

    def __init__(self, step, tensors, drawn, dtype):
        self.settings = step["objective"]
        self.step = step
        self.drawn = drawn
        self.buffers = {n: t.clone() for n, t in tensors.items() if n.split(".")[0] not in ("predictor", "prototypes")}
        self.parameters = {}
        self.predictor = None
        if any(name.startswith("predictor.") for name in tensors):
            self.predictor = head(below("predictor.", tensors))
            self.predictor.load_state_dict(below("predictor.", tensors))
            self.predictor.to(dtype).train()
            self.parameters = {f"predictor.{n}": p for n, p in self.predictor.named_parameters()}
        if "prototypes.weight" in tensors:
            self.parameters["prototypes.weight"] = nn.Parameter(tensors["prototypes.weight"].to(dtype))

    def float_buffer(self, name, like):
        return self.buffers[name].to(like.dtype)

    def resting(self):
        """Parameters that this step leaves alone."""
        return []

    def kept(self, online, target, samples):
        """Buffers after the step, without a predictor's."""
        return dict(self.buffers)

    def after(self, online, target, samples):
        state = self.kept(online, target, samples)
        if self.predictor is not None:
            state |= {f"predictor.{n}": b for n, b in self.predictor.named_buffers()}
        return state


class BarlowTwins(Objective):
    def standard(self, z):
        n, d = z.shape
        how = self.settings["standardization"]
        if how == "none":
            return z - z.mean(0)
        if how == "hsic":
            z = rows_of_length_one(z)
            return (z - z.mean(0)) / z.std(0)
        z = nn.BatchNorm1d(d, affine=False).to(z.dtype)(z)
        return rows_of_length_one(z) * d**0.5 if how == "features" else z

    def loss(self, online, target, samples):
        s = self.settings
        z_a, z_b = online
        if self.predictor is not None:
            z_a = self.predictor(z_a)
        if s["stop_gradient"]:
            z_b = z_b.detach()
        n, d = z_a.shape
        c = self.standard(z_a).T @ self.standard(z_b) / n
        on = (c.diagonal() - 1).square().sum()
        squares = off = c.flatten()[:-1].view(d - 1, d + 1)[:, 1:].flatten().square().sum()  # main.py
        if s["criterion"] == "cross_entropy":
            t = s["temperature"]
            on = -torch.log(torch.exp(c.diagonal() / t).sum())
            off = torch.log(torch.exp(c.clamp(min=0) / t)[~torch.eye(d, dtype=torch.bool)].sum())
        loss = {"both": on + s["lambda"] * off, "invariance": on, "redundancy": s["lambda"] * off}[s["terms"]]
        return loss, {
            "on_diagonal": on,
            "off_diagonal": off,
            "mean_diagonal": c.diagonal().mean(),
            "rms_off_diagonal": (squares / (d * (d - 1))).sqrt(),
        }


class Vicreg(Objective):
    def loss(self, online, target, samples):
        s = self.settings
        n, d = online[0].shape
        invariance = F.mse_loss(*online)
        variance = sum(F.relu(1 - torch.sqrt(z.var(0) + 1e-4)).mean() for z in online)
        if s["halve_variance"]:
            variance = variance / 2
        covariance = sum(off_diagonal(torch.cov(z.T)).square().sum() / d for z in online)
        loss = s["invariance"] * invariance + s["variance"] * variance + s["covariance"] * covariance
        return loss, {"invariance": invariance, "variance": variance, "covariance": covariance}


class Simclr(Objective):
    def loss(self, online, target, samples):
        views, (n, _) = len(online), online[0].shape
        z = rows_of_length_one(torch.cat(online))
        cosines = z @ z.T
        image = torch.arange(n).repeat(views)
        own = torch.eye(views * n, dtype=torch.bool)
        same = (image[:, None] == image[None, :]) & ~own
        e = torch.exp(cosines / self.settings["temperature"])
        loss = -torch.log((e * same).sum(1) / e.masked_fill(own, 0).sum(1)).mean()
        wins = cosines.masked_fill(~same, -2).amax(1) > cosines.masked_fill(same | own, -2).amax(1)
        return loss, {
            "contrastive_accuracy": wins.to(z.dtype).mean(),
            "positive_similarity": cosines[same].mean(),
        }


def written_round(ring, position, rows):
    """Row after row from `position` on, from the beginning again after the end."""
    ring = ring.clone()
    for i, row in enumerate(rows):
        ring[(int(position) + i) % len(ring)] = row.to(ring.dtype)
    return ring


class Moco(Objective):
    def loss(self, online, target, samples):
        losses, accuracies, cosines = [], [], []
        for query, key, queue in ((0, 1, "queue_b"), (1, 0, "queue_a")):
            q, k = rows_of_length_one(online[query]), rows_of_length_one(target[key])
            positive = (q * k).sum(1, keepdim=True)
            logits = torch.cat([positive, q @ self.float_buffer(queue, q).T], 1)
            labels = torch.zeros(len(q), dtype=torch.long)
            losses.append(F.cross_entropy(logits / self.settings["temperature"], labels))
            accuracies.append((logits.argmax(1) == 0).to(q.dtype).mean())
            cosines.append(positive.mean())
        return sum(losses) / 2, {
            "contrastive_accuracy": sum(accuracies) / 2,
            "positive_similarity": sum(cosines) / 2,
        }

    def kept(self, online, target, samples):
        return kept_queues(self, target)


def kept_queues(objective, embeddings):
    state = dict(objective.buffers)
    position = state["queue_position"]
    for name, z in zip(("queue_a", "queue_b"), embeddings[:2]):
        state[name] = written_round(objective.float_buffer(name, z), position, rows_of_length_one(z.detach()))
    state["queue_position"] = (position + len(embeddings[0])) % len(state["queue_a"])
    return state


class Byol(Objective):
    def loss(self, online, target, samples):
        p = [self.predictor(z) for z in online]
        pairs = [(u, v) for v in range(2) for u in range(len(p)) if u != v]
        loss = sum(2 - 2 * F.cosine_similarity(p[u], target[v].detach()).mean() for u, v in pairs)
        return loss, {"z_std": spread(online), "prediction_similarity": 1 - loss / (2 * len(pairs))}


class Simsiam(Objective):
    def loss(self, online, target, samples):
        z_a, z_b = online
        p_a, p_b = self.predictor(z_a), self.predictor(z_b)
        loss = -F.cosine_similarity(p_a, z_b.detach()).mean() / 2 - F.cosine_similarity(p_b, z_a.detach()).mean() / 2
        return loss, {"z_std": spread(online), "prediction_similarity": -loss}


class Swav(Objective):
    def sinkhorn(self, scores, n):
        q = torch.exp((scores - scores.max()) / self.settings["epsilon"]).T  # [K, B]
        q = q / q.sum()
        for _ in range(self.settings["sinkhorn_iterations"]):
            q = q / q.sum(1, keepdim=True) / q.shape[0]
            q = q / q.sum(0, keepdim=True) / q.shape[1]
        return (q * q.shape[1]).T[:n]

    def loss(self, online, target, samples):
        s = self.settings
        n = len(online[0])
        filled = (self.step["step"] - 1) * n >= s["queue"]
        uses_queue = s["queue"] > 0 and filled and self.step["epoch"] >= s["queue_from_epoch"]
        c = rows_of_length_one(self.parameters["prototypes.weight"])
        z = [rows_of_length_one(view) for view in online]
        losses, shares, perplexities = [], [], []
        for i in range(2):
            with torch.no_grad():
                scores = z[i] @ c.T
                nearest = torch.bincount(scores.argmax(1), minlength=len(c)).to(c.dtype)
                shares.append((nearest > 0).sum() / min(n, len(c)))
                perplexities.append(torch.distributions.Categorical(probs=nearest / n).entropy().exp())
                if uses_queue:
                    scores = torch.cat([scores, self.float_buffer("queue_" + "ab"[i], c) @ c.T])
                q = self.sinkhorn(scores, n)
            for v in range(len(z)):
                if v != i:
                    losses.append(-(q * F.log_softmax(z[v] @ c.T / s["temperature"], 1)).sum(1).mean())
        loss = sum(losses) / len(losses)
        return loss, {
            "prototypes_in_use": sum(shares) / 2,
            "prototype_perplexity": sum(perplexities) / 2,
            "z_std": spread(online),
        }

    def resting(self):
        return ["prototypes.weight"] if self.step["epoch"] < self.settings["freeze_epochs"] else []

    def kept(self, online, target, samples):
        return kept_queues(self, online) if self.settings["queue"] > 0 else {}


class DeepCluster(Objective):
    def loss(self, online, target, samples):
        z = rows_of_length_one(torch.cat(online))
        losses = []
        for h, assignments in enumerate(self.buffers["assignments"]):
            labels = assignments[samples].repeat(len(online))
            scores = z @ self.float_buffer(f"prototypes_{h}.weight", z).T / self.settings["temperature"]
            each = F.cross_entropy(scores, labels, ignore_index=-1, reduction="sum")
            losses.append(each / (labels >= 0).sum().clamp(min=1))
        numbers = self.buffers["cluster_numbers"]
        names = ("reassigned", "largest_cluster", "clusters_in_use")
        return sum(losses) / len(losses), dict(zip(names, numbers)) | {"z_std": spread(online)}

    def kept(self, online, target, samples):
        state = dict(self.buffers)
        position = state["memory_position"]
        for name, z in (("memory_a", online[0]), ("memory_b", online[1])):
            state[name] = written_round(self.float_buffer(name, z), position, rows_of_length_one(z.detach()))
        state["memory_samples"] = written_round(state["memory_samples"], position, samples)
        state["memory_position"] = (position + len(samples)) % len(state["memory_samples"])
        return state


class Lejepa(Objective):
    def loss(self, online, target, samples):
        s = self.settings
        z = torch.stack(online)  # [V, N, D]
        directions = self.drawn["directions"].to(z.dtype)
        u = z @ (directions / directions.norm(dim=0, keepdim=True))  # [V, N, M]
        t = torch.linspace(0, s["range"], s["knots"], dtype=torch.float64).to(z.dtype)
        phi = torch.exp(-t.square() / 2)
        weights = torch.full_like(t, 2 * s["range"] / (s["knots"] - 1))
        weights[[0, -1]] /= 2
        angles = u.unsqueeze(-1) * t  # [V, N, M, T]
        errors = (angles.cos().mean(1) - phi).square() + angles.sin().mean(1).square()  # [V, M, T]
        distance = (errors @ (weights * phi)).mean() * z.shape[1]
        centred = z if s["center"] == "all_views" else z[:2]
        invariance = (z - centred.mean(0)).square().mean()
        loss = s["lambda"] * distance + (1 - s["lambda"]) * invariance
        return loss, {"invariance": invariance, "gaussian_distance": distance}


OBJECTIVES = {
    "barlow_twins": BarlowTwins,
    "vicreg": Vicreg,
    "simclr": Simclr,
    "moco": Moco,
    "byol": Byol,
    "simsiam": Simsiam,
    "swav": Swav,
    "deepcluster": DeepCluster,
    "lejepa": Lejepa,
}
COUNTED = ("contrastive_accuracy", "prototypes_in_use", "prototype_perplexity")


# --- one step


def through(network, view, micro_batch):
    parts = view.split(micro_batch) if micro_batch > 0 else [view]
    return torch.cat([network(part) for part in parts])


def replay(dump, step, before, dtype):
    own = {n: t for n, t in before.items() if not n.startswith(("objective.", "momentum."))}
    network = Twins(own).to(dtype).train()
    count = len(list(dump.glob("view_[0-9]*.npy")))
    views = [torch.from_numpy(np.load(dump / f"view_{v}.npy")).to(dtype) for v in range(count)]
    samples = torch.from_numpy(np.load(dump / "indices.npy"))
    drawn = {path.stem[len("drawn_") :]: torch.from_numpy(np.load(path)) for path in dump.glob("drawn_*.npy")}
    micro_batch = step["micro_batch_size"]
    online = [through(network, view, micro_batch) for view in views]
    target, momentum = [], None
    if any(name.startswith("momentum.") for name in before):
        momentum = Twins(below("momentum.", before)).to(dtype).train()
        with torch.no_grad():
            target = [through(momentum, view, micro_batch) for view in views[:2]]
    objective = OBJECTIVES[step["objective"]["name"]](step, below("objective.", before), drawn, dtype)
    loss, terms = objective.loss(online, target, samples)
    loss.backward()
    parameters = dict(network.named_parameters())
    parameters |= {f"objective.{n}": p for n, p in objective.parameters.items() if n not in objective.resting()}
    statistics = dict(network.named_buffers())
    if momentum is not None:
        statistics |= {f"momentum.{n}": b for n, b in momentum.named_buffers()}
    with torch.no_grad():
        state = {f"objective.{n}": b for n, b in objective.after(online, target, samples).items()}
    return {
        "embeddings": {f"z_{i}": z.detach() for i, z in enumerate(online)}
        | {f"target_{i}": z for i, z in enumerate(target)},
        "loss": {"loss": loss.detach()},
        "gradients": {n: p.grad for n, p in parameters.items() if p.grad is not None},
        "statistics": statistics,
        "state": state,
    }, {name: float(value.detach()) for name, value in terms.items()}


def embeddings_of(dump, what):
    files = sorted(dump.glob(f"{what}_*.npy"), key=lambda path: (len(path.stem), path.stem))
    return {f"{what}_{i}": torch.from_numpy(np.load(path)) for i, path in enumerate(files)}


class Lars:
    """The official one: decay and trust ratio for weights, neither for one-dimensional parameters. Clipped: solo-learn's,
    which moves no weight further than SGD would."""

    def __init__(self, optimizer):
        self.eta, self.momentum, self.is_clipped = optimizer["eta"], optimizer["momentum"], optimizer["clip"]

    def direction(self, p, g, group):
        rate, decay = group["learning_rate"], group["weight_decay"]
        if self.is_clipped:
            p_norm, g_norm = p.norm(), g.norm()
            if p_norm == 0 or g_norm == 0:
                return g
            ratio = self.eta * p_norm / (g_norm + decay * p_norm + 1e-8)
            ratio = min(ratio / rate, 1) if rate > 0 else 1
            return (g + decay * p) * ratio
        g = g + decay * p
        p_norm, g_norm = p.norm(), g.norm()
        return g * (self.eta * p_norm / g_norm) if p_norm > 0 and g_norm > 0 else g

    def step(self, p, g, m, group):
        if group["trust_ratio"]:
            g = self.direction(p, g, group)
        return p - group["learning_rate"] * (self.momentum * m + g)


def updated(step, before, gradients, state, dtype):
    """The parameters after the step, from the dumped gradients; one without a gradient rests."""
    optimizer = step["optimizer"]
    factor = 1.0
    if optimizer["clip_norm"] > 0:
        norm = torch.stack([g.to(dtype).norm() for g in gradients.values()]).norm()
        factor = (optimizer["clip_norm"] / (norm + 1e-6)).clamp(max=1)
    result = {}
    for group in step["groups"]:
        for name in group["parameters"]:
            p = before[name].to(dtype)
            if name not in gradients:
                result[name] = p
                continue
            g = gradients[name].to(dtype) * factor
            if optimizer["name"] == "lars":
                m = state.get(name + ".momentum", torch.zeros_like(p)).to(dtype)
                result[name] = Lars(optimizer).step(p, g, m, group)
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


def followed(before, after, share, dtype):
    """The momentum network's parameters, from its own and the network's new ones."""
    network = {n: t for n, t in after.items() if "momentum." + n in before and "running_" not in n}
    return {
        "momentum." + name: share * before["momentum." + name].to(dtype) + (1 - share) * value.to(dtype)
        for name, value in network.items()
        if value.is_floating_point()
    }


def term_error(step, terms):
    """The largest error of a term; of those that count nearest neighbours what goes beyond COUNTED_LIMIT."""
    worst = 0.0
    for name, value in step["terms"].items():
        if name == "floor":
            continue  # a bound, not of this step
        value, exact = float(value), terms[name]
        if math.isnan(value) and math.isnan(exact):
            continue
        error = abs(value - exact) / max(1.0, abs(exact))
        worst = max(worst, max(0.0, error - COUNTED_LIMIT) if name in COUNTED else error)
    return worst


def distance(tensors, exact):
    difference = sum(float((tensors[name].double() - e).square().sum()) for name, e in exact.items())
    length = sum(float(e.square().sum()) for e in exact.values())
    return (difference / max(length, 1e-30)) ** 0.5


def roundings(after, exact, before):
    """The largest error of an updated parameter in units of fp32 rounding of what it was made of."""
    epsilon = 2.0**-24
    worst = 0.0
    for name, value in exact.items():
        update = (value - before[name].double()).abs()
        unit = epsilon * (before[name].double().abs() + value.abs()) + 16 * epsilon * update + 1e-30
        worst = max(worst, float(((after[name].double() - value).abs() / unit).max()))
    return worst


def compare(ours, exact, single, row):
    """Distances of whole groups; counters must be equal, and no group may have other tensors."""
    for group, (factor, slack) in LIMITS.items():
        names = set(exact[group])
        if set(ours[group]) != names:
            row["ok"] = False
            row[group] = {"differs": sorted(set(ours[group]) ^ names)}
            continue
        floats = {n: e.double() for n, e in exact[group].items() if e.is_floating_point()}
        finite = {n: e for n, e in floats.items() if bool(e.isfinite().all())}
        for name in names - set(finite):  # counters, and numbers that are not there yet
            mine, theirs = ours[group][name], exact[group][name]
            row["ok"] &= bool(torch.equal(mine.double().nan_to_num(-1), theirs.double().nan_to_num(-1)))
        scale = 1.0
        if group == "loss":  # of 1 where it is smaller: it may be near 0
            scale = min(1.0, abs(float(exact["loss"]["loss"])))
        mine, theirs = scale * distance(ours[group], finite), scale * distance(single[group], finite)
        row[group] = {"ours": mine, "torch_fp32": theirs}
        row["ok"] &= mine <= factor * theirs + slack


def report(dump):
    step = json.loads((dump / "step.json").read_text())
    before = read_safetensors(dump / "before.safetensors")
    after = read_safetensors(dump / "after.safetensors")
    gradients = read_safetensors(dump / "gradients.safetensors")
    exact, terms = replay(dump, step, before, torch.float64)
    single, _ = replay(dump, step, before, torch.float32)
    row = {"dump": dump.name, "objective": step["objective"]["name"], "optimizer": step["optimizer"]["name"], "ok": True}
    ours = {
        "embeddings": embeddings_of(dump, "z") | embeddings_of(dump, "target"),
        "loss": {"loss": torch.tensor(step["loss"])},
        "gradients": gradients,
        "statistics": {n: after[n] for n in after if n.split(".")[-1] in STATISTICS and not n.startswith("objective.")},
        "state": {n: after[n] for n in after if n in exact["state"]},
    }
    compare(ours, exact, single, row)
    state = read_safetensors(dump / "optimizer_before.safetensors")
    exactly = updated(step, before, gradients, state, torch.float64)
    singly = updated(step, before, gradients, state, torch.float32)
    share = step["objective"]["momentum"]
    if share is not None:
        exactly |= followed(before, after, share, torch.float64)
        singly |= followed(before, after, share, torch.float32)
    # Nothing of a file is left without an account.
    accounted = set(exactly) | set(exact["statistics"]) | set(exact["state"])
    if set(after) != accounted or set(after) != set(before):
        row["ok"] = False
        row["unaccounted"] = sorted(set(after) ^ accounted | set(after) ^ set(before))
        return row
    row["parameters"] = {"ours": roundings(after, exactly, before), "torch_fp32": roundings(singly, exactly, before)}
    factor, slack = UPDATE_LIMITS
    slack = CLIPPED_SLACK if step["optimizer"]["clip_norm"] > 0 else slack
    row["ok"] &= row["parameters"]["ours"] <= factor * row["parameters"]["torch_fp32"] + slack
    row["moved"] = sum(float((exactly[name] - before[name]).abs().sum()) for name in exactly)
    row["terms"] = term_error(step, terms)
    row["ok"] &= row["terms"] <= TERM_LIMIT
    return row


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    rows = [report(Path(argument)) for argument in sys.argv[1:]]
    for row in rows:
        print(json.dumps(row))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)

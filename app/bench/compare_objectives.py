"""Trains every objective twice, with `barlow train` and with lightly's modules in PyTorch, and prints how they compare.

usage: python3 compare_objectives.py BARLOW DATA [--objectives NAME ...] [--seeds 0 1] [--images 3072] [--epochs 5]
                                     [--queries 1000] [--device cpu] [--workers 2]

BARLOW is the program, DATA the folder with CIFAR-10's binary files (or with `cifar-10-batches-bin`). The interpreter
needs torch, torchvision, lightly 1.6.0 and safetensors. Both sides train on the same first images with the same
settings: ResNet-18 of width 16, batch 256, AdamW with a cosine, the views of `cifar-solo`; lightly's as people run it,
with torchvision on Pillow images and a DataLoader of --workers. One kNN, here, then judges the features of both (bank
5000, k 200, T 0.1). Pairs per second are those of the whole training, data included, but for its first five steps. Every
run of ours is followed by lightly's of the same objective and seed: a machine that others use as well drifts by more than
what is measured. JSON lines of both sides come first, the table last.

What differs between the sides:
  all          the random numbers, and so the order of images and their views. Backbone and projector start from the same
               weights: which ones moves kNN by some points after so few steps
  swav         lightly renormalises the prototypes before each step; ours divides by their length within the loss, so
               that the gradient has no part along a prototype (lightly's bias of prototypes is taken away)
  deepcluster  lightly has none: written here, as solo-learn does it
"""
import argparse
import copy
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.utils.data import DataLoader, Dataset

# torchvision's compiled operators may be those of another torch; nothing here needs them.
with mock.patch("torch.library.register_fake", lambda *a, **k: lambda function: function):
    from torchvision import transforms as T
from torchvision.models.resnet import BasicBlock, ResNet
from lightly.loss import BarlowTwinsLoss, NegativeCosineSimilarity, NTXentLoss, SwaVLoss, VICRegLoss
from lightly.loss.lejepa_loss import SIGReg, lejepa_invariance_loss
from lightly.models.modules.heads import ProjectionHead, SwaVPrototypes
from lightly.models.utils import update_momentum
from lightly.utils.scheduler import cosine_schedule

BATCH, WIDTH, CLASSES = 256, 16, 10
RATE, FINAL_FACTOR, DECAY = 1e-3, 1e-3, 1e-4  # the rate for a batch of 256
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)
BANK, NEIGHBOURS, TEMPERATURE = 5000, 200, 0.1
FIRST_STEPS = 5  # not timed
SIDES = ("ours", "lightly")


@dataclass(frozen=True)
class Method:
    """Settings of one objective, for both sides: `model.projector...` and `objective.NAME.KEY`."""
    widths: tuple
    settings: dict
    bias: bool = False
    norm: bool = True
    last_norm: bool = False
    last_affine: bool = True


METHODS = {
    "barlow_twins": Method((512, 512, 512), {"lambda": 0.0051}),
    "vicreg": Method((512, 512, 512), {"invariance": 25, "variance": 25, "covariance": 1, "halve_variance": True}),
    "simclr": Method((512, 128), {"temperature": 0.2}, bias=True, norm=False),
    "moco": Method((512, 128), {"temperature": 0.2, "queue": 1024, "momentum": 0.95, "final_momentum": 0.999}, bias=True,
                   norm=False),
    "byol": Method((512, 128), {"predictor": 512, "momentum": 0.95, "final_momentum": 1}, bias=True),
    "simsiam": Method((512, 512, 512), {"predictor": 128, "constant_rate": True}, last_norm=True, last_affine=False),
    "swav": Method((512, 128), {"prototypes": 300, "temperature": 0.1, "epsilon": 0.05, "sinkhorn_iterations": 3,
                                "queue": 0, "freeze_epochs": 1}, bias=True),
    "deepcluster": Method((512, 128), {"clusters": 50, "heads": 3, "kmeans_iterations": 10, "temperature": 0.1},
                          bias=True),
    "lejepa": Method((512, 512, 64), {"lambda": 0.05, "slices": 256, "knots": 17, "range": 3}),
}


# The network and the data, as `barlow train` has them.


class CifarResNet18(ResNet):
    """torchvision's, with a 3x3 stem of stride 1, no pooling behind it, no classifier, and a free width."""
    def __init__(self, width):
        super().__init__(BasicBlock, [2, 2, 2, 2])
        self.inplanes = width
        self.conv1, self.bn1 = nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.maxpool, self.fc = nn.Identity(), nn.Identity()
        for stage in range(4):
            setattr(self, f"layer{stage + 1}", self._make_layer(BasicBlock, width << stage, 2, stride=2 if stage else 1))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, BasicBlock):
                nn.init.zeros_(module.bn2.weight)  # zero-init residual


def projector(method):
    blocks, inputs = [], 8 * WIDTH
    for layer, outputs in enumerate(method.widths):
        is_last = layer + 1 == len(method.widths)
        has_norm = method.last_norm if is_last else method.norm
        norm = nn.BatchNorm1d(outputs, affine=method.last_affine or not is_last) if has_norm else None
        blocks.append((inputs, outputs, norm, None if is_last else nn.ReLU(), method.bias))
        inputs = outputs
    return ProjectionHead(blocks)


def make_predictor(dimensions, hidden, has_hidden_bias):
    return ProjectionHead([(dimensions, hidden, nn.BatchNorm1d(hidden), nn.ReLU(), has_hidden_bias),
                           (hidden, dimensions, None, None, True)])


def cifar(folder, files):
    """uint8 [n, 32, 32, 3] and labels."""
    inner = folder / "cifar-10-batches-bin"
    folder = inner if inner.is_dir() else folder
    rows = np.concatenate([np.fromfile(folder / name, np.uint8).reshape(-1, 3073) for name in files])
    images = np.ascontiguousarray(rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return images, torch.from_numpy(rows[:, 0].astype(np.int64))


class Pairs(Dataset):
    def __init__(self, images):
        self.images = [Image.fromarray(image) for image in images]
        self.views = [self.recipe(solarize) for solarize in (0.0, 0.2)]

    @staticmethod
    def recipe(solarize):  # cifar-solo
        return T.Compose([T.RandomResizedCrop(32, (0.08, 1.0), interpolation=T.InterpolationMode.BICUBIC),
                          T.RandomApply([T.ColorJitter(0.4, 0.4, 0.2, 0.1)], 0.8), T.RandomGrayscale(0.2),
                          T.RandomSolarize(128, solarize), T.RandomHorizontalFlip(), T.ToTensor(),
                          T.Normalize(MEAN, STD)])

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.views[0](self.images[i]), self.views[1](self.images[i]), i


def batches(images, epochs, seed):
    """Sample numbers of all epochs: one iteration of the loader, which so reads ahead over the ends of epochs."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        yield from torch.randperm(images, generator=generator)[:images // BATCH * BATCH].view(-1, BATCH).tolist()


# The objectives, of lightly's modules. online: the two views' embeddings; target: the momentum network's.


class Objective(nn.Module):
    has_momentum = False
    has_constant_rate = False  # of its parameters

    def __init__(self, method, images, steps, steps_per_epoch):
        super().__init__()
        self.settings = method.settings
        self.dimensions = method.widths[-1]
        self.images, self.steps, self.steps_per_epoch = images, steps, steps_per_epoch
        self.make(method.settings)

    def before_step(self, step):
        pass

    def after_step(self, online, samples):
        pass

    def momentum_at(self, step):  # a cosine that the last step does not reach
        return cosine_schedule(step, self.steps + 1, self.settings["momentum"], self.settings["final_momentum"])


class BarlowTwins(Objective):
    def make(self, settings):
        self.criterion = BarlowTwinsLoss(settings["lambda"])

    def forward(self, online, target, samples, step):
        return self.criterion(*online)


class Vicreg(Objective):
    def make(self, settings):  # lightly's variance term is halved
        variance = settings["variance"] * (1 if settings["halve_variance"] else 2)
        self.criterion = VICRegLoss(settings["invariance"], variance, settings["covariance"])

    def forward(self, online, target, samples, step):
        return self.criterion(*online)


class Simclr(Objective):
    def make(self, settings):
        self.criterion = NTXentLoss(settings["temperature"])

    def forward(self, online, target, samples, step):
        return self.criterion(*online)


class Moco(Objective):
    has_momentum = True

    def make(self, settings):
        # A memory for each view, so that no image is its own negative.
        size = (settings["queue"], self.dimensions)
        self.of_a, self.of_b = (NTXentLoss(settings["temperature"], size) for _ in range(2))

    def forward(self, online, target, samples, step):
        return (self.of_b(online[0], target[1]) + self.of_a(online[1], target[0])) / 2


class Byol(Objective):
    has_momentum = True

    def make(self, settings):
        self.predictor = make_predictor(self.dimensions, settings["predictor"], has_hidden_bias=True)
        self.criterion = NegativeCosineSimilarity()

    def forward(self, online, target, samples, step):
        a, b = (self.predictor(z) for z in online)
        return 4 + 2 * (self.criterion(a, target[1]) + self.criterion(b, target[0]))


class Simsiam(Objective):
    def make(self, settings):
        self.predictor = make_predictor(self.dimensions, settings["predictor"], has_hidden_bias=False)
        self.has_constant_rate = settings["constant_rate"]
        self.criterion = NegativeCosineSimilarity()

    def forward(self, online, target, samples, step):
        a, b = (self.predictor(z) for z in online)
        return (self.criterion(a, online[1].detach()) + self.criterion(b, online[0].detach())) / 2


class Swav(Objective):
    def make(self, settings):
        frozen_steps = settings["freeze_epochs"] * self.steps_per_epoch
        self.prototypes = SwaVPrototypes(self.dimensions, settings["prototypes"], frozen_steps)
        self.prototypes.heads[0].bias = None
        self.criterion = SwaVLoss(settings["temperature"], settings["sinkhorn_iterations"], settings["epsilon"])

    def forward(self, online, target, samples, step):
        with torch.no_grad():
            self.prototypes.normalize()
        return self.criterion([self.prototypes(F.normalize(z, dim=1), step) for z in online], [])


class DeepCluster(Objective):
    """DeepCluster v2 as in solo-learn, but for its first epoch's loss, which is not a number there and 0 here."""
    def make(self, settings):
        rows, heads = self.steps_per_epoch * BATCH, settings["heads"]
        self.position = 0
        self.register_buffer("bank", torch.zeros(2, rows, self.dimensions))
        self.register_buffer("bank_samples", torch.zeros(rows, dtype=torch.long))
        self.register_buffer("assignments", torch.full((heads, self.images), -1))
        self.register_buffer("prototypes", torch.zeros(heads, settings["clusters"], self.dimensions))

    def before_step(self, step):
        if step > 0 and step % self.steps_per_epoch == 0:
            for head in range(len(self.prototypes)):
                self.cluster(head)

    @torch.no_grad()
    def cluster(self, head):
        rows = self.bank[head % 2]
        count = self.settings["clusters"]
        centroids = rows[torch.randperm(len(rows), device=rows.device)[:count]]
        for _ in range(self.settings["kmeans_iterations"]):
            nearest = (rows @ centroids.T).argmax(1)
            sizes = torch.bincount(nearest, minlength=count).unsqueeze(1)
            sums = torch.zeros_like(centroids).index_add_(0, nearest, rows)
            centroids = F.normalize(torch.where(sizes > 0, sums / sizes.clamp_min(1), centroids), dim=1)
        self.prototypes[head] = centroids
        self.assignments[head].fill_(-1)
        self.assignments[head, self.bank_samples] = (rows @ centroids.T).argmax(1)

    def forward(self, online, target, samples, step):
        z = F.normalize(torch.cat(online), dim=1)
        loss = 0
        for prototypes, assignments in zip(self.prototypes, self.assignments):
            labels = assignments[samples].repeat(2)
            logits = z @ prototypes.T / self.settings["temperature"]
            sum_of_known = F.cross_entropy(logits, labels, ignore_index=-1, reduction="sum")
            loss = loss + sum_of_known / (labels >= 0).sum().clamp_min(1)
        return loss / len(self.prototypes)

    @torch.no_grad()
    def after_step(self, online, samples):
        rows = slice(self.position, self.position + BATCH)
        self.bank[:, rows] = torch.stack([F.normalize(z, dim=1) for z in online])
        self.bank_samples[rows] = samples
        self.position = rows.stop % self.bank.shape[1]


class Lejepa(Objective):
    def make(self, settings):
        self.sigreg = SIGReg(knots=settings["knots"], t_max=settings["range"], num_vectors=settings["slices"])

    def forward(self, online, target, samples, step):
        z = torch.stack(online)
        weight = self.settings["lambda"]
        return weight * self.sigreg(z) + (1 - weight) * lejepa_invariance_loss(all_proj=z, global_proj=z)


OBJECTIVES = {"barlow_twins": BarlowTwins, "vicreg": Vicreg, "simclr": Simclr, "moco": Moco, "byol": Byol,
              "simsiam": Simsiam, "swav": Swav, "deepcluster": DeepCluster, "lejepa": Lejepa}


# The two sides. Each returns the trained backbone, the seconds at which each step ended, and the losses.


@dataclass
class Trained:
    backbone: CifarResNet18
    ends: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    first_weights: dict | None = None  # of ours: what both start from

    def pairs_per_second(self):
        first = min(FIRST_STEPS, len(self.ends) // 2)
        return (len(self.ends) - first) * BATCH / (self.ends[-1] - (self.ends[first - 1] if first else 0.0))


def train_lightly(name, images, epochs, seed, first_weights, device="cpu", workers=2):
    torch.manual_seed(seed)
    method = METHODS[name]
    steps_per_epoch = len(images) // BATCH
    steps = epochs * steps_per_epoch
    network = nn.Sequential(CifarResNet18(WIDTH), projector(method))
    network[0].load_state_dict(part(first_weights, "backbone."))
    network[1].layers.load_state_dict(part(first_weights, "projector."))
    objective = OBJECTIVES[name](method, len(images), steps, steps_per_epoch).to(device)
    network.to(device)
    momentum = copy.deepcopy(network).requires_grad_(False) if objective.has_momentum else None
    groups = [{"params": list(network.parameters())}]
    if own := list(objective.parameters()):
        groups.append({"params": own})
    optimizer = torch.optim.AdamW(groups, RATE, weight_decay=DECAY)
    loader = DataLoader(Pairs(images), batch_sampler=list(batches(len(images), epochs, seed)), num_workers=workers,
                        pin_memory=device != "cpu")
    trained = Trained(network[0])
    start = time.perf_counter()
    for step, (a, b, samples) in enumerate(loader):
        cosine = (1 + math.cos(math.pi * step / steps)) / 2
        for i, group in enumerate(optimizer.param_groups):
            is_constant = i == 1 and objective.has_constant_rate
            group["lr"] = RATE if is_constant else RATE * (cosine + FINAL_FACTOR * (1 - cosine))
        a, b, samples = (each.to(device, non_blocking=True) for each in (a, b, samples))
        objective.before_step(step)
        online = [network(a), network(b)]
        with torch.no_grad():
            target = [momentum(a), momentum(b)] if momentum else []
        loss = objective(online, target, samples, step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        objective.after_step(online, samples)
        if momentum:
            update_momentum(network, momentum, objective.momentum_at(step))
        trained.losses.append(loss.item())
        trained.ends.append(time.perf_counter() - start)
    network.cpu()
    return trained


def part(weights, prefix):
    return {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def train_ours(barlow, data, folder, name, images, epochs, seed, device="cpu"):
    method = METHODS[name]
    settings = {
        "data.limit": images, "model.width": WIDTH, "model.projector": "-".join(map(str, method.widths)),
        "optim.name": "adamw", "optim.base_learning_rate": RATE, "optim.final_factor": FINAL_FACTOR,
        "optim.weight_decay": DECAY, "optim.warmup_epochs": 0, "run.batch_size": BATCH, "run.epochs": epochs,
        "run.seed": seed,
        "run.precision": "fp32",  # as lightly's side
        "evaluate.every_epochs": 0, "run.matrix_moments": 0, "run.summary_every_steps": 20,  # not in lightly's side
    }
    for key in ("bias", "norm", "last_norm", "last_affine"):
        settings[f"model.projector_{key}"] = getattr(method, key)
    settings |= {f"objective.{name}.{key}": value for key, value in method.settings.items()}
    command = [barlow, "train", "--preset", "cifar10-small", "--data", f"cifar10:{data}", "--out", str(folder), "--quiet",
               "--device", device, "--dump-steps", "1", "--set", f"objective.name={name}"]
    for key, value in settings.items():
        command += ["--set", f"{key}={text(value)}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    weights = load_file(max((folder / "checkpoints").glob("step-*")) / "model.safetensors")
    backbone = CifarResNet18(WIDTH)
    backbone.load_state_dict(part(weights, "backbone."))
    return Trained(backbone, [row["seconds"] for row in rows], [float(row["loss"]) for row in rows],
                   load_file(folder / "dump" / "step-1" / "before.safetensors"))


# kNN, as `barlow train` does it (core/evaluation/knn_probe.cpp).


@torch.no_grad()
def features(backbone, images):
    backbone.eval()
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    parts = [backbone((torch.from_numpy(some).permute(0, 3, 1, 2).float() / 255 - mean) / std)
             for some in np.array_split(images, math.ceil(len(images) / 500))]
    return F.normalize(torch.cat(parts), dim=1)


def knn(backbone, bank, queries):
    similarity, index = (features(backbone, queries[0]) @ features(backbone, bank[0]).T).topk(NEIGHBOURS)
    votes = torch.zeros(len(index), CLASSES).scatter_add_(1, bank[1][index], (similarity / TEMPERATURE).exp())
    return (votes.argmax(1) == queries[1]).float().mean().item()


def table(results, names, seeds):
    """results: (objective, side, seed) -> row."""
    seed_titles = [f"{side} seed {seed}" for side in SIDES for seed in seeds]
    titles = ["kNN, %", *seed_titles, "difference", "pairs/s ours", "lightly", "ratio"]
    lines = [titles, ["---"] + ["--:"] * (len(titles) - 1)]
    for name in names:
        accuracy = {side: [100 * results[name, side, seed]["knn_top1"] for seed in seeds] for side in SIDES}
        rate = {side: [results[name, side, seed]["pairs_per_second"] for seed in seeds] for side in SIDES}
        ratio = statistics.median(ours / theirs for ours, theirs in zip(rate["ours"], rate["lightly"]))
        lines.append([name, *(f"{value:.1f}" for side in SIDES for value in accuracy[side]),
                      f"{statistics.mean(accuracy['ours']) - statistics.mean(accuracy['lightly']):+.1f}",
                      *(f"{statistics.median(rate[side]):.0f}" for side in SIDES), f"{ratio:.2f}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def add_machine_options(parser):
    parser.add_argument("--device", default="cpu", help="of both sides: cpu or cuda")
    parser.add_argument("--workers", type=int, default=2, help="of lightly's DataLoader; ours takes what is good")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("barlow")
    parser.add_argument("data", type=Path)
    parser.add_argument("--objectives", nargs="+", default=list(METHODS), choices=list(METHODS), metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument("--images", type=int, default=3072)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--queries", type=int, default=1000, help="of the test images")
    add_machine_options(parser)
    options = parser.parse_args()
    train_images, train_labels = cifar(options.data, [f"data_batch_{i}.bin" for i in range(1, 6)])
    test_images, test_labels = cifar(options.data, ["test_batch.bin"])
    bank = train_images[:BANK], train_labels[:BANK]
    queries = test_images[:options.queries], test_labels[:options.queries]
    images = train_images[:options.images]
    torch.manual_seed(0)
    untrained = knn(CifarResNet18(WIDTH), bank, queries)
    print(json.dumps({"bench": "objectives", "untrained_knn_top1": round(untrained, 4)}), flush=True)
    results = {}
    for name in options.objectives:
        for seed in options.seeds:
            for side in SIDES:
                start = time.perf_counter()
                if side == "ours":
                    with tempfile.TemporaryDirectory() as folder:
                        run = Path(folder) / "run"
                        trained = train_ours(options.barlow, options.data, run, name, len(images), options.epochs, seed,
                                             options.device)
                    first_weights = trained.first_weights
                else:
                    trained = train_lightly(name, images, options.epochs, seed, first_weights, options.device,
                                            options.workers)
                row = results[name, side, seed] = {
                    "bench": "objectives", "objective": name, "side": side, "seed": seed,
                    "knn_top1": round(knn(trained.backbone, bank, queries), 4),
                    "pairs_per_second": round(trained.pairs_per_second(), 1), "steps": len(trained.losses),
                    "first_loss": round(trained.losses[0], 4), "last_loss": round(trained.losses[-1], 4),
                    "seconds": round(time.perf_counter() - start, 1)}
                print(json.dumps(row), flush=True)
    pairs = len(images) // BATCH * BATCH * options.epochs
    print(f"\n{pairs} pairs each; kNN without training {100 * untrained:.1f} %\n")
    print(table(results, options.objectives, options.seeds))


if __name__ == "__main__":
    main()

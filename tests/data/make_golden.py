"""Writes the numbers in tests/data/golden that the C++ tests are held to, from PyTorch and torchvision in Python.

usage: python make_golden.py            (needs torch and torchvision; writes beside itself, in golden/)

Inputs and weights follow formulas (see wave) that the tests repeat, so that the files hold results only. Everything is
computed in double precision but for the initial weights, which are drawn in float32 as a run draws them.
"""
import json
import math
from pathlib import Path

import torch
from torch import nn

# A CPU-only torch lacks torchvision's compiled operators, whose registration would fail; the models need none.
torch.library.register_fake = lambda *_, **__: lambda function: function
from torchvision.models import resnet  # noqa: E402

GOLDEN = Path(__file__).parent / "golden"


def wave(shape, phase, pace=0.7):
    """sin(phase + pace * i) over the elements in row-major order; read_golden.h has the same."""
    count = math.prod(shape)
    return torch.sin(phase + pace * torch.arange(count, dtype=torch.float64)).reshape(shape)


def listed(tensor):
    return tensor.detach().flatten().tolist()


def write(name, content):
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / name).write_text(json.dumps(content, separators=(",", ":")).replace('},"', '},\n"') + "\n")


# --- the loss: main.py's, which edits its matrix in place


def off_diagonal(x):
    n, _ = x.shape
    return x.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()


def reference_loss(z_a, z_b, lambd):
    norm = nn.BatchNorm1d(z_a.shape[1], affine=False, dtype=torch.float64)
    c = norm(z_a).T @ norm(z_b) / len(z_a)
    untouched = c.detach().clone()
    on = torch.diagonal(c).add_(-1).pow_(2).sum()
    off = off_diagonal(c).pow_(2).sum()
    return on + lambd * off, on, off, untouched


def loss_case(z_a, z_b, lambd):
    z_a, z_b = z_a.clone().requires_grad_(), z_b.clone().requires_grad_()
    loss, on, off, c = reference_loss(z_a, z_b, lambd)
    loss.backward()
    return {"n": len(z_a), "d": z_a.shape[1], "lambda": lambd, "a": listed(z_a), "b": listed(z_b), "c": listed(c),
            "loss": loss.item(), "on": on.item(), "off": off.item(), "grad_a": listed(z_a.grad), "grad_b": listed(z_b.grad)}


def make_loss():
    hand_a = torch.tensor([[1, 0, -1], [2, 1, 0], [3, -1, 1], [6, 2, 2]], dtype=torch.float64)
    hand_b = torch.tensor([[.5, 1, -1], [2.5, 0, .5], [2, -2, 1], [7, 1, 1.5]], dtype=torch.float64)
    write("loss.json", {
        "hand": loss_case(hand_a, hand_b, 0.0051),
        "tall": loss_case(wave((16, 5), 0.3), wave((16, 5), 0.5) + 0.4 * wave((16, 5), 2, 1.9), 0.0051),
        "wide": loss_case(wave((6, 20), 0.1), wave((6, 20), 0.2) + 0.5 * wave((6, 20), 1, 2.3), 0.05),
        "pair": loss_case(wave((2, 4), 0.1), wave((2, 4), 1.2), 0.005),
    })


# --- the schedule: main.py's adjust_learning_rate


def official_rate(step, epochs, steps_per_epoch, batch):
    max_steps, warmup_steps = epochs * steps_per_epoch, 10 * steps_per_epoch
    base = batch / 256
    if step < warmup_steps:
        return base * step / warmup_steps
    step, max_steps = step - warmup_steps, max_steps - warmup_steps
    q = 0.5 * (1 + math.cos(math.pi * step / max_steps))
    return base * q + base * 0.001 * (1 - q)


def make_schedule():
    cases = []
    for epochs, steps_per_epoch, batch in [(1000, 625, 2048), (30, 195, 256), (12, 7, 64)]:
        total = epochs * steps_per_epoch
        steps = sorted({0, 1, 10 * steps_per_epoch - 1, 10 * steps_per_epoch, 10 * steps_per_epoch + 1, total - 1, total,
                        *range(0, total, max(1, total // 20))})
        cases.append({"epochs": epochs, "steps_per_epoch": steps_per_epoch, "batch": batch, "steps": steps,
                      "weights": [0.2 * official_rate(s, epochs, steps_per_epoch, batch) for s in steps],
                      "biases": [0.0048 * official_rate(s, epochs, steps_per_epoch, batch) for s in steps]})
    write("schedule.json", {"cases": cases})


# --- optimisers: main.py's LARS and torch.optim's others, on gradients given by a formula


class Lars:
    """main.py's class for two groups, written for one list of tensors."""

    def __init__(self, tensors, lr, bias_lr, decay, momentum=0.9, eta=0.001):
        self.tensors, self.lr, self.bias_lr = tensors, lr, bias_lr
        self.decay, self.momentum, self.eta = decay, momentum, eta
        self.mu = [torch.zeros_like(p) for p in tensors]

    @torch.no_grad()
    def step(self):
        for p, mu in zip(self.tensors, self.mu):
            dp = p.grad
            if p.ndim != 1:
                dp = dp.add(p, alpha=self.decay)
                param_norm, update_norm = torch.norm(p), torch.norm(dp)
                one = torch.ones_like(param_norm)
                q = torch.where(param_norm > 0., torch.where(update_norm > 0, self.eta * param_norm / update_norm, one), one)
                dp = dp.mul(q)
            mu.mul_(self.momentum).add_(dp)
            p.add_(mu, alpha=-(self.lr if p.ndim != 1 else self.bias_lr))

    def state(self):
        return {"momentum": self.mu}


SHAPES = {"conv.weight": (2, 3, 2, 2), "norm.weight": (3,), "linear.weight": (4, 3), "linear.bias": (4,),
          "zero.weight": (2, 2), "still.weight": (2, 2)}


def trace(make, state_of):
    """Every 100th step of 1000; zero.weight starts at zero, still.weight is zero and has no gradient."""
    tensors = [(torch.zeros(s, dtype=torch.float64) if n in ("zero.weight", "still.weight") else wave(s, k)).requires_grad_()
               for k, (n, s) in enumerate(SHAPES.items())]
    optimizer = make(tensors)
    rows = []
    for step in range(1000):
        for k, (name, p) in enumerate(zip(SHAPES, tensors)):
            p.grad = torch.zeros_like(p) if name == "still.weight" else 0.3 * p.detach() + wave(p.shape, 0.05 * step + k)
        optimizer.step()
        if (step + 1) % 100 == 0 or step == 0:
            rows.append({"step": step + 1, "values": [v for p in tensors for v in listed(p)]})
    state = {f"{name}.{kind}": listed(buffers[i]) for kind, buffers in state_of(optimizer, tensors).items()
             for i, name in enumerate(SHAPES)}
    return {"rows": rows, "state": state}


def torch_state(kinds):
    return lambda optimizer, tensors: {ours: [optimizer.state[p][theirs] for p in tensors] for ours, theirs in kinds.items()}


def make_optimizers():
    adam = {"exp_avg": "exp_avg", "exp_avg_sq": "exp_avg_sq"}
    write("lars_sgd_adam.json", {
        "lars": trace(lambda t: Lars(t, 0.2, 0.0048, 1e-2), lambda o, _: o.state()),
        "sgd": trace(lambda t: torch.optim.SGD(t, 0.06, momentum=0.9, weight_decay=5e-4),
                     torch_state({"momentum": "momentum_buffer"})),
        "adam": trace(lambda t: torch.optim.Adam(t, 1e-3, weight_decay=1e-2), torch_state(adam)),
        "adamw": trace(lambda t: torch.optim.AdamW(t, 1e-3, weight_decay=1e-2), torch_state(adam)),
    })


# --- ResNet: torchvision's, narrowed; and the initial weights


class NarrowResNet(resnet.ResNet):
    """torchvision's ResNet with another width than 64, optionally the CIFAR stem, and no fc."""

    def __init__(self, block, layers, width, is_cifar):
        self.width = width
        super().__init__(block, layers, zero_init_residual=False)
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False) if is_cifar else nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.fc = nn.Identity()
        if is_cifar:
            self.maxpool = nn.Identity()

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        if planes == 64:
            self.inplanes = self.width
        return super()._make_layer(block, planes * self.width // 64, blocks, stride, dilate)


@torch.no_grad()
def fill(module):
    """Weights by formula; the same as in resnet_test.cpp."""
    for k, p in enumerate(module.parameters()):
        if p.ndim > 1:
            p.copy_(wave(p.shape, k) / math.sqrt(p[0].numel()))
        else:
            p.copy_(0.1 * wave(p.shape, k))
    for m in module.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.weight.add_(1)


def pass_through(module, x):
    """Output, running statistics after it, and of the gradient of sum(output * wave) every parameter's sum and norm."""
    module = module.double().train()
    fill(module)
    out = module(x)
    (out * wave(out.shape, 0.25)).sum().backward()
    buffers = {n: listed(b)[:4] for n, b in module.named_buffers() if not n.endswith("num_batches_tracked")}
    eval_out = module.eval()(x)
    return {"output": listed(out), "eval_output": listed(eval_out), "buffers": buffers,
            "gradients": {n: [p.grad.sum().item(), p.grad.norm().item()] for n, p in module.named_parameters()}}


def inventory(model):
    del model.fc
    return {"count": sum(p.numel() for p in model.parameters()),
            "parameters": [[n, list(p.shape)] for n, p in model.named_parameters()],
            "buffers": [[n, list(b.shape)] for n, b in model.named_buffers()]}


def projector(inputs, widths):
    sizes, layers = [inputs, *widths], []
    for i in range(len(sizes) - 2):
        layers += [nn.Linear(sizes[i], sizes[i + 1], bias=False), nn.BatchNorm1d(sizes[i + 1]), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1], bias=False))


def initial_weights(seed):
    """Width 8, CIFAR stem, projector 24-16: what torch.nn.init draws from one generator in the order of registration."""
    generator = torch.Generator().manual_seed(seed)
    twins = nn.ModuleDict({"backbone": NarrowResNet(resnet.BasicBlock, [2, 2, 2, 2], 8, True), "projector": projector(64, [24, 16])})
    drawn = {}
    for name, m in twins.named_modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        elif isinstance(m, nn.Linear):
            nn.init.kaiming_uniform_(m.weight, a=math.sqrt(5), generator=generator)
        else:
            continue
        drawn[name + ".weight"] = [*listed(m.weight)[:3], m.weight.detach().norm().item()]
    return {"seed": seed, "first_three_and_norm": drawn}


def make_resnet():
    for name in ["resnet18", "resnet34", "resnet50"]:
        write(f"{name}_names.json", inventory(getattr(resnet, name)()))
    write("resnet_passes.json", {
        "resnet18_cifar_4": pass_through(NarrowResNet(resnet.BasicBlock, [2, 2, 2, 2], 4, True), wave((4, 3, 16, 16), 0.5, 0.37)),
        "resnet50_imagenet_4": pass_through(NarrowResNet(resnet.Bottleneck, [3, 4, 6, 3], 4, False), wave((4, 3, 64, 64), 0.5, 0.37)),
        "projector_6_5_7_4": pass_through(projector(6, [5, 7, 4]), wave((8, 6), 0.5, 0.37)),
        "initial": initial_weights(7),
    })


if __name__ == "__main__":
    make_loss()
    make_schedule()
    make_optimizers()
    make_resnet()

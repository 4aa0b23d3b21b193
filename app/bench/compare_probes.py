"""Are the numbers of `barlow evaluate` those that torch and scikit-learn get from the same features?

    python3 app/bench/compare_probes.py BARLOW RUN [--data SPEC ...] [--speed] [--features FOLDER]

For every SPEC (default: shapes) the features of both splits are written by `barlow embed`; then kNN
(cosine, euclidean, plain) and logistic regression are computed here from the files and compared.
--speed: kNN of 50,000 x 10,000 and logistic regression of 50,000 x 512, with `barlow bench probe`.
--features: the features of a folder of images by RUN (a ResNet-18), in turn with torchvision's network and a
DataLoader of two workers; barlow's time is that of the whole command. Needs numpy, torch,
scikit-learn; safetensors, Pillow and torchvision for --features.
Prints JSON lines, exits with 1 where a number differs.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import torch


def barlow(program, *arguments):
    out = subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def knn(bank, labels, queries, classes, k=200, temperature=0.1, metric="cosine", plain=False):
    """lightly's knn_predict and solo-learn's euclidean form, in batches; classes by rank."""
    k = min(k, len(bank))
    if metric == "cosine":
        bank = torch.nn.functional.normalize(bank, dim=1)
        queries = torch.nn.functional.normalize(queries, dim=1)
    ranked = []
    for part in queries.split(1000):
        if metric == "cosine":
            near, index = torch.mm(part, bank.t()).topk(k)
            weight = (near / temperature).exp()
        else:
            near, index = torch.cdist(part.double(), bank.double()).topk(k, largest=False)
            weight = 1 / (near + 1e-5)
        if plain:
            weight = torch.ones_like(weight)
        votes = torch.zeros(len(part), classes, dtype=weight.dtype)
        votes.scatter_add_(1, labels[index], weight)
        ranked.append(votes.argsort(dim=1, descending=True, stable=True)[:, :5])
    return torch.cat(ranked)


def accuracies(ranked, labels):
    hits = ranked == labels[:, None]
    return hits[:, 0].double().mean().item(), hits.any(1).double().mean().item()


def embedded(program, run, data, split, folder):
    file = pathlib.Path(folder) / f"{split}.npy"
    barlow(program, "embed", run, "--data", data, "--split", split, "--out", file, "--json", "--quiet")
    return (torch.from_numpy(numpy.load(file)),
            torch.from_numpy(numpy.load(file.with_suffix(".labels.npy"))))


def check(program, run, data):
    from sklearn.linear_model import LogisticRegression

    failed = False
    with tempfile.TemporaryDirectory() as folder:
        bank, labels = embedded(program, run, data, "train", folder)
        queries, truth = embedded(program, run, data, "test", folder)
        classes = int(labels.max()) + 1
        for options in [[], ["--k", 20, "--temperature", 0.5], ["--metric", "euclidean", "--k", 20],
                        ["--vote", "plain", "--k", 15]]:
            ours = barlow(program, "evaluate", run, "--data", data, "--probe", "knn", "--split", "test",
                          *options, "--json", "--quiet")[-1]
            protocol = ours["protocol"]
            ranked = knn(bank, labels, queries, classes, protocol["k"], protocol["temperature"],
                         protocol["metric"], protocol["vote"] == "plain")
            top1, top5 = accuracies(ranked, truth)
            same = abs(top1 - ours["top1"]) < 1e-12
            failed |= not same
            print(json.dumps({"check": "knn", "data": data, "protocol": protocol, "barlow": ours["top1"],
                              "python": top1, "python_top5": top5, "barlow_top5": ours["top5"],
                              "same": same}), flush=True)
        ours = barlow(program, "evaluate", run, "--data", data, "--probe", "linear", "--split", "test",
                      "--json", "--quiet")[-1]
        theirs = LogisticRegression(C=1.0, max_iter=5000, tol=1e-4)
        theirs.fit(bank.double().numpy(), labels.numpy())
        top1 = theirs.score(queries.double().numpy(), truth.numpy())
        near = abs(top1 - ours["top1"]) <= 0.003
        failed |= not near
        print(json.dumps({"check": "linear", "data": data, "barlow": ours["top1"], "sklearn": top1,
                          "iterations": [ours["protocol"]["epochs"], int(theirs.n_iter_[0])],
                          "within_0.3_points": near}), flush=True)
    return failed


def clusters(n, d, seed):
    """As core/studio/benchmark_probe.cpp makes them."""
    centers = torch.randn(10, d, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(n) % 10
    x = torch.randn(n, d, generator=torch.Generator().manual_seed(seed)) * 4 + centers[labels]
    return x.relu_(), labels


def speed(program):
    from sklearn.linear_model import LogisticRegression

    bank, labels = clusters(50_000, 512, 2)
    queries, truth = clusters(10_000, 512, 3)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        ranked = knn(bank, labels, queries, 10)
        times.append(1e3 * (time.perf_counter() - start))
    start = time.perf_counter()
    linear = LogisticRegression(C=1.0, max_iter=1000)
    linear.fit(bank.numpy(), labels.numpy())
    fitted = 1e3 * (time.perf_counter() - start)
    ours = {line["bench"]: line for line in barlow(program, "bench", "probe", "--quiet")}
    print(json.dumps({"speed": "knn", "torch_ms": min(times), "barlow_ms": ours["knn"]["ms_min"],
                      "ratio": min(times) / ours["knn"]["ms_min"], "extra_mb": ours["knn"]["extra_mb"],
                      "top1": [accuracies(ranked, truth)[0], ours["knn"]["top1"]]}), flush=True)
    print(json.dumps({"speed": "linear", "sklearn_ms": fitted, "barlow_ms": ours["linear"]["ms_min"],
                      "ratio": fitted / ours["linear"]["ms_min"],
                      "extra_mb": ours["linear"]["extra_mb"],
                      "iterations": [int(linear.n_iter_[0]), ours["linear"]["iterations"]],
                      "top1": [linear.score(queries.numpy(), truth.numpy()), ours["linear"]["top1"]]}),
          flush=True)


class Files(torch.utils.data.Dataset):
    """Centre views of a run's size, as torchvision makes them."""

    def __init__(self, names, config):
        import torchvision.transforms as transforms

        side = config["image_size"]
        self.names = names
        self.transform = transforms.Compose([
            transforms.Resize(side * 256 // 224), transforms.CenterCrop(side), transforms.ToTensor(),
            transforms.Normalize(config["mean"], config["std"])])
        self.as_it_is = transforms.Compose(self.transform.transforms[2:])
        self.side = side

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        from PIL import Image

        with Image.open(self.names[index]) as image:
            image = image.convert("RGB")
        return (self.as_it_is if image.size == (self.side, self.side) else self.transform)(image)


def network(run):
    import torchvision
    from safetensors.torch import load_file

    config = json.loads((pathlib.Path(run) / "config.json").read_text())
    if config["model"]["backbone"] != "resnet18":
        sys.exit("--features needs a ResNet-18")
    net = torchvision.models.resnet18()
    net.fc = torch.nn.Identity()
    width = config["model"]["width"]
    if config["model"]["stem"] == "cifar":
        net.conv1 = torch.nn.Conv2d(3, width, 3, 1, 1, bias=False)
        net.maxpool = torch.nn.Identity()
    elif width != 64:
        net.conv1 = torch.nn.Conv2d(3, width, 7, 2, 3, bias=False)
    if width != 64:
        net.bn1 = torch.nn.BatchNorm2d(width)
        net.inplanes = width
        for stage in range(4):
            block = torchvision.models.resnet.BasicBlock
            setattr(net, f"layer{stage + 1}",
                    net._make_layer(block, width << stage, 2, stride=1 if stage == 0 else 2))
    newest = sorted((pathlib.Path(run) / "checkpoints").glob("step-*"))[-1]
    state = load_file(newest / "model.safetensors")
    net.load_state_dict({key[9:]: value for key, value in state.items() if key.startswith("backbone.")})
    return net.eval().to(memory_format=torch.channels_last), config["data"]


def features(program, run, folder):
    net, config = network(run)
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch) / "z.npy"
        for turn in range(2):
            start = time.perf_counter()
            subprocess.run([program, "embed", run, "--data", folder, "--out", file, "--quiet"], check=True,
                           capture_output=True, env={"XDG_CACHE_HOME": f"{scratch}/{turn}"})
            ours = time.perf_counter() - start
            names = file.with_suffix(".names.txt").read_text().splitlines()
            start = time.perf_counter()
            loader = torch.utils.data.DataLoader(Files(names, config), batch_size=256, num_workers=2)
            with torch.no_grad():
                theirs = torch.cat([net(x.contiguous(memory_format=torch.channels_last)) for x in loader])
            seconds = time.perf_counter() - start
            z = torch.from_numpy(numpy.load(file))
            print(json.dumps({"speed": "features", "images": len(names), "torch_s": seconds,
                              "barlow_s": ours, "ratio": seconds / ours,
                              "largest_difference": (z - theirs).abs().max().item(),
                              "largest": theirs.abs().max().item()}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("barlow")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--data", nargs="*", default=["shapes"])
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--features", metavar="FOLDER")
    arguments = parser.parse_args()
    failed = False
    if arguments.features:
        features(arguments.barlow, arguments.run, arguments.features)
    elif arguments.run:
        for data in arguments.data:
            failed |= check(arguments.barlow, arguments.run, data)
    if arguments.speed:
        speed(arguments.barlow)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

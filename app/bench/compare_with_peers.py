"""Runs `barlow bench` and the same work in Python in turn, and prints how they compare.

usage: python3 compare_with_peers.py BARLOW PEERS [loss|step|augment|epoch ...]      (default: all four)

BARLOW is the program, PEERS the folder with loss.py, step.py, augment.py and epoch.py. BARLOW_PEERS_PYTHON names their
interpreter (one that has torch, torchvision and the others), BARLOW_PEERS_DATA the folder of data that augment.py and
epoch.py take. Every benchmark is run ROUNDS times on each side, alternately, and the median of the ratios is told: a
machine that others use as well drifts by more than what is measured. JSON lines of both sides come first, the table last.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = int(os.environ.get("BARLOW_BENCH_ROUNDS", "3"))
PYTHON = os.environ.get("BARLOW_PEERS_PYTHON", sys.executable)
DATA = os.environ.get("BARLOW_PEERS_DATA")


def lines_of(command, folder=None):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    rows = []
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            print(line, flush=True)
            rows.append(json.loads(line))
    return rows


def ours(barlow, name):
    return lines_of([barlow, "bench", name, "--quiet"])


def peer(peers, script, *arguments):
    return lines_of([PYTHON, f"{script}.py", *arguments], peers)


def loss(barlow, peers):
    mine = {(r["n"], r["d"], r["method"]): r for r in ours(barlow, "loss")}
    theirs = {(r["n"], r["d"]): r for r in peer(peers, "loss") if r.get("peer") == "reference"}
    for (n, d, method), row in mine.items():
        if method == "auto":
            other = theirs.get((n, d)) or mine[(n, d, "reference")]
            who = "PyTorch" if (n, d) in theirs else "the same formulation in LibTorch"
            yield f"loss {n} x {d}, median, against {who}", other["ms_median"] / row["ms_median"]
            yield f"loss {n} x {d}, minimum, against {who}", other["ms_min"] / row["ms_min"]


def step(barlow, peers):
    mine = {(r["width"], r["projector"], r["memory_format"]): r["pairs_per_second"] for r in ours(barlow, "step")}
    for case, key in [
        ("small", (16, "512-512-512", "channels_last")),
        ("d8192", (16, "8192-8192-8192", "channels_last")),
    ]:
        for row in peer(peers, "step", case):
            if row["precision"] == "fp32":
                yield f"step {case} against PyTorch {row['layout']}", mine[key] / row["pairs_per_second"]


def augment(barlow, peers):
    mine = {(r["to"], r["kernel"]): r["pairs_per_second"] for r in ours(barlow, "augment")}
    for row in peer(peers, "augment", DATA, "cifar32", "photo224"):
        if row.get("mode") == "1 thread" and row.get("peer") in ("pil", "albumentations"):
            side = 32 if row["case"] == "cifar32" else 224
            for kernel in ("exact", "fast"):
                ratio = mine[(side, kernel)] / row["pairs_per_second"]
                yield f"augment {row['case']} {kernel} against {row['peer']}", ratio


def epoch(barlow, peers):
    with tempfile.TemporaryDirectory() as folder:
        settings = [
            "optim.name=sgd", "optim.base_learning_rate=0.06", "optim.weight_decay=5e-4", "optim.warmup_epochs=0",
            "optim.schedule=constant", "data.limit=5120", "run.epochs=2", "evaluate.every_epochs=0",
        ]
        command = [barlow, "train", "--preset", "cifar10-small", "--data", f"cifar10:{DATA}", "--json", "--quiet",
                   "--out", str(Path(folder) / "run")]
        for setting in settings:
            command += ["--set", setting]
        mine = lines_of(command)[-1]["pairs_per_second"]
    theirs = [r["pairs_per_second"] for r in peer(peers, "epoch", DATA, "5120", "2") if "pairs_per_second" in r]
    yield "whole epoch with data, width 16", mine / statistics.median(theirs)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    barlow, peers, *names = sys.argv[1:]
    parts = {"loss": loss, "step": step, "augment": augment, "epoch": epoch}
    names = names or list(parts)
    if unknown := [name for name in names if name not in parts]:
        sys.exit(f"no benchmark named {unknown[0]}; there are {', '.join(parts)}")
    if DATA is None and {"augment", "epoch"} & set(names):
        sys.exit("augment and epoch need BARLOW_PEERS_DATA, the folder of data that augment.py and epoch.py take")
    ratios = {}
    for _ in range(ROUNDS):
        for name in names:
            for what, ratio in parts[name](barlow, peers):
                ratios.setdefault(what, []).append(ratio)
    width = max(map(len, ratios))
    print(f"\n{'work, ours against theirs':<{width}}  ratio  of {ROUNDS} rounds")
    for what, values in ratios.items():
        print(f"{what:<{width}}  {statistics.median(values):5.2f}  {min(values):.2f} to {max(values):.2f}")


if __name__ == "__main__":
    main()

"""What a representation is worth beside lightly's: both pretrain with the same settings, then the same protocols judge.

usage: python3 compare_judgement.py BARLOW DATA [--images 50000] [--epochs 2] [--seed 0] [--objective NAME]
                                    [--skip-finetune] [--skip-python] [--device cpu] [--workers 2]

BARLOW is the program, DATA the folder with CIFAR-10's binary files. Pretraining is compare_objectives.py's (see there:
ResNet-18 of width 16, batch 256, AdamW, the views of `cifar-solo`, both from the same weights), on the first --images.
`barlow evaluate` then judges both backbones, lightly's from a file of weights: kNN (k 200, T 0.1) and logistic regression on
all images, fine-tuning with 1 % and 10 % of the labels (the official settings). kNN and logistic regression are computed
here a second time, by torch and scikit-learn, from the features that torch makes (not with
--skip-python). JSON lines come first, the table last.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression

import compare_objectives as pretraining
from compare_probes import accuracies, knn

PROBES = {
    "kNN": ["--probe", "knn"],
    "linear": ["--probe", "linear"],
    "1 % of labels": ["--probe", "finetune", "--labels", "1%"],
    "10 % of labels": ["--probe", "finetune", "--labels", "10%"],
}


def exported_as(barlow, run, backbone, file):
    """Weights from elsewhere in the file that `barlow export` makes of a run, which says what its images are like."""
    subprocess.run([barlow, "export", str(run), "--out", str(file), "--quiet"], check=True, capture_output=True)
    with safe_open(file, "pt") as opened:
        metadata = opened.metadata()
    save_file({key: value.contiguous() for key, value in backbone.state_dict().items()}, file, metadata)


def judged(barlow, model, data, name, device):
    command = [barlow, "evaluate", str(model), "--data", f"cifar10:{data}", "--split", "test", *PROBES[name], "--json",
               "--quiet", "--device", device]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])["top1"]


@torch.no_grad()
def features(backbone, images):
    backbone.eval()
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (pretraining.MEAN, pretraining.STD))
    return torch.cat([backbone((torch.from_numpy(images[first:first + 500]).permute(0, 3, 1, 2).float() / 255 - mean) / std)
                      for first in range(0, len(images), 500)])


def by_python(backbone, train, test):
    bank, queries = features(backbone, train[0]), features(backbone, test[0])
    near = knn(bank, train[1], queries, pretraining.CLASSES)
    linear = LogisticRegression(C=1.0, max_iter=5000).fit(bank.double().numpy(), train[1].numpy())
    return {"kNN": accuracies(near, test[1])[0], "linear": linear.score(queries.double().numpy(), test[1].numpy())}


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].replace("%", "%%"))
    parser.add_argument("barlow")
    parser.add_argument("data", type=Path)
    parser.add_argument("--images", type=int, default=50_000, help="to pretrain on; the probes learn from all")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--objective", default="barlow_twins", choices=list(pretraining.METHODS), metavar="NAME")
    parser.add_argument("--skip-finetune", action="store_true")
    parser.add_argument("--skip-python", action="store_true")
    pretraining.add_machine_options(parser)
    options = parser.parse_args()
    train = pretraining.cifar(options.data, [f"data_batch_{i}.bin" for i in range(1, 6)])
    test = pretraining.cifar(options.data, ["test_batch.bin"])
    names = [name for name in PROBES if not (options.skip_finetune and "labels" in name)]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        run, file = Path(folder) / "run", Path(folder) / "lightly.safetensors"
        ours = pretraining.train_ours(options.barlow, options.data, run, options.objective, options.images, options.epochs,
                                      options.seed, options.device)
        theirs = pretraining.train_lightly(options.objective, train[0][:options.images], options.epochs, options.seed,
                                           ours.first_weights, options.device, options.workers)
        exported_as(options.barlow, run, theirs.backbone, file)
        for side, model, trained in (("Barlow Studio", run, ours), ("lightly", file, theirs)):
            again = {} if options.skip_python else by_python(trained.backbone, train, test)
            row = [side]
            for name in names:
                top1 = judged(options.barlow, model, options.data, name, options.device)
                print(json.dumps({"bench": "judgement", "side": side, "probe": name, "top1": top1,
                                  "python": again.get(name), "pairs_per_second": round(trained.pairs_per_second(), 1)}),
                      flush=True)
                row.append(f"{100 * top1:.2f}" + (f" ({100 * again[name]:.2f})" if name in again else ""))
            rows.append(row)
    pairs = options.images // pretraining.BATCH * pretraining.BATCH * options.epochs
    in_brackets = "" if options.skip_python else "; in brackets: torch and scikit-learn"
    print(f"\n{options.objective}, {pairs} pairs, seed {options.seed}{in_brackets}\n")
    for line in [["pretrained by", *(f"{name}, %" for name in names)], ["---"] + ["--:"] * len(names), *rows]:
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()

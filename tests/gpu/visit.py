"""Everything that is to be known about a GPU, in one go: is it right, how fast is it, does it learn.

usage: python visit.py BUNDLE --data FOLDER --out FOLDER [--peer gpu_step.py] [--seconds 480] [--device cuda] [--only PART ...] [--quick]

BUNDLE is an unpacked `./dev bundle`; FOLDER of --data a data set as `barlow train --data` takes it (CIFAR-10 as JPEG files, one
folder per class). Results are JSON lines in OUT/visit.jsonl as they come, logs beside; each part has a limit of its own, so that
one that hangs does not cost the others. --device cpu rehearses it, with shorter runs. Needs numpy and PyTorch.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("bundle", type=pathlib.Path)
parser.add_argument("--data", required=True)
parser.add_argument("--out", type=pathlib.Path, required=True)
parser.add_argument("--peer", type=pathlib.Path)
parser.add_argument("--seconds", type=float, default=480)
parser.add_argument("--device", default="cuda")
parser.add_argument("--only", nargs="*")
parser.add_argument("--quick", action="store_true", help="check-device --quick")
args = parser.parse_args()

begin = time.monotonic()
is_rehearsal = args.device == "cpu"
args.out.mkdir(parents=True, exist_ok=True)
work = pathlib.Path(tempfile.mkdtemp(prefix="visit-"))
journal = open(args.out / "visit.jsonl", "a")
barlow = args.bundle / "bin" / "barlow"
environment = {**os.environ, "XDG_DATA_HOME": str(work / "data"), "XDG_CACHE_HOME": str(work / "cache")}


def tell(**row):
    row["at"] = round(time.monotonic() - begin, 1)
    line = json.dumps(row)
    print(line[:1000], flush=True)
    journal.write(line + "\n")
    journal.flush()


def left():
    return args.seconds - (time.monotonic() - begin)


def call(name, command, limit, partly=False):
    """Runs a command; (stdout, seconds), or None when it failed, took too long or no time is left. `partly`: what it printed by then
    counts."""
    limit = min(limit, left() - 5)
    if limit < 10:
        tell(part=name, skipped="no time left")
        return None
    start = time.monotonic()
    log = args.out / f"{name}.log"
    with open(log, "w") as errors, open(work / "stdout", "w") as output:
        try:
            code = subprocess.run([str(word) for word in command], stdout=output, stderr=errors, timeout=limit, env=environment).returncode
        except subprocess.TimeoutExpired:
            code = f"longer than {limit:.0f} s"
    seconds = time.monotonic() - start
    text = (work / "stdout").read_text()
    with open(log, "a") as all_of_it:
        all_of_it.write("\n---- stdout\n" + text)
    if code != 0:
        tell(part=name, failed=code, seconds=round(seconds, 1), errors=log.read_text()[-700:])
        return (text, seconds) if partly else None
    return text, seconds


def objects(text):
    found = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def rows(run):
    return objects((run / "metrics.jsonl").read_text()) if (run / "metrics.jsonl").exists() else []


def train(name, settings, steps, limit, preset="cifar10-resnet18", data=args.data):
    """Trains into a fresh folder, which it returns with the wall time."""
    run = work / name
    shutil.rmtree(run, ignore_errors=True)
    words = [barlow, "train", "--preset", preset, "--device", args.device, "--out", run, "--quiet", "--steps", steps]
    if data:
        words += ["--data", data]
    for setting in ["evaluate.every_epochs=0", "run.matrix_moments=0", *settings]:
        words += ["--set", setting]
    result = call(name, words, limit)
    return (run, result[1]) if result else None


def check():
    result = call("check-device", [barlow, "check-device", "--device", args.device, "--json", *(["--quick"] if args.quick or is_rehearsal else [])], 150, partly=True)
    for row in objects(result[0]) if result else []:
        tell(part="check-device", **row)


def tests():
    for program in sorted((args.bundle / "tests").glob("test_gpu_*")):
        result = call(program.name, [program], 100, partly=True)
        if result:
            lines = result[0].splitlines()
            tell(part=program.name, seconds=round(result[1], 1), end=[l for l in lines if l.startswith("[  ")][-4:])
            for row in objects(result[0]):
                tell(part=program.name, **row)


def steps():
    result = call("bench-step", [barlow, "bench", "step", "--device", args.device, "--json"], 120, partly=True)
    for row in objects(result[0]) if result else []:
        tell(part="step", **row)


def peer():
    if not args.peer:
        return
    for case in ("r50-256", "cifar-1024", "cifar-256") if not is_rehearsal else ("tiny",):
        result = call(f"peer-{case}", [sys.executable, args.peer, case, "--device", args.device], 100, partly=True)
        for row in objects(result[0]) if result else []:
            tell(part="peer", **row)


def speed():
    """Whole runs on real images, as they say themselves (test_gpu_session holds that against the clock on the wall)."""
    base = ["run.precision=bf16", "run.memory_format=channels_last"]
    cases = [
        ("device views, recorded", 1024, [*base, "run.device_views=on"], 40, 240),
        ("device views, not recorded", 1024, [*base, "run.device_views=on", "run.step_graph=false"], 40, 140),
        ("device views, recorded", 256, [*base, "run.device_views=on"], 80, 480),
        ("loader", 1024, [*base, "run.device_views=off", "augment.kernel=fast"], 40, 140),
        ("auto", 1024, [], 40, 140),
    ]
    if is_rehearsal:
        cases = [("cpu", 32, ["model.width=8", "model.projector=64-64", "data.limit=500"], 2, 5)]
    for name, batch, settings, first, last in cases:
        run = train(f"speed-{name.replace(', ', '-').replace(' ', '-')}-{batch}", [*settings, f"run.batch_size={batch}"], last, 60)
        if not run:
            continue
        table = rows(run[0])
        record = json.loads((run[0] / "run.json").read_text())
        tell(part="speed", run=name, batch=batch, pairs_per_second=round((last - first) * batch / (table[last - 1]["seconds"] - table[first - 1]["seconds"])),
             data_wait_ms=round(statistics.median(row["data_wait_ms"] for row in table[first:]), 3), whole_command_seconds=round(run[1], 1),
             first_steps=[round(row["seconds"], 2) for row in table[:3]], precision=record.get("precision"), layout=record.get("memory_format"), views=record.get("views"))


def photos():
    """ResNet-50 at 224 pixels as a whole run on generated images, resident and through the loader."""
    if is_rehearsal:
        return
    shapes = ["model.projector=8192-8192-8192", "run.batch_size=256", "run.precision=bf16", "run.memory_format=channels_last", "data.image_size=224", "data.limit=2048"]
    for name, settings in (("r50-device-views", ["run.device_views=on"]), ("r50-auto", ["run.device_views=auto", "augment.kernel=fast"])):
        run = train(name, [*shapes, *settings], 60, 80, preset="folder-224", data="shapes")
        if run and len(table := rows(run[0])) == 60:
            tell(part="photos", run=name, pairs_per_second=round(40 * 256 / (table[59]["seconds"] - table[19]["seconds"])), first_steps=[round(r["seconds"], 2) for r in table[:3]])


def replay():
    script = args.bundle / "tests" / "replay_step.py"
    base = ["optim.lars_clip=false", "optim.warmup_epochs=0", "run.batch_size=32", "run.memory_format=channels_last", "model.projector=128-128-128"]
    for precision in ("fp32", "bf16"):
        run = work / f"dump-{precision}"
        shutil.rmtree(run, ignore_errors=True)
        words = [barlow, "train", "--preset", "cifar10-resnet18", "--data", args.data, "--device", args.device, "--out", run, "--quiet", "--steps", 2, "--dump-steps", "1,2"]
        for setting in ["evaluate.every_epochs=0", *base, f"run.precision={precision}", *(["model.width=8", "data.limit=500"] if is_rehearsal else [])]:
            words += ["--set", setting]
        if call(f"dump-{precision}", words, 60):
            result = call(f"replay-{precision}", [sys.executable, script, run / "dump" / "step-1", run / "dump" / "step-2"], 60, partly=True)
            for row in objects(result[0]) if result else []:
                tell(part="replay", precision=precision, **row)


def trained(name, preset, settings, limit):
    """A run on real CIFAR-10 to its end: (folder, its rows, its evaluations, its last words, seconds), or None."""
    run = work / name
    shutil.rmtree(run, ignore_errors=True)
    words = [barlow, "train", "--preset", preset, "--data", args.data, "--device", args.device, "--out", run, "--json", "--quiet"]
    if is_rehearsal:
        settings = [*settings, "model.width=8", "model.projector=64-64", "data.limit=600", "run.batch_size=64"]
    for setting in settings:
        words += ["--set", setting]
    result = call(name, words, limit)
    if not result:
        return None
    events = objects((run / "events.jsonl").read_text())
    return run, rows(run), [e for e in events if e.get("event") == "evaluation"], (objects(result[0]) or [None])[-1], result[1]


def rate_of(table, batch):
    """Pairs per second of the last three quarters."""
    first = len(table) // 4
    return round((len(table) - 1 - first) * batch / (table[-1]["seconds"] - table[first]["seconds"]))


def learn():
    """Real CIFAR-10 for a while, kNN now and then."""
    settings = ["run.precision=bf16", "run.memory_format=channels_last", f"run.epochs={1 if is_rehearsal else 20}", "optim.warmup_epochs=2", "run.batch_size=512", "evaluate.every_epochs=5"]
    result = trained("learn", "cifar10-resnet18", settings, 150)
    if result:
        tell(part="learn", knn=[(e.get("step"), e.get("top1"), e.get("online_linear_top1"), e.get("seconds")) for e in result[2]], end=result[3], wall=round(result[4], 1))


METHODS = ("vicreg", "simclr", "moco", "byol", "simsiam", "swav", "deepcluster", "lejepa")


def methods():
    """Every other objective for a few epochs, with its preset's batch: does it run, how fast, does it learn?"""
    epochs = 1 if is_rehearsal else 4
    base = ["run.precision=bf16", "run.memory_format=channels_last", f"run.epochs={epochs}", "optim.warmup_epochs=2", f"evaluate.every_epochs={epochs}", "run.matrix_moments=0"]
    for name in METHODS:
        result = trained(f"method-{name}", f"cifar10-resnet18-{name}", base, 45)
        if result:
            _, table, knn, _, wall = result
            tell(part="methods", method=name, pairs_per_second=rate_of(table, 64 if is_rehearsal else 256), knn=[(e.get("step"), e.get("top1"), e.get("online_linear_top1")) for e in knn],
                 loss=(table[0]["loss"], table[-1]["loss"]), wall=round(wall, 1))


def online():
    """What the online classifier costs: with and without, in turn."""
    base = ["run.precision=bf16", "run.memory_format=channels_last", "run.batch_size=1024"]
    found = {"true": [], "false": []}
    for turn in range(1 if is_rehearsal else 2):
        for is_on in found:
            small = ["model.width=8", "model.projector=64-64", "data.limit=500", "run.batch_size=32"] if is_rehearsal else []
            run = train(f"online-{is_on}-{turn}", [*base, *small, f"evaluate.online_linear={is_on}"], 5 if is_rehearsal else 260, 60)
            if run:
                found[is_on].append(rate_of(rows(run[0]), 32 if is_rehearsal else 1024))
    tell(part="online", with_classifier=found["true"], without=found["false"])


def published():
    """HSIC's recipe as its preset has it; a user's log of that code: kNN 47.33 % after 5 epochs, 53.80 after 10."""
    epochs = 1 if is_rehearsal else 10
    result = trained("published", "cifar10-hsic", [f"run.epochs={epochs}", f"evaluate.every_epochs={min(5, epochs)}", "run.precision=tf32", "run.matrix_moments=0"], 150)
    if result:
        tell(part="published", knn=[(e.get("epoch"), e.get("step"), e.get("top1")) for e in result[2]], pairs_per_second=rate_of(result[1], 128), wall=round(result[4], 1))


def judge():
    """Evaluation on the device: what `learn` trained, by each probe; the features beside the CPU's, kNN beside torch's."""
    run = work / "learn"
    if not run.exists():
        return
    probes = {"knn": ["--probe", "knn"], "linear-lbfgs": ["--probe", "linear"], "finetune-1": ["--probe", "finetune", "--labels", "1%"], "unlabelled": ["--probe", "unlabelled"],
              "knn-euclidean": ["--probe", "knn", "--k", "20", "--metric", "euclidean"]}
    for name, words in probes.items():
        result = call(f"judge-{name}", [barlow, "evaluate", run, "--device", args.device, "--split", "test", *words, *(["--epochs", "1"] if is_rehearsal and "tune" in name else []), "--json", "--quiet"], 90)
        for row in objects(result[0])[-1:] if result else []:
            tell(part="judge", probe=name, top1=row.get("top1"), metrics=row.get("metrics"), seconds=row.get("seconds"), wall=round(result[1], 1))
    import numpy
    import torch
    made = {}
    for split, device in (("train", args.device), ("test", args.device), ("test", "cpu")):
        file = work / f"{split}-{device}.npy"
        result = call(f"embed-{split}-{device}", [barlow, "embed", run, "--data", args.data, "--split", split, "--device", device, "--out", file, "--quiet"], 60)
        if result:
            made[split, device] = torch.from_numpy(numpy.load(file)), torch.from_numpy(numpy.load(str(file)[:-4] + ".labels.npy")).long()
            tell(part="embed", split=split, device=device, images=len(made[split, device][0]), wall=round(result[1], 1))
    if len(made) == (2 if is_rehearsal else 3):
        bank, labels = (each.to(args.device) for each in made["train", args.device])
        queries, truth = (each.to(args.device) for each in made["test", args.device])
        normalized = torch.nn.functional.normalize
        near, index = (normalized(queries) @ normalized(bank).T).topk(min(200, len(bank)))
        votes = torch.zeros(len(queries), 10, device=args.device).scatter_add_(1, labels[index], (near / 0.1).exp())
        other = made["test", "cpu"][0].to(args.device)
        tell(part="judge", torch_knn=round((votes.argmax(1) == truth).float().mean().item(), 6),
             farthest_from_cpu=((queries - other).norm(dim=1) / other.norm(dim=1)).max().item())


parts = {"check": check, "steps": steps, "speed": speed, "tests": tests, "peer": peer, "photos": photos, "replay": replay, "learn": learn, "judge": judge, "methods": methods,
         "online": online, "published": published}
try:
    import torch
    tell(part="machine", torch=torch.__version__, device=torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu", cores=os.cpu_count())
except ImportError as error:
    tell(part="machine", error=str(error))
version = call("version", [barlow, "--version"], 60)
tell(part="version", text=version and version[0].strip(), seconds=version and round(version[1], 2))
for name, part in parts.items():
    if not args.only or name in args.only:
        try:
            part()
        except Exception as error:  # the other parts shall have their turn
            tell(part=name, failed=repr(error))
tell(part="end")
shutil.rmtree(work, ignore_errors=True)

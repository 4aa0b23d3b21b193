"""Opens what `barlow export` wrote with the programs that it is for, and compares what they compute.

usage: python open_exports.py FOLDER

FOLDER/pixels.npy holds pictures (uint8 [n, side, side, 3]). Every folder in it is a model: backbone.pth,
backbone.safetensors, fc.pth, all.pth, backbone.onnx, all.onnx, and what `barlow embed` says of the pictures:
features.npy and projected.npy with their .names.txt (picture i is called i.png). Prints one JSON object per check:
{"model":"resnet18","what":"torchvision","ok":true,"error":1e-7}; a library that is not there is left out.
"""
import importlib
import json
import sys
from pathlib import Path

import numpy as np
import torch

TOLERANCE = 1e-4  # of what is largest


def library(name):
    try:
        return importlib.import_module(name)
    except Exception:  # one that is installed may still not fit the torch that is there
        return None


def say(model, what, error, ok=True):
    print(json.dumps({"model": model, "what": what, "ok": bool(ok and error <= TOLERANCE), "error": float(error)}))


def difference(values, expected):
    values = torch.as_tensor(np.asarray(values)).double()
    expected = torch.as_tensor(np.asarray(expected)).double()
    if values.shape != expected.shape:
        return float("inf")
    return ((values - expected).abs().max() / expected.abs().max()).item()


def adapted(network, notes):
    if notes["stem"] == "cifar":
        network.conv1 = torch.nn.Conv2d(3, int(notes["width"]), 3, padding=1, bias=False)
        network.maxpool = torch.nn.Identity()
    return network.eval()


def check(folder, pixels):
    name = folder.name
    safetensors = library("safetensors.torch")
    weights = torch.load(folder / "backbone.pth")  # weights_only=True is its default
    with open(folder / "backbone.safetensors", "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        notes = json.loads(file.read(size))["__metadata__"]
    mean, std = (torch.tensor(json.loads(notes[key])) for key in ("mean", "std"))
    order = [int(Path(line).stem) for line in (folder / "features.names.txt").read_text().split("\n") if line]
    images = ((torch.from_numpy(pixels[order]).float() / 255 - mean) / std).permute(0, 3, 1, 2).contiguous()
    features = np.load(folder / "features.npy")
    projected = np.load(folder / "projected.npy")
    if safetensors:
        other = safetensors.load_file(folder / "backbone.safetensors")
        say(name, "safetensors", 0, other.keys() == weights.keys() and
            all(torch.equal(other[key], weights[key]) and other[key].dtype == weights[key].dtype for key in other))
    everything = torch.load(folder / "all.pth")
    say(name, "all.pth", 0, all(torch.equal(everything["backbone." + key], weights[key]) for key in weights))

    torchvision = library("torchvision")
    if torchvision and name.startswith("resnet"):
        network = torchvision.models.__dict__[name]()
        network.fc = torch.nn.Identity()
        adapted(network, notes).load_state_dict(weights, strict=True)
        with torch.no_grad():
            say(name, "torchvision", difference(network(images), features))
        whole = adapted(torchvision.models.__dict__[name](num_classes=7), notes)
        whole.load_state_dict(torch.load(folder / "fc.pth"), strict=True)
        with torch.no_grad():
            say(name, "torchvision with fc", 0, torch.equal(whole(images), torch.zeros(len(images), 7)))
    timm = library("timm")
    if timm and name.startswith("resnet"):
        network = adapted(timm.create_model(name, num_classes=0), notes)
        network.load_state_dict(weights, strict=True)
        with torch.no_grad():
            say(name, "timm", difference(network(images), features))

    onnx = library("onnx")
    if onnx:
        for file in ("backbone.onnx", "all.onnx", "projector.onnx"):
            model = onnx.load(folder / file)
            onnx.checker.check_model(model, full_check=True)
            told = {item.key: item.value for item in model.metadata_props}
            say(name, f"onnx.checker of {file}", 0, model.opset_import[0].version >= 17 and
                all(told[key] == notes[key] for key in ("mean", "std", "image_size")))
    runtime = library("onnxruntime")
    if runtime:
        session = runtime.InferenceSession(folder / "backbone.onnx")
        for count in (1, len(images)):  # the batch is free
            got = session.run(None, {"images": images[:count].numpy()})
            say(name, f"onnxruntime, {count} images", difference(got[0], features[:count]), len(got) == 1)
        both = runtime.InferenceSession(folder / "all.onnx").run(None, {"images": images.numpy()})
        say(name, "onnxruntime, features of all.onnx", difference(both[0], features))
        say(name, "onnxruntime, embedding of all.onnx", difference(both[1], projected))
        last = runtime.InferenceSession(folder / "projector.onnx").run(None, {"features": features})
        say(name, "onnxruntime, projector.onnx", difference(last[0], projected))


def main():
    root = Path(sys.argv[1])
    pixels = np.load(root / "pixels.npy")
    for folder in sorted(path for path in root.iterdir() if (path / "backbone.pth").exists()):
        check(folder, pixels)


if __name__ == "__main__":
    main()

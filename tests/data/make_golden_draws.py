#!/usr/bin/env python3
"""Writes golden/draws.json: how torchvision's random draws are distributed, for core/augment/draw.cpp.

Run by hand with torch and torchvision: python make_golden_draws.py
Each entry holds thresholds and the share of 40,000 draws that are at most as large.
"""
import json, math
from pathlib import Path
from unittest import mock

import numpy as np
import torch

with mock.patch("torch.library.register_fake", lambda *a, **k: (lambda f: f)):  # torchvision's compiled ops may be absent
    import torchvision.transforms as T

DRAWS = 40_000


def shares(values, thresholds):
    values = np.asarray(values, dtype=np.float64)
    return {"thresholds": thresholds, "shares": [round(float((values <= t).mean()), 5) for t in thresholds]}


def crops(width, height, scale):
    image = torch.zeros(3, height, width)
    drawn = [T.RandomResizedCrop.get_params(image, scale, (3 / 4, 4 / 3)) for _ in range(DRAWS)]  # top, left, height, width
    tenths = [round(0.05 * i, 2) for i in range(1, 20)]
    return {
        "width": width, "height": height, "scale": scale,
        "area": shares([h * w / (width * height) for _, _, h, w in drawn], [round(scale[1] * t, 4) for t in tenths]),
        "ratio": shares([math.log(w / h) for _, _, h, w in drawn], [round(-0.3 + 0.05 * i, 2) for i in range(13)]),
        "left": shares([x / max(1, width - w) for _, x, _, w in drawn], tenths),
        "top": shares([y / max(1, height - h) for y, _, h, _ in drawn], tenths),
    }


def main():
    torch.manual_seed(1)
    golden = {"draws": DRAWS, "crops": [crops(400, 300, (0.08, 1.0)), crops(32, 32, (0.2, 1.0)), crops(500, 90, (0.08, 1.0)),
                                        crops(60, 400, (0.3, 0.9)), crops(300, 300, (0.001, 0.01))]}
    jitter = T.ColorJitter(0.4, 0.4, 0.2, 0.1)
    drawn = [T.ColorJitter.get_params(jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue) for _ in range(DRAWS)]
    for place, (name, low, high) in enumerate((("brightness", 0.6, 1.4), ("contrast", 0.6, 1.4), ("saturation", 0.8, 1.2),
                                               ("hue", -0.1, 0.1))):
        golden[name] = shares([d[1 + place] for d in drawn], [round(low + (high - low) * i / 16, 5) for i in range(1, 16)])
    # The place (0 first) at which each operation comes: brightness, contrast, saturation, hue.
    places = np.array([[d[0].tolist().index(op) for op in range(4)] for d in drawn])
    golden["places"] = [[round(float((places[:, op] == place).mean()), 5) for place in range(4)] for op in range(4)]
    (Path(__file__).parent / "golden" / "draws.json").write_text(json.dumps(golden) + "\n")


main()

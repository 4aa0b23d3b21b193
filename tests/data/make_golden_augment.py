#!/usr/bin/env python3
"""Writes golden/augment_pillow12.json or 13: what Pillow and torchvision make of small pictures, for core/augment's exact kernels.

Run by hand with torch, torchvision and Pillow 12, then with Pillow 13: python make_golden_augment.py
The picture is a formula (see `picture`), which the C++ test repeats; results are base64 of RGB rows.
"""
import base64, json
from pathlib import Path
from unittest import mock

import numpy as np
import PIL
import torch

with mock.patch("torch.library.register_fake", lambda *a, **k: (lambda f: f)):  # torchvision's compiled ops may be absent
    import torchvision.transforms.functional as F
from PIL import Image, ImageFilter, ImageOps
from torchvision.transforms import InterpolationMode as Mode


def picture(width, height):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 11 + y * 7 + c * 50 + (x * y * (c + 1)) % 37 * 5) % 256).astype(np.uint8))


def encode(image):
    return base64.b64encode(np.asarray(image).tobytes()).decode()


def main():
    source = picture(24, 20)
    cases = []

    def add(op, value, image):
        cases.append({"op": op, "value": value, "width": image.width, "height": image.height, "pixels": encode(image)})

    add("flip", 0, F.hflip(source))
    add("gray", 0, F.rgb_to_grayscale(source, num_output_channels=3))
    for value in (0.0, 0.6, 1.0, 1.4):
        add("brightness", value, F.adjust_brightness(source, value))
        add("contrast", value, F.adjust_contrast(source, value))
        add("saturation", value, F.adjust_saturation(source, value))
    for value in (-0.5, -0.1, -0.037, 0.0, 0.063, 0.1, 0.31):
        add("hue", value, F.adjust_hue(source, value))
    for value in (0.1, 0.3, 0.7, 1.0, 1.37, 2.0):
        add("blur", value, source.filter(ImageFilter.GaussianBlur(value)))
    for value in (0, 100, 128, 256):
        add("solarize", value, ImageOps.solarize(source, value))
    for mode, name in ((Mode.BICUBIC, "bicubic"), (Mode.BILINEAR, "bilinear")):
        for top, left, height, width, size in ((0, 0, 20, 24, 9), (3, 5, 14, 11, 17), (2, 1, 16, 20, 32), (0, 4, 20, 20, 20)):
            image = F.resized_crop(source, top, left, height, width, [size, size], mode)
            cases.append({"op": name, "crop": [left, top, width, height], "value": size, "width": size, "height": size,
                          "pixels": encode(image)})
        # Crops that lose many lines, which Pillow 13 resizes down first; the limit (twice the columns) and one line beyond it.
        for crop, size in (((3, 1, 7, 18), 9), ((0, 2, 12, 16), 8), ((0, 2, 12, 17), 8), ((5, 0, 9, 20), 9), ((1, 0, 3, 20), 19)):
            left, top, width, height = crop
            image = F.resized_crop(source, top, left, height, width, [size, size], mode)
            cases.append({"op": name, "crop": crop, "value": size, "width": size, "height": size, "pixels": encode(image)})

    def chain(left, top, width, height):
        image = F.hflip(F.resized_crop(source, top, left, height, width, [16, 16], Mode.BICUBIC))
        for step in (lambda i: F.adjust_contrast(i, 1.21), lambda i: F.adjust_hue(i, -0.07), lambda i: F.adjust_brightness(i, 0.83),
                     lambda i: F.adjust_saturation(i, 1.15)):
            image = step(image)
        image = ImageOps.solarize(image.filter(ImageFilter.GaussianBlur(0.8)), 128)
        cases.append({"op": "chain", "crop": [left, top, width, height], "value": 0, "width": 16, "height": 16,
                      "pixels": encode(image)})

    chain(2, 1, 19, 17)
    chain(4, 0, 11, 20)
    # core/image/resize.h evaluationView, which is as Pillow 13's: odd rests of the centre crop, pictures that lose many lines,
    # that grow, and one whose short side is right already.
    if int(PIL.__version__.split(".")[0]) >= 13:
        for width, height, side in ((24, 20, 11), (25, 20, 8), (37, 52, 9), (10, 60, 8), (60, 10, 8), (9, 7, 16), (41, 18, 16),
                                    (18, 45, 16), (1, 90, 4)):
            image = F.center_crop(F.resize(picture(width, height), side * 256 // 224, Mode.BILINEAR), side)
            cases.append({"op": "evaluation", "source": [width, height], "value": side, "width": side, "height": side,
                          "pixels": encode(image)})
    out = Path(__file__).parent / "golden" / f"augment_pillow{PIL.__version__.split('.')[0]}.json"
    out.write_text(json.dumps({"cases": cases}, indent=0) + "\n")
    print(out, out.stat().st_size, "bytes")


main()

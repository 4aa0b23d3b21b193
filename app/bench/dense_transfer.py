"""Whether a backbone of `barlow export` trains where papers measure detection and segmentation: it is loaded strictly
into the bodies of torchvision's Faster R-CNN and Mask R-CNN (ResNet-50 with a feature pyramid), which then take a few
steps on random boxes. Whoever has VOC or COCO puts their loader in the place of random_batch().

usage: python dense_transfer.py BACKBONE.pth [--steps 3] [--side 96] [--batch 2] [--proposals 64]

BACKBONE.pth: barlow export RUN --format pth, of a resnet50 with the ImageNet stem. Needs torch and torchvision. Prints
one JSON object per detector; the exit code is 1 when a loss is not finite or the body has not moved.
"""
import argparse
import json
import math
import sys

import torch
import torchvision

CLASSES = 5  # the first is the background


def random_batch(count, side, generator):
    images, targets = [], []
    for _ in range(count):
        images.append(torch.rand(3, side, side, generator=generator))
        corner = torch.rand(3, 2, generator=generator) * side / 2
        boxes = torch.cat([corner, corner + side / 8 + torch.rand(3, 2, generator=generator) * side / 3], dim=1)
        masks = torch.zeros(3, side, side, dtype=torch.uint8)
        for mask, (left, top, right, bottom) in zip(masks, boxes.int().tolist()):
            mask[top:bottom, left:right] = 1
        labels = torch.randint(1, CLASSES, (3,), generator=generator)
        targets.append({"boxes": boxes, "labels": labels, "masks": masks})
    return images, targets


def train(name, make, weights, options):
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    model = make(weights=None, weights_backbone=None, num_classes=CLASSES, min_size=options.side,
                 max_size=options.side, rpn_pre_nms_top_n_train=options.proposals,
                 rpn_post_nms_top_n_train=options.proposals, box_batch_size_per_image=options.proposals)
    matched = model.backbone.body.load_state_dict(weights, strict=True)
    model.train()
    before = model.backbone.body.conv1.weight.detach().clone()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.002, momentum=0.9)
    losses = []
    for _ in range(options.steps):
        images, targets = random_batch(options.batch, options.side, generator)
        loss = sum(model(images, targets).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    moved = (model.backbone.body.conv1.weight - before).abs().max().item()
    is_sound = all(map(math.isfinite, losses)) and moved > 0
    print(json.dumps({"detector": name, "matched": str(matched), "steps": options.steps, "losses": losses,
                      "moved": moved, "ok": is_sound}))
    return is_sound


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backbone")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--proposals", type=int, default=64, help="regions of an image that are trained on")
    options = parser.parse_args()
    weights = torch.load(options.backbone, weights_only=True)
    detection = torchvision.models.detection
    sound = [train("Faster R-CNN", detection.fasterrcnn_resnet50_fpn, weights, options),
             train("Mask R-CNN", detection.maskrcnn_resnet50_fpn, weights, options)]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())

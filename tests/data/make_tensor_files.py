"""Writes tests/data/tensor_files with the safetensors package and NumPy: what our own readers and writers are held to.

usage: python make_tensor_files.py      (needs torch, safetensors, numpy and ml_dtypes; writes beside itself)

The tests know the values: element i of a tensor is i / 4 - 1 where the type has fractions, i elsewhere.
"""
import collections
import os
from pathlib import Path

import ml_dtypes
import numpy as np
import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent / "tensor_files"


def quarters(shape, dtype):
    return (torch.arange(torch.Size(shape).numel(), dtype=torch.float64) / 4 - 1).reshape(shape).to(dtype)


def main():
    FOLDER.mkdir(exist_ok=True)
    tensors = {
        "float32": quarters([2, 3], torch.float32),
        "float64": quarters([3], torch.float64),
        "float16": quarters([5], torch.float16),
        "bfloat16": quarters([2, 2], torch.bfloat16),
        "bn1.num_batches_tracked": torch.tensor(7),
        "int32": torch.arange(3, dtype=torch.int32),
        "int16": torch.arange(3, dtype=torch.int16),
        "int8": torch.arange(3, dtype=torch.int8),
        "uint8": torch.arange(3, dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "empty": torch.empty([0, 3]),
    }
    save_file(tensors, FOLDER / "python.safetensors", metadata={"format": "pt"})
    arrays = {
        "float32": quarters([2, 3], torch.float32).numpy(),
        "float64": quarters([3], torch.float64).numpy(),
        "int64": np.arange(4),
        "uint8": np.arange(3, dtype=np.uint8),
        "scalar": np.float32(2.5),
        "empty": np.empty([0, 3], dtype=np.float32),
        "fortran": np.asfortranarray(quarters([2, 3], torch.float32).numpy()),
        "big_endian": np.arange(3, dtype=">f4"),
        "big_endian64": quarters([2, 3], torch.float64).numpy().astype(">f8"),
        "big_endian16": np.asfortranarray(quarters([2, 3], torch.float16).numpy().astype(">f2")),
        "bfloat16": quarters([2, 3], torch.float32).numpy().astype(ml_dtypes.bfloat16),
        "float8": quarters([2, 3], torch.float32).numpy().astype(ml_dtypes.float8_e4m3fn),
        "uint16": np.arange(3, dtype=np.uint16),
        "objects": np.array([{"a": 1}], dtype=object),
        "records": np.zeros(1, dtype=[("x", "<f4"), ("y", "<f4")]),
    }
    for name, array in arrays.items():
        np.save(FOLDER / f"{name}.npy", array)
    for version in (2, 3):
        with open(FOLDER / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, arrays["float32"], version=(version, 0))
    views = {"z_b": quarters([3, 2], torch.float64).numpy() + 1, "labels": np.arange(3),
             "z_a": quarters([3, 2], torch.float32).numpy()}
    np.savez(FOLDER / "stored.npz", **views)
    np.savez_compressed(FOLDER / "deflated.npz", **views)
    # A data type that no other program here knows, beside one that is wanted.
    save_file({"scales": torch.ones([2, 2], dtype=torch.float8_e8m0fnu), "z": quarters([2, 3], torch.float16),
               "mask": torch.tensor([True, False])}, FOLDER / "others.safetensors",
              metadata={"model": "x", "json": '{"a": [1, {"b": 2}]}'})
    write_torch_files(tensors)


class Runs:
    """Unpickled, it would run a command."""

    def __reduce__(self):
        return os.system, ("true",)


def write_torch_files(tensors):
    whole = quarters([4, 6], torch.float32)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4))
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.copy_(quarters(tensor.shape, tensor.dtype))
    nested = {
        "epoch": 3, "loss": 0.5, "name": "a \u00e9", "flags": [True, None, (1, 2 ** 40, -1)],
        "model": {"state_dict": model.state_dict()},  # an OrderedDict with attributes
        "types": tensors,
        "shared": {"whole": whole, "column": whole[:, 2], "turned": whole.t(), "block": whole[1:3, 1:4],
                   "again": whole, "single": torch.tensor(2.5)},
        "parameter": torch.nn.Parameter(quarters([3], torch.float32)),
        "optimizer": {"state": {0: {"mu": quarters([2], torch.float32)}}},
    }
    torch.save(nested, FOLDER / "python.pth")
    torch.save(nested, FOLDER / "protocol4.pth", pickle_protocol=4)
    torch.save(nested, FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(whole, FOLDER / "bare.pth")
    for name, value in {"code": Runs(), "object": collections.Counter("a"), "numpy": np.float64(1),
                        "complex": torch.ones(2, dtype=torch.complex64),
                        "sparse": torch.ones(2, 2).to_sparse()}.items():
        torch.save({"weight": quarters([2], torch.float32), "other": value}, FOLDER / f"{name}.pth")


if __name__ == "__main__":
    main()

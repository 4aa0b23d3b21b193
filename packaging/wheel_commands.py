"""The programs of Barlow Studio, started with the torch of this Python environment."""

import importlib.util
import os
import pathlib
import sys


def _start(name):
    environment = dict(os.environ)
    if not environment.get("BARLOW_TORCH"):
        # Found, not imported: that would take seconds.
        spec = importlib.util.find_spec("torch")
        if spec is not None and spec.submodule_search_locations:
            environment["BARLOW_TORCH"] = list(spec.submodule_search_locations)[0]
    launcher = str(pathlib.Path(__file__).resolve().parent / "package" / "bin" / name)
    os.execve(launcher, [launcher, *sys.argv[1:]], environment)


def barlow():
    _start("barlow")


def barlow_studio():
    _start("barlow-studio")

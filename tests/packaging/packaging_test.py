#!/usr/bin/env python3
"""What packages do without a built program: the launcher against folders that look like LibTorch, the wheel, the pages.

    packaging_test.py
"""

import base64
import csv
import hashlib
import io
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest
import zipfile

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
sys.dont_write_bytecode = True
sys.path.insert(0, str(PACKAGING))
import bundle  # noqa: E402
import command_pages  # noqa: E402


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


class TempTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="barlow packaging ")  # with a space, as a user's may have
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()


class Launcher(TempTest):
    """An installed tree whose program prints its arguments and where the loader would look."""

    def setUp(self):
        super().setUp()
        self.tree = self.folder / "tree"
        text = (PACKAGING / "launcher.sh.in").read_text()
        for name, value in {"BARLOW_TORCH_VERSION": "2.11.0",
                            "BARLOW_TORCH_SONAMES": "libtorch_cpu.so libc10.so libcudart.so.99"}.items():
            text = text.replace(f"@{name}@", value)
        self.launcher = write(self.tree / "bin/barlow", text, 0o755)
        programs = self.tree / "libexec/barlow-studio"
        write(programs / "barlow", '#!/bin/sh\nprintf "%s\\n" "$@" "$LD_LIBRARY_PATH"\nexit 7\n', 0o755)
        write(programs / "fetch-libtorch", "#!/bin/sh\nexit 1\n", 0o755)
        self.home = self.folder / "home"
        self.python = self.folder / "python"
        self.python.mkdir()

    def torch(self, folder, version="2.11.0+cu130", libraries=("libtorch_cpu.so", "libc10.so"), cuda=True):
        write(folder / "torch/__init__.py", "raise SystemExit('torch was imported')\n")
        write(folder / "torch/version.py", f"from typing import Optional\n__version__ = '{version}'\n")
        for library in libraries:
            write(folder / "torch/lib" / library, "")
        if cuda:
            write(folder / "nvidia/cu13/lib/libcudart.so.99", "")
        return folder / "torch"

    def run_it(self, *arguments, launcher=None, cwd=None, **environment):
        return subprocess.run(
            [launcher or self.launcher, *arguments], capture_output=True, text=True, cwd=cwd or self.folder,
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.home), "PYTHONPATH": str(self.python), **environment})

    def expect_one_line(self, result, *parts):
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def test_takes_pythons_torch_without_importing_it(self):
        torch = self.torch(self.python)
        result = self.run_it("a b", "--c=*", LD_LIBRARY_PATH="/somewhere")
        self.assertEqual(result.returncode, 7, result.stderr)
        self.assertEqual(result.stdout.splitlines(),
                         ["a b", "--c=*", f"{torch}/lib:{torch}/../nvidia/cu13/lib:/somewhere"])

    def test_prefers_BARLOW_TORCH(self):
        self.torch(self.python)
        other = self.torch(self.folder / "other")
        for name in (str(other), "other/torch"):
            result = self.run_it(BARLOW_TORCH=name)
            self.assertTrue(result.stdout.strip().startswith(f"{other}/lib:"), result.stdout + result.stderr)

    def test_takes_an_unpacked_archive(self):
        torch = self.torch(self.folder / "other")
        (torch / "version.py").unlink()
        write(torch / "build-version", "2.11.1+cu130\n")
        self.assertEqual(self.run_it(BARLOW_TORCH=str(torch)).returncode, 7)
        (torch / "build-version").unlink()
        write(torch / "include/torch/headeronly/version.h",
              "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 11\n#define TORCH_VERSION_PATCH 2\n")
        self.assertEqual(self.run_it(BARLOW_TORCH=str(torch)).returncode, 7)

    def test_takes_what_was_fetched_when_pythons_does_not_fit(self):
        self.torch(self.python, version="2.12.0")
        fetched = self.torch(self.home / ".local/share/barlow-studio/torch-2.11/lib/python3.11/site-packages")
        result = self.run_it()
        self.assertTrue(result.stdout.strip().startswith(f"{fetched}/lib:"), result.stdout + result.stderr)

    def test_says_what_is_missing(self):
        self.expect_one_line(self.run_it(), "no LibTorch 2.11", "BARLOW_TORCH", "fetch-libtorch")

    def test_says_which_version_it_found(self):
        self.torch(self.python, version="2.12.0+cpu")
        self.expect_one_line(self.run_it(), f"{self.python}/torch is LibTorch 2.12.0, this program needs 2.11")

    def test_does_not_take_2_1_for_2_11(self):
        self.torch(self.python, version="2.1.1")
        self.expect_one_line(self.run_it(), "is LibTorch 2.1.1")

    def test_says_when_cuda_is_missing(self):
        torch = self.torch(self.folder / "other", cuda=False)
        self.expect_one_line(self.run_it(BARLOW_TORCH=str(torch)), "BARLOW_TORCH does not fit", "has no libcudart.so.99")

    def test_passes_over_a_folder_torch_where_it_is_started(self):
        self.torch(self.folder / "here")
        self.expect_one_line(self.run_it(cwd=self.folder / "here"), "no LibTorch 2.11")

    def test_starts_through_a_link_of_another_name(self):
        torch = self.torch(self.folder / "other")
        link = self.folder / "start"
        link.symlink_to("tree/bin/barlow")
        self.assertEqual(self.run_it(launcher=link, BARLOW_TORCH=str(torch)).returncode, 7)

    def test_says_when_the_system_is_too_old(self):
        write(self.tree / "share/barlow-studio/glibc", "99.1\n")
        torch = self.torch(self.folder / "other")
        self.expect_one_line(self.run_it(BARLOW_TORCH=str(torch)), "this program needs 99.1 or newer")

    def test_says_when_it_lies_alone(self):
        alone = write(self.folder / "alone/bin/barlow", self.launcher.read_text(), 0o755)
        self.expect_one_line(self.run_it(launcher=alone), "unpack the whole archive")


class Wheel(TempTest):
    def test_has_what_pip_asks_for(self):
        stage = self.folder / "stage"
        for name in ("barlow", "barlow-studio"):
            write(stage / "bin" / name, "#!/bin/sh\n", 0o755)
        write(stage / "share/barlow-studio/glibc", "2.36\n")
        wheel = bundle.write_wheel(stage, "0.1.0", "2.11", self.folder)
        self.assertEqual(wheel.name, "barlow_studio-0.1.0+torch2.11-py3-none-manylinux_2_36_x86_64.whl")
        with zipfile.ZipFile(wheel) as archive:
            info = "barlow_studio-0.1.0+torch2.11.dist-info"
            self.assertIn("Requires-Dist: torch>=2.11,<2.12\n", archive.read(f"{info}/METADATA").decode())
            self.assertIn("barlow-studio = barlow_studio:barlow_studio\n", archive.read(f"{info}/entry_points.txt").decode())
            mode = archive.getinfo("barlow_studio/package/bin/barlow").external_attr >> 16
            self.assertTrue(mode & stat.S_IXUSR)
            rows = {row[0]: row for row in csv.reader(io.StringIO(archive.read(f"{info}/RECORD").decode()))}
            self.assertEqual(set(rows), set(archive.namelist()))
            for name, row in rows.items():
                if name != f"{info}/RECORD":
                    digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
                    self.assertEqual(row, [name, f"sha256={digest}", str(len(archive.read(name)))])

    def test_is_the_same_for_the_same_files(self):
        stage = self.folder / "stage"
        write(stage / "bin/barlow", "#!/bin/sh\n", 0o755)
        write(stage / "share/barlow-studio/glibc", "2.36\n")
        first = bundle.write_wheel(stage, "0.1.0", "2.11", self.folder).read_bytes()
        os.utime(stage / "bin/barlow", (1, 1))
        self.assertEqual(bundle.write_wheel(stage, "0.1.0", "2.11", self.folder).read_bytes(), first)


HELP = """\
What it is for
Usage: tool [OPTIONS] SUBCOMMAND

Options:
  -h,--help                   Print this help message and exit

Subcommands:
  train                       Train into a run folder
"""

TRAIN_HELP = """\
Train into a run folder
Usage: tool train [OPTIONS] run

Positionals:
  run TEXT REQUIRED           The run's folder

Options:
  --preset TEXT Excludes: --config
                              A configuration
  --steps INT:INT in [0 - 1000000000]
                              How many
  --set KEY=VALUE ...         key=value, any number of times
  --json                      Print one JSON object

Configuration keys (for --set and --config), with defaults before any preset:
  run.seed                    0    at least 0
                                   Same seed, same run.
"""


class Pages(TempTest):
    def read(self):
        tool = write(self.folder / "tool", f"#!/bin/sh\nif [ $1 = train ]; then cat <<'T'\n{TRAIN_HELP}T\n"
                     f"else cat <<'T'\n{HELP}T\nfi\n", 0o755)
        return command_pages.read_command(tool)

    def test_reads_help(self):
        root = self.read()
        self.assertEqual([option.names for option in root.options], [["-h", "--help"]])
        (train,) = root.commands
        self.assertEqual(train.summary, "Train into a run folder")
        self.assertEqual([(option.names, option.takes, option.help) for option in train.options],
                         [(["--preset"], "TEXT", "A configuration"), (["--steps"], "INT", "How many"),
                          (["--set"], "KEY=VALUE", "key=value, any number of times"), (["--json"], "", "Print one JSON object")])
        self.assertEqual(train.positionals, [("run", "The run's folder")])
        self.assertEqual(len(train.keys), 1)

    def test_bash_completes(self):
        script = command_pages.bash("tool", self.read(), ["quick-shapes", "cifar10-small"])
        for words, expected in ((["tool", "tr"], "train"), (["tool", "train", "--s"], "--steps --set"),
                                (["tool", "train", "--preset", "q"], "quick-shapes")):
            quoted = " ".join(words)
            result = subprocess.run(
                ["bash", "-c", f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _tool\necho \"${{COMPREPLY[*]}}\""],
                capture_output=True, text=True, check=True)
            self.assertEqual(result.stdout.strip(), expected)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Makes packages of a folder that `cmake --install` filled: adds the shared libraries, writes the archive or the wheel.

    bundle.py libraries STAGE
    bundle.py archive STAGE --name NAME --out DIR --limit MIB
    bundle.py wheel STAGE --version VERSION --torch X.Y --out DIR

Needs nothing but Python, readelf and ldconfig. Which libraries are left out stands in never_bundled.txt.
"""

import argparse
import base64
import csv
import fnmatch
import hashlib
import io
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
# The same bytes for the same files: packages carry no date of their own.
DATE = int(os.environ.get("SOURCE_DATE_EPOCH", "1577836800"))


class Problem(Exception):
    """Something that the person who packs must do something about."""


# ---- Shared libraries ------------------------------------------------------------------------------------------------


def never_bundled():
    lines = (HERE / "never_bundled.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def elf_files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and is_elf(path))


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], check=True, capture_output=True, text=True).stdout


def needed_by(path):
    return re.findall(r"\(NEEDED\)\s+Shared library: \[(.+)\]", readelf(path, "-d"))


def search_path_of(path):
    return re.findall(r"\((?:RPATH|RUNPATH)\)\s+Library \w+: \[(.*)\]", readelf(path, "-d"))


def libraries_of_system():
    """Where the loader of this machine finds each library."""
    text = subprocess.run(["ldconfig", "-p"], check=True, capture_output=True, text=True,
                          env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}).stdout
    found = {}
    for name, kind, path in re.findall(r"^\s+(\S+) \(([^)]*)\) => (\S+)$", text, re.MULTILINE):
        if "x86-64" in kind:
            found.setdefault(name, path)
    return found


def add_libraries(stage):
    """Copies what the programs and plugins in `stage` need, and what that needs, into lib/barlow-studio."""
    folder = stage / "lib/barlow-studio"
    patterns = never_bundled()
    system = libraries_of_system()
    folder.mkdir(parents=True, exist_ok=True)
    queue = elf_files(stage)
    seen = set()
    sources = []
    while queue:
        user = queue.pop()
        for name in needed_by(user):
            if name in seen or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                continue
            seen.add(name)
            if name not in system:
                raise Problem(f"{user} needs {name}, which this machine does not have")
            copy = folder / name
            # One file under the one name that is asked for: a wheel has no symbolic links.
            shutil.copyfile(system[name], copy)
            copy.chmod(0o644)
            sources.append(system[name])
            if search_path_of(copy):
                raise Problem(f"{system[name]} has a search path of its own, so it would not find its libraries beside it")
            queue.append(copy)
    return sources


def add_copyrights(stage, sources):
    """Who made the libraries and on what terms they may be passed on, as Debian's packages say it; nothing elsewhere."""
    places = {os.path.realpath(source) for source in sources}
    # Packages from before /lib became a link to /usr/lib name their files there.
    places |= {place.removeprefix("/usr") for place in places}
    try:
        owners = subprocess.run(["dpkg", "-S", *sorted(places)], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return
    folder = stage / "share/doc/barlow-studio/libraries"
    folder.mkdir(parents=True, exist_ok=True)
    for package in sorted(set(re.findall(r"^([^:,\s]+)(?::\w+)?: /", owners, re.MULTILINE))):
        shutil.copyfile(f"/usr/share/doc/{package}/copyright", folder / f"{package}.copyright")


def check_programs(stage):
    for program in elf_files(stage / "libexec"):
        if search_path_of(program) != ["$ORIGIN/../../lib/barlow-studio"]:
            raise Problem(f"{program} looks for libraries in {search_path_of(program)}; build with -DBARLOW_BUNDLE=ON")


def newest_glibc(stage):
    """The oldest glibc that has all that is asked of it, such as "2.36"."""
    versions = set()
    for path in elf_files(stage):
        versions.update(re.findall(r"Name: GLIBC_(\d+\.\d+)", readelf(path, "-V")))
    return max(versions, key=lambda version: tuple(map(int, version.split("."))))


def make_whole(stage):
    check_programs(stage)
    fonts = [f"/usr/share/fonts/truetype/dejavu/{font.name}" for font in stage.glob("share/barlow-studio/fonts/*.ttf")]
    add_copyrights(stage, add_libraries(stage) + fonts)
    (stage / "share/barlow-studio").mkdir(parents=True, exist_ok=True)
    (stage / "share/barlow-studio/glibc").write_text(newest_glibc(stage) + "\n")


# ---- Packages --------------------------------------------------------------------------------------------------------


def files_of(stage):
    return sorted(path for path in stage.rglob("*") if not path.is_dir() or path.is_symlink())


def mode_of(path):
    return 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644


def write_archive(stage, name, out):
    """NAME.tar.xz, with everything below the folder NAME."""
    target = out / f"{name}.tar.xz"
    part = target.with_name(target.name + ".part")
    with open(part, "wb") as file:
        # xz itself, for all cores; Python's own takes one.
        with subprocess.Popen(["xz", "-9", "--threads=0", "--block-size=256MiB"], stdin=subprocess.PIPE,
                              stdout=file) as compressor:
            with tarfile.open(fileobj=compressor.stdin, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                for path in files_of(stage):
                    entry = archive.gettarinfo(path, f"{name}/{path.relative_to(stage)}")
                    entry.uid = entry.gid = 0
                    entry.uname = entry.gname = ""
                    entry.mtime = DATE
                    entry.mode = mode_of(path)
                    with open(path, "rb") as content:
                        archive.addfile(entry, content)
            compressor.stdin.close()
    if compressor.returncode != 0:
        raise Problem(f"xz failed on {part}")
    part.rename(target)
    return target


def warn_of_size(stage, archive, limit):
    """What grew unnoticed: a library that pulls in a hundred others, or a BLAS for every processor."""
    size = archive.stat().st_size / 2**20
    if size > limit:
        largest = sorted(elf_files(stage / "lib"), key=lambda path: -path.stat().st_size)[:5]
        names = ", ".join(f"{path.name} {path.stat().st_size / 2**20:.0f} MiB" for path in largest)
        print(f"bundle.py: {archive.name} has {size:.0f} MiB, more than the {limit} that it should; the largest of "
              f"{len(elf_files(stage / 'lib'))} libraries, unpacked: {names}", file=sys.stderr)


# ---- The wheel -------------------------------------------------------------------------------------------------------

METADATA = """\
Metadata-Version: 2.1
Name: barlow-studio
Version: {version}
Summary: Experiment studio for self-supervised learning with Barlow Twins
License: GPL-3.0-or-later
Classifier: Environment :: Console
Classifier: Environment :: GPU :: NVIDIA CUDA
Classifier: License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)
Classifier: Operating System :: POSIX :: Linux
Classifier: Topic :: Scientific/Engineering :: Artificial Intelligence
Requires-Python: >=3.10
Requires-Dist: torch>={torch},<{next_torch}
Description-Content-Type: text/markdown

{description}"""

WHEEL = """\
Wheel-Version: 1.0
Generator: barlow-studio bundle.py
Root-Is-Purelib: false
Tag: {tag}
"""


def write_wheel(stage, version, torch, out):
    """A wheel of the same files, in the folder `package` of a Python package that starts them."""
    major, minor = map(int, torch.split("."))
    glibc = (stage / "share/barlow-studio/glibc").read_text().strip().replace(".", "_")
    tag = f"py3-none-manylinux_{glibc}_x86_64"
    # One version for each LibTorch: it is part of the number, as CUDA is of torch's own.
    version = f"{version}+torch{torch}"
    info = f"barlow_studio-{version}.dist-info"
    commands = sorted(path.name for path in (stage / "bin").iterdir() if path.name.startswith("barlow"))
    entry_points = "[console_scripts]\n" + "".join(
        f"{command} = barlow_studio:{command.replace('-', '_')}\n" for command in commands)
    metadata = METADATA.format(version=version, torch=torch, next_torch=f"{major}.{minor + 1}",
                               description=(HERE / "wheel_description.md").read_text())
    target = out / f"barlow_studio-{version}-{tag}.whl"
    part = target.with_name(target.name + ".part")
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

        def add(name, content, mode=0o644):
            entry = zipfile.ZipInfo(name, time.gmtime(DATE)[:6])
            entry.external_attr = (stat.S_IFREG | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.writerow([name, f"sha256={digest}", len(content)])

        for path in files_of(stage):
            add(f"barlow_studio/package/{path.relative_to(stage)}", path.read_bytes(), mode_of(path))
        add("barlow_studio/__init__.py", (HERE / "wheel_commands.py").read_bytes())
        add(f"{info}/METADATA", metadata.encode())
        add(f"{info}/WHEEL", WHEEL.format(tag=tag).encode())
        add(f"{info}/entry_points.txt", entry_points.encode())
        add(f"{info}/licenses/LICENSE", (HERE.parent / "LICENSE").read_bytes())
        rows.writerow([f"{info}/RECORD", "", ""])
        add(f"{info}/RECORD", record.getvalue().encode())
    part.rename(target)
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for command, options in {"libraries": (), "archive": ("--name", "--out", "--limit"),
                             "wheel": ("--version", "--torch", "--out")}.items():
        sub = commands.add_parser(command)
        sub.add_argument("stage", type=pathlib.Path)
        for option in options:
            sub.add_argument(option, required=True)
    arguments = parser.parse_args()
    try:
        if arguments.command == "libraries":
            make_whole(arguments.stage)
        elif arguments.command == "archive":
            archive = write_archive(arguments.stage, arguments.name, pathlib.Path(arguments.out))
            warn_of_size(arguments.stage, archive, int(arguments.limit))
            print(archive)
        else:
            print(write_wheel(arguments.stage, arguments.version, arguments.torch, pathlib.Path(arguments.out)))
    except Problem as problem:
        sys.exit(f"bundle.py: {problem}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"bundle.py: {error}: {error.stderr}")


if __name__ == "__main__":
    main()

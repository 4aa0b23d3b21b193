#!/usr/bin/env bash
# Unpacks an archive into a new folder and runs it there with nothing of this shell's environment: what it starts with, and
# what it says where LibTorch is missing or another one.
#   smoke_test.sh ARCHIVE TORCH_DIR
set -euo pipefail

archive=$(realpath "$1")
torch=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/elsewhere"
cd "$work/elsewhere"

fail() {
  printf 'smoke_test: %s\n' "$*" >&2
  [[ -s $work/log ]] && tail -n 20 "$work/log" >&2
  exit 1
}

# A system with nothing but its own programs, and python3 without torch.
bare() { env -i PATH=/usr/bin:/bin HOME="$work/home" "$@" </dev/null 2>"$work/log"; }
with_torch() { bare BARLOW_TORCH="$torch" "$@"; }

# The one line that the last program said, and nothing else.
said() { [[ $(wc -l <"$work/log") == 1 ]] && grep -q -- "$1" "$work/log"; }

tar -xf "$archive" -C "$work"
bundle=$(printf '%s\n' "$work"/barlow-studio-*)

[[ $(with_torch "$bundle/bin/barlow" --version) == "Barlow Studio "* ]] || fail "bin/barlow --version does not work"
with_torch "$bundle/bin/barlow" presets list | grep -q '^quick-shapes ' || fail "presets list does not name quick-shapes"
with_torch "$bundle/bin/barlow" train --preset quick-shapes --steps 3 --device cpu --out "$work/run" --json >"$work/summary" ||
  fail "three steps of training failed"
[[ $(wc -l <"$work/run/metrics.jsonl") == 3 ]] || fail "three steps of training left other than three rows"
# By another name and from another folder: the programs are found from the link's end.
ln -s "$bundle/bin/barlow" "$work/elsewhere/train-here"
with_torch ./train-here --version >/dev/null || fail "bin/barlow does not start through a symbolic link"

if bare BARLOW_TORCH="$work/home" "$bundle/bin/barlow" --version; then
  fail "a folder without LibTorch was taken for one"
fi
said 'BARLOW_TORCH does not fit: there is no lib/libtorch_cpu.so in' ||
  fail "a BARLOW_TORCH without LibTorch is not explained in one line"
mkdir -p "$work/other/lib"
touch "$work/other/lib/libtorch_cpu.so"
printf "__version__ = '1.2.3+cpu'\n" >"$work/other/version.py"
if bare BARLOW_TORCH="$work/other" "$bundle/bin/barlow" --version; then
  fail "a LibTorch of another version was taken"
fi
said 'is LibTorch 1.2.3, this program needs 2\.' || fail "another version of LibTorch is not explained"
if ! bare python3 -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'; then
  if bare "$bundle/bin/barlow" --version; then
    fail "the program started without LibTorch"
  fi
  said 'set BARLOW_TORCH' || fail "a missing LibTorch is not explained"
fi

if [[ -e $bundle/bin/barlow-studio ]]; then
  [[ $(with_torch "$bundle/bin/barlow-studio" --version) == barlow-studio* ]] || fail "bin/barlow-studio --version does not work"
  with_torch "$bundle/bin/barlow-studio" --screenshot "$work/window.png" || fail "the window cannot draw itself"
  [[ -s $work/window.png ]] || fail "the window left no picture of itself"
fi
printf 'smoke_test: %s works\n' "${archive##*/}" >&2

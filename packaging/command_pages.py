#!/usr/bin/env python3
"""Writes what a shell and `man` know of a program, from its own --help: nothing of it is written twice.

    command_pages.py PROGRAM --version VERSION --out DIR [--presets BARLOW]

PROGRAM.1 and the completions for bash (PROGRAM), zsh (_PROGRAM) and fish (PROGRAM.fish) in DIR. Understands the help of CLI11
and of QCommandLineParser. --preset, --start and `presets show` are completed with what `BARLOW presets list` says.
"""

import argparse
import dataclasses
import pathlib
import re
import subprocess

ABOUT = {
    "barlow": "train image networks without labels by Barlow Twins",
    "barlow-studio": "see and steer self-supervised learning with Barlow Twins",
}

EXAMPLES = {
    "barlow": """\
barlow train \\-\\-preset quick\\-shapes
barlow train \\-\\-preset folder\\-224 \\-\\-data ~/photos \\-\\-out runs/photos
barlow resume runs/photos
barlow correlate a.npy b.npy \\-\\-png c.png""",
    "barlow-studio": """\
barlow\\-studio ~/photos
barlow\\-studio a.npy b.npy
barlow\\-studio \\-\\-start quick\\-shapes \\-\\-until\\-step 100 \\-\\-screenshot window.png""",
}

ENVIRONMENT = """\
.TP
.B BARLOW_TORCH
The folder of the LibTorch to use (with lib/ in it): the torch folder of a Python package or an unpacked archive. Without
it, that of the torch of python3 is used, else the one in ~/.local/share/barlow\\-studio.
.TP
.B BARLOW_PIP_ARGS
Further arguments for pip where LibTorch is fetched, such as \\-\\-index\\-url or \\-\\-proxy."""

EXIT_STATUS = {
    "barlow": """\
0: done. 1: failed; the message says what, where and what to do. 2: wrong usage or configuration. 130: interrupted after a
clean stop.""",
    "barlow-studio": "0: done. 1: failed. 2: wrong usage.",
}


@dataclasses.dataclass
class Option:
    names: list
    takes: str  # what it takes, in capitals; empty for a flag
    help: str


@dataclasses.dataclass
class Command:
    path: tuple
    summary: str
    usage: str = ""
    options: list = dataclasses.field(default_factory=list)
    positionals: list = dataclasses.field(default_factory=list)  # (name, help)
    commands: list = dataclasses.field(default_factory=list)
    keys: list = dataclasses.field(default_factory=list)  # (key and limits, help)

    def all(self):
        yield self
        for command in self.commands:
            yield from command.all()


# ---- Reading ---------------------------------------------------------------------------------------------------------


def help_of(program, path):
    result = subprocess.run([program, *path, "--help"], check=True, capture_output=True, text=True,
                            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "COLUMNS": "100"})
    return result.stdout


def entries(lines):
    """Pairs of what stands to the left and to the right: "  left   right", the right side on lines of its own or not."""
    found = []
    for line in lines:
        deep = re.match(r"^ {10,}(\S.*)$", line)
        if deep and found:
            found[-1][1] = (found[-1][1] + " " + deep[1]).strip()
            continue
        flat = re.match(r"^ {2}(\S.*?)(?: {2,}(\S.*))?$", line)
        if flat:
            found.append([flat[1], flat[2] or ""])
    return found


def sections(text):
    """The lines below each heading ("Options:"), by its first word; those before the first heading under ""."""
    result = {"": []}
    heading = ""
    for line in text.splitlines():
        match = re.match(r"^([A-Z]\w+)(?: [^:]*)?(?:, [^:]*)?:\s*$", line)
        if match:
            heading = match[1]
            result.setdefault(heading, [])
        else:
            result[heading].append(line)
    return result


def read_option(left, text):
    names = re.findall(r"(?<![\w-])(--?[A-Za-z][\w-]*)", re.split(r" (?:Excludes|Needs):", left)[0])
    rest = re.sub(r"^.*--?[A-Za-z][\w-]*", "", re.split(r" (?:Excludes|Needs):", left)[0])
    takes = re.sub(r"[:=].*| *\.\.\.$| REQUIRED", "", rest.strip(" <>")).strip(" <>") if rest.strip() else ""
    if "KEY=VALUE" in rest:
        takes = "KEY=VALUE"
    return Option(names, takes.upper(), text)


def read_command(program, path=(), summary=""):
    parts = sections(help_of(program, path))
    command = Command(path, summary)
    for line in parts[""]:
        if line.startswith("Usage:"):
            command.usage = re.sub(r"^.*?(\[|$)", r"\1", line[len("Usage:"):].strip())
    for left, text in entries(parts.get("Options", [])):
        option = read_option(left, text)
        # Qt's own, for its developers.
        if option.names and option.names != ["--help-all"]:
            option.names = [name for name in option.names if name != "--help-all"]
            command.options.append(option)
    for left, text in entries(parts.get("Positionals", []) + parts.get("Arguments", [])):
        command.positionals.append((re.sub(r" (TEXT|INT|FLOAT|REQUIRED|\.\.\.).*", "", left), text))
    for left, text in entries(parts.get("Configuration", [])):
        command.keys.append((left, text))
    for left, text in entries(parts.get("Subcommands", [])):
        command.commands.append(read_command(program, (*path, left), text))
    return command


# ---- The manual ------------------------------------------------------------------------------------------------------


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def option_lines(command):
    for option in command.options:
        names = ", ".join(f"\\fB{roff(name)}\\fR" for name in option.names)
        yield ".TP"
        yield names + (f" \\fI{roff(option.takes)}\\fR" if option.takes else "")
        yield roff(option.help or " ")
    for name, text in command.positionals:
        yield ".TP"
        yield f"\\fI{roff(name)}\\fR"
        yield roff(text or " ")


def manual(name, version, root):
    lines = [f'.TH {name.upper().replace("-", chr(92) + "-")} 1 "" "Barlow Studio {version}" "User Commands"',
             ".SH NAME", f"{roff(name)} \\- {ABOUT[name]}",
             ".SH SYNOPSIS", f".B {roff(name)}", roff(root.usage)]
    lines += [".SH OPTIONS", *option_lines(root)]
    commands = [command for command in root.all() if command.path]
    if commands:
        lines.append(".SH COMMANDS")
    for command in commands:
        lines += [f".SS {roff(' '.join((name, *command.path)))} {roff(command.usage)}", roff(command.summary) + "."]
        lines += option_lines(command)
    keys = next((command.keys for command in root.all() if command.keys), [])
    if keys:
        lines += [".SH CONFIGURATION KEYS", "Of a configuration file, and for \\-\\-set."]
        for key, text in keys:
            lines += [".TP", f"\\fB{roff(key)}\\fR", roff(text)]
    lines += [".SH EXIT STATUS", EXIT_STATUS[name], ".SH ENVIRONMENT", ENVIRONMENT,
              ".SH EXAMPLES", ".nf", EXAMPLES[name], ".fi",
              ".SH SEE ALSO", ".BR barlow (1)," if name != "barlow" else ".BR barlow\\-studio (1)"]
    if name != "barlow":
        lines[-1] = ".BR barlow (1)"
    return "\n".join(lines) + "\n"


# ---- Completions -----------------------------------------------------------------------------------------------------


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def values_of(option, presets):
    return presets if {"--preset", "--start"} & set(option.names) else []


def bash(name, root, presets):
    function = "_" + name.replace("-", "_")
    lines = [f"# Completion of {name} for bash.", f"{function}() {{",
             "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path='' words='' word",
             '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do', '    case "$path $word" in']
    paths = [" ".join(("", *command.path)) for command in root.all() if command.path]
    if paths:
        lines.append("      " + " | ".join(quoted(path) for path in paths) + ') path="$path $word" ;;')
    lines += ["    esac", "  done", '  case "$path $prev" in']
    files = []
    for command in root.all():
        for option in command.options:
            values = values_of(option, presets)
            patterns = [quoted(" ".join(("", *command.path, word))) for word in option.names if option.takes]
            if values:
                lines.append(f"    {' | '.join(patterns)}) COMPREPLY=($(compgen -W {quoted(' '.join(values))} -- \"$cur\")); return ;;")
            else:
                files += patterns
    if files:
        lines.append(f"    {' | '.join(files)}) compopt -o default; return ;;")
    lines += ["  esac", '  case "$path" in']
    for command in root.all():
        words = [sub.path[-1] for sub in command.commands]
        if command.path == ("presets", "show"):
            words += presets
        words += [long for option in command.options for long in option.names if long.startswith("--")]
        lines.append(f"    {quoted(' '.join(('', *command.path)) if command.path else '')}) words={quoted(' '.join(words))} ;;")
    lines += ["  esac", '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
              "  [[ ${#COMPREPLY[@]} -gt 0 || $cur == -* ]] || compopt -o default", "}",
              f"complete -F {function} {name}"]
    return "\n".join(lines) + "\n"


def zsh_text(text):
    return re.sub(r"([\[\]:'\\])", lambda match: {"'": "'\\''"}.get(match[1], "\\" + match[1]), text)


def zsh(name, root, presets):
    lines = [f"#compdef {name}", f"# Completion of {name} for zsh."]

    def function_of(command):
        return "_" + "_".join((name, *command.path)).replace("-", "_")

    for command in root.all():
        lines += ["", f"{function_of(command)}() {{"]
        specs = []
        for option in command.options:
            values = values_of(option, presets)
            action = ""
            if option.takes:
                action = f":{option.takes.lower().replace(':', ' ')}:" + (f"({' '.join(values)})" if values else "_files")
            for option_name in option.names:
                specs.append(f"'{option_name}[{zsh_text(option.help)}]{action}'")
        if command.commands:
            lines.append("  local context state line ret=1")
            lines.append("  local -a commands=(")
            lines += [f"    '{sub.path[-1]}:{zsh_text(sub.summary)}'" for sub in command.commands]
            lines.append("  )")
            specs += ["'1:command:->command'", "'*::argument:->argument'"]
        elif command.path == ("presets", "show"):
            specs.append(f"'1:preset:({' '.join(presets)})'")
        else:
            specs.append("'*:file:_files'")
        lines.append("  _arguments " + ("-C " if command.commands else "") + "\\\n    " + " \\\n    ".join(specs))
        if command.commands:
            lines += ["  case $state in", "    command) _describe command commands ;;", "    argument)",
                      "      case $line[1] in"]
            lines += [f"        {sub.path[-1]}) {function_of(sub)} ;;" for sub in command.commands]
            lines += ["      esac", "      ;;", "  esac"]
        lines.append("}")
    lines += ["", f'{function_of(root)} "$@"']
    return "\n".join(lines) + "\n"


def fish(name, root, presets):
    lines = [f"# Completion of {name} for fish."]
    for command in root.all():
        seen = " && ".join(f"__fish_seen_subcommand_from {word}" for word in command.path)
        below = " ".join(sub.path[-1] for sub in command.commands)
        first = " && ".join(filter(None, [seen, f"not __fish_seen_subcommand_from {below}"])) if below else seen
        for sub in command.commands:
            lines.append(f"complete -c {name} -f -n {quoted(first)} -a {sub.path[-1]} -d {quoted(sub.summary)}")
        condition = f" -n {quoted(first)}" if first else ""
        if command.path == ("presets", "show"):
            lines.append(f"complete -c {name} -f{condition} -a {quoted(' '.join(presets))}")
        for option in command.options:
            flags = "".join(f" -l {option_name[2:]}" if option_name.startswith("--") else f" -s {option_name[1:]}"
                            for option_name in option.names)
            values = values_of(option, presets)
            takes = (" -x -a " + quoted(" ".join(values)) if values else " -r") if option.takes else ""
            lines.append(f"complete -c {name}{condition}{flags}{takes} -d {quoted(option.help)}")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--presets", type=pathlib.Path, help="the barlow whose presets are completed")
    arguments = parser.parse_args()
    name = arguments.program.name
    root = read_command(arguments.program)
    listed = subprocess.run([arguments.presets or arguments.program, "presets", "list"], check=True,
                            capture_output=True, text=True).stdout
    presets = re.findall(r"^([a-z][a-z0-9-]+) ", listed, re.MULTILINE)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / f"{name}.1").write_text(manual(name, arguments.version, root))
    (arguments.out / name).write_text(bash(name, root, presets))
    (arguments.out / f"_{name}").write_text(zsh(name, root, presets))
    (arguments.out / f"{name}.fish").write_text(fish(name, root, presets))


if __name__ == "__main__":
    main()

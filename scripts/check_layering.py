#!/usr/bin/env python3
"""Holds every #include under src/ to src/LAYERS.

A file may include its own folder and the folders its row lists; a row may list only rows above it, so a cycle cannot
be written down. Every folder with sources has a row, and every row a folder with a README.md of at most 40 lines.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
README_LINES_MAX = 40


def read_layers():
    rows, errors = {}, []
    for number, line in enumerate((SRC / "LAYERS").read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        folder, _, uses = line.partition(":")
        for use in uses.split():
            if use not in rows:
                errors.append(f"src/LAYERS:{number}: {folder} lists {use}, which does not stand above it")
        rows[folder] = set(uses.split())
    return rows, errors


def folder_of(path):
    return str(path.parent.relative_to(SRC))


def check_file(path, rows):
    folder = folder_of(path)
    if folder not in rows:
        return [f"{path.relative_to(ROOT)}: folder {folder} has no row in src/LAYERS"]
    errors = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#include "([^"]+)"', line)
        if not match:
            continue
        target = str(pathlib.PurePosixPath(match.group(1)).parent)
        if not (SRC / match.group(1)).exists():
            continue
        is_test = path.stem.endswith(("_test", "_benchmark", "_fuzz")) or "test" in path.stem
        if target == folder or target in rows[folder] or (is_test and target in reachable(folder, rows)):
            continue
        errors.append(f"{path.relative_to(ROOT)}:{number}: {folder} may not include {target} (src/LAYERS)")
    return errors


def reachable(folder, rows):
    seen, todo = set(), [folder]
    while todo:
        for use in rows[todo.pop()]:
            if use not in seen:
                seen.add(use)
                todo.append(use)
    return seen


def check_readme(folder):
    readme = SRC / folder / "README.md"
    if not readme.exists():
        return [f"src/{folder}/README.md is missing"]
    lines = len(readme.read_text().splitlines())
    return [f"src/{folder}/README.md has {lines} lines, at most {README_LINES_MAX}"] if lines > README_LINES_MAX else []


def main():
    rows, errors = read_layers()
    files = sorted(p for p in SRC.rglob("*") if p.suffix in (".h", ".cc"))
    for path in files:
        errors += check_file(path, rows)
    for folder in rows:
        errors += check_readme(folder)
    print("\n".join(errors) if errors else f"layering: {len(files)} files in {len(rows)} folders, no violation")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs clang-tidy over compile_commands.json in parallel. A file whose content, headers and settings passed before is not
looked at again: passes are remembered by content outside the tree, so a fresh clone profits too.

    ci/tidy.py BUILD_DIR JOBS [--deep]     --deep adds the tests, and the path-sensitive analyzer, which takes three times as
                                           long
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

TIDY = "clang-tidy-14"
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "squall-tidy")


def sources(build_dir):
    root = os.getcwd()
    with open(os.path.join(build_dir, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
            if not path.startswith("..") and not path.startswith("build/"):
                yield path, entry


def dependencies(entry):
    """Project headers of a source, by the compiler's own word."""
    command = re.sub(r"\s-o\s+\S+|\s-c\s|\s-MD|\s-MT\s+\S+|\s-MF\s+\S+", " ", " " + entry["command"] + " ")
    result = subprocess.run(re.sub(r"^\s*\S*ccache\s", " ", command) + " -MM", shell=True, cwd=entry["directory"],
                            capture_output=True, text=True, check=True)
    names = result.stdout.replace("\\\n", " ").split()[1:]
    return sorted({os.path.normpath(os.path.join(entry["directory"], n)) for n in names})


def settings(paths):
    """Every .clang-tidy that can count for these files: those of their folders and of the folders above."""
    folders = {folder for path in paths for folder in pathlib.PurePath(path).parents}
    return sorted(str(folder / ".clang-tidy") for folder in folders if os.path.isfile(folder / ".clang-tidy"))


def fingerprint(entry, version, checks):
    digest = hashlib.sha256(version + checks.encode())
    paths = [os.path.relpath(name) for name in dependencies(entry)]
    for path in settings(paths) + paths:
        digest.update(path.encode())
        digest.update(open(path, "rb").read())
    return digest.hexdigest()


def check(path, entry, build_dir, version, checks):
    mark = os.path.join(CACHE, fingerprint(entry, version, checks))
    if os.path.exists(mark):
        return path, 0, "", True
    result = subprocess.run([TIDY, "--quiet", "-p", build_dir, f"--checks={checks}", path], capture_output=True, text=True)
    if result.returncode == 0:
        open(mark, "w", encoding="utf-8").close()
    return path, result.returncode, result.stdout, False


def main():
    build_dir, jobs = sys.argv[1], int(sys.argv[2])
    deep = "--deep" in sys.argv[3:]
    checks = "" if deep else "-clang-analyzer-*"  # on top of .clang-tidy
    os.makedirs(CACHE, exist_ok=True)
    version = subprocess.run([TIDY, "--version"], check=True, capture_output=True).stdout
    work = sorted((path, entry) for path, entry in dict(sources(build_dir)).items() if deep or not path.startswith("tests/"))
    failed = known = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(check, path, entry, build_dir, version, checks) for path, entry in work]
        for future in concurrent.futures.as_completed(futures):
            path, code, output, cached = future.result()
            known += cached
            if code != 0:
                failed += 1
                print(f"-- {path}\n{output}", file=sys.stderr)
    print(f"clang-tidy: {len(work)} files, {known} known to be clean, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

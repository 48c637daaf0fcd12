"""Checks every #include against ci/layers.txt. Prints each violation as file:line and exits 1 if there is one."""
import fnmatch
import re
import subprocess
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])')


def read_table(path):
    allowed, headers, source_only = {}, {}, []
    for line in open(path, encoding="utf-8"):
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, rest = line.partition(":")
        words = rest.split()
        if name == "source-only":
            source_only = words
        elif name.startswith("<"):
            headers[name] = words
        else:
            allowed[name] = words
    return allowed, headers, source_only


def folder_of(path, allowed):
    """The longest folder of the table that holds the path."""
    fitting = [f for f in allowed if path.startswith(f + "/")]
    return max(fitting, key=len) if fitting else None


def matches(include, pattern):
    return fnmatch.fnmatch(include, pattern if pattern.endswith((">", "*")) else pattern + "*")


def check(path, number, include, table):
    allowed, headers, source_only = table
    folder = folder_of(path, allowed)
    if folder is None:
        return f"{path}:{number}: no layer of ci/layers.txt holds this file"
    if include.startswith('"'):
        target = folder_of(include.strip('"'), allowed)
        if target and target != folder and "*" not in allowed[folder] and target not in allowed[folder]:
            return f"{path}:{number}: {folder} may not include {target}"
    for pattern, folders in headers.items():
        if matches(include, pattern) and not any(path.startswith(f + "/") for f in folders):
            return f"{path}:{number}: {include} belongs to {' and '.join(folders)} only"
    if path.endswith(".hpp") and any(matches(include, p) for p in source_only):
        return f"{path}:{number}: {include} is heavy: include it in sources only"
    return None


def find_cycle(allowed):
    def visit(folder, trail):
        if folder in trail:
            return trail[trail.index(folder):] + [folder]
        for other in allowed.get(folder, []):
            if other != "*":
                cycle = visit(other, trail + [folder])
                if cycle:
                    return cycle
        return None
    return next(filter(None, (visit(f, []) for f in allowed)), None)


def main():
    table = read_table("ci/layers.txt")
    problems = []
    cycle = find_cycle(table[0])
    if cycle:
        problems.append("ci/layers.txt has a cycle: " + " > ".join(cycle))
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.cpp", "*.hpp"],
                           check=True, capture_output=True, text=True).stdout.split()
    for path in files:
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            found = INCLUDE.match(line)
            if found:
                problem = check(path, number, found.group(1), table)
                if problem:
                    problems.append(problem)
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

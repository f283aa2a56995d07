#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The schemas of what vfioguard prints as JSON: docs/schema/.

schemas.py --documents PATH...	each file, and each file in a folder, holds documents
				that are valid: one, or one a line that begins with {
schemas.py --lint [DIR]		the schemas are JSON Schema 2020-12 and have the versions of
				loader/util/json_writer.h, and none was changed without
				a new one: docs/schema/VERSIONS (in DIR, a copy of the tree)
schemas.py --versions [DIR]	adds the lines that are missing there

Says what is wrong, and ends with 1 then; --documents also if there is no document.
"""
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FAULTS = 20  # that are shown
MOST = 500  # documents of a file that are looked at: a flood has all alike

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit("vfioguard: python3-jsonschema is missing; run: scripts/deps.sh check")


def schemas(top):
    folder = os.path.join(top, "docs/schema")
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                found[name[: -len(".json")]] = json.load(f)
    return found


# --- Documents ---------------------------------------------------------------------


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def documents(path):
    """Yields (place, text) of each document in a file."""
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        text = f.read()
    # One of several lines; a log has others between its lines.
    if text.startswith("{\n") or is_json(text):
        yield path, text
        return
    for n, line in enumerate(text.splitlines(), 1):
        if line.startswith("{"):
            yield "%s:%d" % (path, n), line


def fault_of(text, validators):
    try:
        document = json.loads(text)
    except ValueError as e:
        return "no JSON: %s" % e
    name = document.get("schema")
    if name not in validators:
        return "no schema %r in docs/schema" % name
    for e in validators[name].iter_errors(document):
        at = "/".join(str(p) for p in e.absolute_path)
        return "%s: at '%s': %s" % (name, at, e.message[:300])
    return None


def check_documents(paths):
    validators = {n: Draft202012Validator(s) for n, s in schemas(TOP).items()}
    files, nr, faults = [], 0, []
    for path in paths:
        if os.path.isdir(path):
            files += sorted(os.path.join(path, f) for f in os.listdir(path))
        else:
            files.append(path)
    known = {}  # the same text again and again
    for path in files:
        for place, text in itertools.islice(documents(path), MOST):
            nr += 1
            if text not in known:
                known[text] = fault_of(text, validators)
            if known[text]:
                faults.append("%s: %s" % (place, known[text]))
    for fault in faults[:FAULTS]:
        print(fault)
    print("%d documents, %d not valid" % (nr, len(faults)))
    return not faults and nr > 0


# --- Versions -------------------------------------------------------------------------


def plain(schema, names=False):
    """A schema without what only explains it.  names: its keys are names of members."""
    if isinstance(schema, dict):
        return {
            k: plain(v, not names and k in ("properties", "$defs"))
            for k, v in schema.items()
            if names or k not in ("description", "title", "$comment")
        }
    if isinstance(schema, list):
        return [plain(v) for v in schema]
    return schema


def line_of(name, schema):
    text = json.dumps(plain(schema), sort_keys=True)
    version = schema["properties"]["version"]["const"]
    return "%s %s %s" % (name, version, hashlib.sha256(text.encode()).hexdigest()[:16])


def read_lines(text):
    return [x for x in text.splitlines() if x and not x.startswith("#")]


def committed(top):
    """What the last commit has, of which no line may change."""
    said = subprocess.run(
        ["git", "-C", top, "show", "HEAD:docs/schema/VERSIONS"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return read_lines(said.stdout.decode()) if said.returncode == 0 else []


def number(version):
    return [int(n) for n in version.split(".")]


def lint(top):
    faults = []
    with open(os.path.join(top, "loader/util/json_writer.h"), encoding="utf-8") as f:
        in_code = dict(re.findall(r'^#define VG_JSON_\w+ "([\w-]+)", "([\d.]+)"', f.read(), re.M))
    with open(os.path.join(top, "docs/schema/VERSIONS"), encoding="utf-8") as f:
        lines = read_lines(f.read())
    last = {}
    for line in lines:
        name, version, _ = line.split()
        if name in last and number(version) <= number(last[name].split()[1]):
            faults.append("VERSIONS: '%s' does not come after '%s'" % (line, last[name]))
        last[name] = line
    for line in committed(top):
        if line not in lines:
            faults.append("VERSIONS: '%s' is gone; what was printed once stays known" % line)
    found = schemas(top)
    for name, schema in found.items():
        Draft202012Validator.check_schema(schema)
        if schema["properties"]["schema"]["const"] != name:
            faults.append("%s.json is of another name" % name)
        version = schema["properties"]["version"]["const"]
        if in_code.get(name) != version:
            faults.append("%s.json is version %s, loader/util/json_writer.h has %s"
                          % (name, version, in_code.get(name)))
        if last.get(name) != line_of(name, schema):
            faults.append("%s.json was changed: give it a new version, there and in "
                          "loader/util/json_writer.h (docs/schema/README.md says which "
                          "number), and run: scripts/schemas.py --versions" % name)
    for name in set(in_code) - set(found):
        faults.append("there is no docs/schema/%s.json" % name)
    print("\n".join(faults))
    return not faults


def add_versions(top):
    path = os.path.join(top, "docs/schema/VERSIONS")
    with open(path, encoding="utf-8") as f:
        known = {tuple(x.split()[:2]) for x in read_lines(f.read())}
    with open(path, "a", encoding="utf-8") as f:
        for name, schema in schemas(top).items():
            line = line_of(name, schema)
            if tuple(line.split()[:2]) not in known:
                f.write(line + "\n")
    return True


def main():
    what, rest = sys.argv[1:2], sys.argv[2:]
    if what == ["--documents"] and rest:
        return check_documents(rest)
    if what == ["--lint"]:
        return lint(rest[0] if rest else TOP)
    if what == ["--versions"]:
        return add_versions(rest[0] if rest else TOP)
    sys.exit(__doc__)


sys.exit(0 if main() else 1)

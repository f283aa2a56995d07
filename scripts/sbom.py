#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/sbom.py VERSION EPOCH KERNEL_SOURCE DEB...: what the packages are made of, as
# SPDX 2.3 in JSON, to stdout. KERNEL_SOURCE is the version of the package that libbpf,
# which is linked into the program, was built from. The same packages give the same bytes.

import datetime
import hashlib
import json
import re
import subprocess
import sys

LICENSE = "GPL-2.0-only"


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def field(deb, name):
    return subprocess.run(["dpkg-deb", "-f", deb, name], check=True,
                          capture_output=True, text=True).stdout.strip()


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package(name, version, **more):
    entry = {
        "SPDXID": spdx_id(name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }
    entry.update(more)
    return entry


def depends(deb):
    """Names of what the package depends on; the first of alternatives, as it is chosen."""
    text = field(deb, "Depends")
    return sorted({re.sub(r"[ (|:].*", "", d.strip()) for d in text.split(",") if d.strip()})


def document(version, epoch, kernel, debs):
    own = {"licenseConcluded": LICENSE, "licenseDeclared": LICENSE,
           "supplier": "Organization: vfioguard maintainers"}
    packages, relations, outside = [], [], {}

    def relate(a, kind, b):
        relations.append({"spdxElementId": a, "relationshipType": kind,
                          "relatedSpdxElement": b})

    libbpf = package("libbpf", kernel, licenseConcluded="LGPL-2.1-only OR BSD-2-Clause",
                     licenseDeclared="LGPL-2.1-only OR BSD-2-Clause",
                     sourceInfo="tools/lib/bpf of Debian's linux-source-6.12 " + kernel)
    for deb in debs:
        name = field(deb, "Package")
        entry = package(name, version, packageFileName=deb.rsplit("/", 1)[-1],
                        checksums=[{"algorithm": "SHA256", "checksumValue": sha256(deb)}],
                        externalRefs=[{
                            "referenceCategory": "PACKAGE-MANAGER",
                            "referenceType": "purl",
                            "referenceLocator": "pkg:deb/debian/%s@%s?arch=%s" % (
                                name, version, field(deb, "Architecture"))}],
                        primaryPackagePurpose="INSTALL", **own)
        packages.append(entry)
        relate("SPDXRef-DOCUMENT", "DESCRIBES", entry["SPDXID"])
        for other in depends(deb):
            outside.setdefault(other, package(other, "NOASSERTION"))
            relate(entry["SPDXID"], "DEPENDS_ON", spdx_id(other))
        if field(deb, "Architecture") != "all":
            relate(entry["SPDXID"], "STATIC_LINK", libbpf["SPDXID"])
    packages.append(libbpf)
    packages += [outside[name] for name in sorted(outside)]
    for entry in packages:
        if entry["versionInfo"] == "NOASSERTION":
            del entry["versionInfo"]
    seed = hashlib.sha256(json.dumps([packages, relations]).encode()).hexdigest()
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "vfioguard-" + version,
        "documentNamespace": "urn:vfioguard:sbom:%s:%s" % (version, seed),
        "creationInfo": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: vfioguard-sbom-" + version],
        },
        "packages": packages,
        "relationships": relations,
    }


def main():
    if len(sys.argv) < 5:
        sys.exit("sbom.py: which version, time, kernel source and packages?")
    version, epoch, kernel = sys.argv[1:4]
    json.dump(document(version, int(epoch), kernel, sys.argv[4:]), sys.stdout, indent=2)
    print()


main()

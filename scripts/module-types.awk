# SPDX-License-Identifier: GPL-2.0-only
#
# module-types.awk - is what others need of the stock vfio-pci-core the same in ours?
#
# Of two modules' types, as "bpftool btf dump" prints them: each struct, union and enum
# that both have, and each function that both export, must be the same. For kernels
# without CONFIG_MODVERSIONS, which have no CRCs that would say so.
#
#	awk -f module-types.awk part=symbols Module.symvers part=base KERNEL \
#		part=stock STOCK part=ours OURS
#
# Prints each difference, and "compared N types and N functions"; exit status 1 if there
# is a difference, or if struct vfio_pci_core_device was not compared.

part == "symbols" {
	if ($3 ~ /vfio-pci-core$/)
		exported[$2] = 1
	next
}

/^\[/ {
	id = substr($1, 2, length($1) - 2) + 0
	# Of a module only what is not the kernel's own, whose numbers come first.
	at = part == "base" ? id : part SUBSEP id
	if (part == "base")
		last = id
	kind[at] = $2
	name[at] = substr($3, 2, length($3) - 2)
	to[at] = count[at] = ""
	members[at] = 0
	for (i = 4; i <= NF; i++) {
		if ($i ~ /^(ret_)?type_id=/)
			to[at] = value($i)
		else if ($i ~ /^(nr_elems|size)=/)
			count[at] = value($i)
	}
	if (part != "base" && name[at] != "(anon)" && $2 ~ /^(STRUCT|UNION|ENUM|ENUM64|FUNC)$/) {
		what = $2 " " name[at]
		if (!((part, what) in found))
			found[part, what] = at
		if (part == "ours")
			ours[what] = 1
	}
	next
}

/^\t/ {
	line = $0
	sub(/^\t/, "", line)
	member[at, ++members[at]] = line
}

function value(word)
{
	sub(/^[a-z_]*=/, "", word)
	return word
}

# place(PART, ID): where a type that a module names stands
function place(of, id)
{
	id += 0
	return id <= last ? id : of SUBSEP id
}

# words(PART, ID, DEPTH): a type by its name, or by what it is made of if it has none
function words(of, id, depth,	at)
{
	if (id == 0)
		return "void"
	at = place(of, id)
	if (kind[at] ~ /^(PTR|CONST|VOLATILE|RESTRICT|TYPE_TAG)$/)
		return tolower(kind[at]) " " words(of, to[at], depth)
	if (kind[at] == "ARRAY")
		return words(of, to[at], depth) "[" count[at] "]"
	if (name[at] != "(anon)")
		return kind[at] == "FWD" ? "STRUCT " name[at] : kind[at] " " name[at]
	return depth > 8 ? "..." : body(of, at, depth + 1)
}

# body(PART, PLACE, DEPTH): members with their offsets and types
function body(of, at, depth,	i, line, type, head, tail, text)
{
	text = kind[at] " " count[at]
	if (kind[at] == "FUNC_PROTO")
		text = words(of, to[at], depth)
	for (i = 1; i <= members[at]; i++) {
		line = member[at, i]
		if (match(line, /type_id=[0-9]+/)) {
			type = substr(line, RSTART + 8, RLENGTH - 8)
			head = substr(line, 1, RSTART - 1)
			tail = substr(line, RSTART + RLENGTH)
			line = head words(of, type, depth) tail
		}
		# What an argument is called does not matter.
		if (kind[at] == "FUNC_PROTO")
			sub(/^'[^']*' /, "", line)
		text = text "; " line
	}
	return text
}

END {
	for (what in ours) {
		if (!(("stock", what) in found))
			continue
		function_name = what
		if (sub(/^FUNC /, "", function_name)) {
			if (!(function_name in exported))
				continue
			functions++
			a = words("stock", to[found["stock", what]], 0)
			b = words("ours", to[found["ours", what]], 0)
		} else {
			types++
			a = body("stock", found["stock", what], 0)
			b = body("ours", found["ours", what], 0)
		}
		if (a != b) {
			print what " differs\n  stock: " a "\n  ours:  " b
			bad = 1
		}
		if (what == "STRUCT vfio_pci_core_device")
			device = 1
	}
	if (!device) {
		print "struct vfio_pci_core_device is not in both"
		bad = 1
	}
	if (!last) {
		print "the kernel's own types are not here"
		bad = 1
	}
	printf "compared %d types and %d functions\n", types, functions
	exit bad
}

# SPDX-License-Identifier: GPL-2.0-only
#
# Reads files of the device library (policies/devices/*.policy) and prints one
# record an entry, its fields separated by tabs:
#
#	file  line  vendor  device  class  ids  reason  source  note
#	options  rules  line of each rule
#
# The last three are lists separated by US (octal 037); of ids, where the entry
# has none written, those of its rules.  What is not of the form is told on
# stderr, and the exit status is 1.
#
# An entry is a comment block and, right below it, its rules.  Lines of the
# block are "# FIELD: text"; "#   text" goes on with the field above.  An empty
# line ends the entry.  See any of the files.

BEGIN {
	FS = "[ \t]+"
	US = "\037"
	split("device class reason source", must)
	split("device class ids reason source note option", may)
	for (i in may)
		known[may[i]] = 1
}

function complain(line, what)
{
	printf "%s:%d: %s\n", file, line, what >"/dev/stderr"
	failed = 1
}

function end_entry(	i, name, ids, seen, nr, token)
{
	if (!start)
		return
	for (i = 1; i in must; i++)
		if (!(must[i] in value) || value[must[i]] == "")
			complain(start, "the entry has no '" must[i] ":'")
	if (rules != "" && "ids" in value)
		complain(start, "'ids:' is for entries without rules")
	ids = value["ids"]
	nr = split(rules, token, US)
	if (ids == "")
		for (i = 1; i <= nr; i++) {
			split(token[i], name, " ")
			if (name[3] in seen)
				continue
			seen[name[3]] = 1
			ids = ids (ids == "" ? "" : " ") name[3]
		}
	if (vendor == "")
		complain(start, "no '# vendor:' above the first entry")
	OFS = "\t"
	print file, start, vendor, value["device"], value["class"], ids,
		value["reason"], value["source"], value["note"], options,
		rules, lines
	start = 0
}

FNR == 1 {
	end_entry()
	vendor = ""
	file = FILENAME
}

/\t/ {
	complain(FNR, "a tab; the table is made of these lines")
}

/^[ \t]*$/ {
	end_entry()
	field = ""
	next
}

/^# vendor: / {
	vendor = substr($0, 11)
	next
}

/^# device:/ {
	end_entry()
	start = FNR
	split("", value)
	options = rules = lines = ""
}

/^# [a-z]+:/ && start {
	field = substr($2, 1, length($2) - 1)
	text = $0
	sub(/^# [a-z]+: */, "", text)
	if (!(field in known))
		complain(FNR, "no entry has a '" field ":'")
	else if (rules != "")
		complain(FNR, "the comment stands below a rule; leave a line free")
	else if (field == "option")
		options = options (options == "" ? "" : US) text
	else if (field in value)
		complain(FNR, "'" field ":' stands here twice")
	else
		value[field] = text
	next
}

/^#   [^ ]/ && start && field != "" && field != "option" && rules == "" {
	sub(/^# +/, "")
	value[field] = value[field] " " $0
	next
}

/^#/ {
	if (start)
		complain(FNR, "this comment is no 'FIELD: text' and does not go on with one")
	next
}

/^(allow|block) / {
	if (!start) {
		complain(FNR, "a rule outside an entry")
		next
	}
	rules = rules (rules == "" ? "" : US) $0
	lines = lines (lines == "" ? "" : US) FNR
	next
}

{
	complain(FNR, "a line that is no rule")
}

END {
	end_entry()
	exit failed
}

# SPDX-License-Identifier: GPL-2.0-only
#
# Makes the tables of docs/devices.md from the records of device-entries.awk.

BEGIN {
	FS = "\t"
	US = "\037"
	does["needed"] = "allowed"
	does["hang"] = does["dangerous"] = "blocked and reported"
	does["silent"] = "dropped, not reported"
	does["no-rule"] = "left to the defaults"
	does["unknown-register"] = "nothing it could be told"
}

# "allow rw 14e4:1644 0x68 wmask=0x3ff key=..." as "0x68 rw, bits 0x3ff"
function place(rule,	word, nr, i, text)
{
	sub(/ #.*/, "", rule)
	nr = split(rule, word, " ")
	text = "`" word[4] "` " word[2]
	for (i = 5; i <= nr; i++) {
		if (sub(/^value=/, "", word[i]))
			text = text ", value " word[i]
		else if (sub(/^wmask=/, "", word[i]))
			text = text ", bits " word[i]
		else if (sub(/^read=/, "", word[i]))
			text = text ", reads as " word[i]
	}
	return text
}

# Each place once, in the order of the rules.
function places(rules,	rule, nr, i, seen, text, out)
{
	nr = split(rules, rule, US)
	for (i = 1; i <= nr; i++) {
		text = place(rule[i])
		if (text in seen)
			continue
		seen[text] = 1
		out = out (out == "" ? "" : "<br>") text
	}
	return out
}

# All of a few ids; of many the first, the last and how many there are.
function id_list(ids,	id, nr)
{
	nr = split(ids, id, " ")
	if (nr <= 12 || ids !~ /^[0-9a-f:* ]*$/)
		return ids
	return id[1] " " id[2] " ... " id[nr] " (" nr ")"
}

function cell(text)
{
	gsub(/\|/, "\\|", text)
	gsub(/\*/, "\\*", text)
	gsub(/</, "\\&lt;", text)
	return text
}

{
	nr_of[$5]++
	row = "| " cell($3) " | " cell($4) " | " cell(id_list($6)) " |"
	if ($11 != "")
		with = with row " " places($11) " | " $5 " | " does[$5] " | " cell($7) (\
			$9 == "" ? "" : " " cell($9)) " | " cell($8) " |\n"
	else
		without = without row " " $5 " | " does[$5] " | " cell($7) " | " cell($8) " |\n"
	split($11, list, US)
	rules += $11 == "" ? 0 : split($11, list, US)
}

END {
	print "<!-- Made by scripts/device-table.sh from policies/devices; do not edit. -->"
	print "# Devices"
	print ""
	print "What the device library in `policies/devices` knows, " rules " rules in " NR " entries:"
	print nr_of["needed"] " needed, " nr_of["hang"] " hang, " nr_of["dangerous"] \
		" dangerous, " nr_of["silent"] " silent, " \
		nr_of["no-rule"] + nr_of["unknown-register"] " without a rule."
	print ""
	print "- **needed**: a driver does not work, or not well, if the access is blocked."
	print "- **hang**: the access can hang the device, its bus or the host."
	print "- **dangerous**: what a guest does there reaches the host or outlives the guest."
	print "- **silent**: drivers do it at each start and miss nothing when it is dropped, so"
	print "  it is not reported."
	print "- **no-rule**: known, and the defaults or the kernel take care of it."
	print "- **unknown-register**: trouble is known, a register to name is not."
	print ""
	print "The class is the first part of a rule's `key=`, so `ausearch -k` finds its"
	print "records. Access: `r` reads, `w` writes, `rw` both. \"value 0x0/0xffff8000\" means"
	print "that only a write passes (or is blocked) whose bits in the mask behind the slash"
	print "are those in front of it; \"bits\" are those a write can change, the others keep"
	print "what the device has. A single offset that is a multiple of four is the dword there."
	print ""
	print "A rule of your own overrules an entry when it is more specific: `slot=`, `subsys=`"
	print "or `owner=` instead of ids, or fewer bytes. One that is as specific and says"
	print "something else is an error that names both; then change the entry."
	print ""
	print "| vendor | device | ids | registers | class | what we do | reason | source |"
	print "|---|---|---|---|---|---|---|---|"
	printf "%s", with
	print ""
	print "## Known, and no rule"
	print ""
	print "| vendor | device | ids | class | what we do | reason | source |"
	print "|---|---|---|---|---|---|---|"
	printf "%s", without
}

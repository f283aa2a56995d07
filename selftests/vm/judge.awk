# SPDX-License-Identifier: GPL-2.0-only
#
# judge.awk - the judge itself: see judge.sh. First file: status, second: trace.
#
# Status lines (lib/bus.sh, lib/tap.sh):
#	begin STEP MARK NAME...		end STEP MARK		plan TESTS
#	marks 0xOFFSET			the register, if it is not the interrupt line
#	expect STEP HOW COUNT OP BUS:DEV.FN WHERE VALUE
# Trace lines (QEMU's log backend; the data's width is not in them):
#	[PID@TIME:]pci_cfg_write NAME BUS:DEV.FN @0xOFFSET <- 0xVALUE
#	[PID@TIME:]pci_cfg_read  NAME BUS:DEV.FN @0xOFFSET -> 0xVALUE

function hex(s,    i, n)
{
	s = tolower(s)
	sub(/^0x/, "", s)
	for (i = 1; i <= length(s); i++)
		n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return n
}

function bail(why)
{
	print "Bail out! judge: " why
	bailed = 1
	exit 2
}

BEGIN { register = "0x3c" }
FNR == 1 { file++ }
FILENAME == ARGV[1] { in_status = 1 }
FILENAME == ARGV[2] { in_status = 0 }

in_status && $1 == "begin" {
	from[$2] = $3
	title[$2] = $0
	sub(/^begin [0-9]+ [0-9]+ ?/, "", title[$2])
	next
}
in_status && $1 == "marks" { register = $2; next }
in_status && $1 == "end" { to[$2] = $3; next }
in_status && $1 == "plan" { tests = $2; planned = 1; next }
in_status && $1 == "expect" {
	n++
	step[n] = $2; how[n] = $3; want[n] = $4; op[n] = $5; dev[n] = $6; at[n] = $7
	value[n] = $8
	if ($7 == "any") {
		lo[n] = 0; hi[n] = 4095
	} else {
		split($7, r, "-")
		lo[n] = hex(r[1])
		hi[n] = (2 in r) ? hex(r[2]) : lo[n]
	}
	next
}
in_status { next }

# Marks. Counting starts after the pair that bus_sync writes.
{ sub(/^[0-9]+@[0-9.]+:/, "") }
$1 == "pci_cfg_write" && $3 == marker && $4 == "@" register {
	v = hex($6)
	if (!synced) {
		synced = (last == 165 && v == 90)
		last = v
		next
	}
	mark++
	if (v != mark % 256)
		bail("mark " mark " is " v " in the trace")
	next
}
!synced { next }

{
	o = hex(substr($4, 2))
	for (i = 1; i <= n; i++) {
		if ($3 != dev[i] || o < lo[i] || o > hi[i])
			continue
		if (op[i] != "any" && $1 != "pci_cfg_" op[i])
			continue
		if (value[i] != "-" && hex($6) != hex(value[i]))
			continue
		if (mark < from[step[i]] || (step[i] in to && mark >= to[step[i]]))
			continue
		seen[i]++
		name[i] = $2
	}
}

END {
	if (bailed)
		exit 2
	if (n && !synced)
		bail("no marks in the trace")
	for (s in to)
		if (mark < to[s])
			bail("mark " to[s] " is not in the trace")
	for (i = 1; i <= n; i++) {
		got = seen[i] + 0
		if (how[i] == "none")
			good = got == 0
		else if (how[i] == "some")
			good = got > 0
		else
			good = how[i] == "exactly" && want[i] ~ /^[0-9]+$/ && got == want[i]
		# An expectation outside any step was never looked for.
		if (!(step[i] in from) || mark < from[step[i]])
			good = 0
		failed += !good
		printf "%s %d - bus: %s: %s%s %s %s at %s%s: saw %d\n",
			good ? "ok" : "not ok", tests + i, title[step[i]], how[i],
			want[i] == "-" ? "" : " " want[i], op[i], dev[i], at[i],
			value[i] == "-" ? "" : " of " value[i], got
	}
	# No plan for a script that did not come to its end: TAP readers fail it.
	if (planned)
		print "1.." tests + n
	exit failed > 0
}

# SPDX-License-Identifier: GPL-2.0-only
#
# profile.awk - instructions of one access by function.
#
# Usage: awk -f profile.awk KALLSYMS PCS
#
# KALLSYMS sorted by address; PCS one address a line, in the order of execution.
# Addresses have 16 digits and are compared as text: they do not fit a double.

# Name of the symbol that @pc is in.
function symbol(pc,	low, high, mid)
{
	if (pc < "ffff")
		return "user"
	low = 1
	high = symbols
	while (low < high) {
		mid = int((low + high + 1) / 2)
		if (address[mid] <= pc "")
			low = mid
		else
			high = mid - 1
	}
	return name[low]
}

FNR == 1 {
	file++
}

file == 1 {
	if ($2 ~ /^[tTwW]$/) {
		symbols++
		address[symbols] = $1 ""
		name[symbols] = $3 ($4 != "" ? " " $4 : "")
		if ($3 == "entry_SYSCALL_64")
			entry = $1 ""
	}
	next
}

# An access is what lies between two system calls.
($1 "") == entry {
	if (start) {
		begin[++calls] = start
		length_of[calls] = n + 1 - start
		if (++times[n + 1 - start] > times[usual])
			usual = n + 1 - start
	}
	start = n + 1
}

{
	pc[++n] = $1 ""
}

END {
	for (i = 1; i <= calls && length_of[i] != usual; i++)
		;
	if (!calls)
		exit 1
	for (j = begin[i]; j < begin[i] + usual; j++)
		count[symbol(pc[j])]++
	for (s in count)
		print count[s], s
}

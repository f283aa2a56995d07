# SPDX-License-Identifier: GPL-2.0-only
#
# examples.awk -v dir=DIR PAGE.scd: each example of a manual page into a file of its
# own, DIR/NN, and what the comment above it says of it into DIR/NN.kind.

/^; example: / { kind = substr($0, 12); next }
/^```$/ && !inside {
	inside = 1
	out = sprintf("%s/%02d", dir, ++nr)
	print (kind ? kind : "unmarked") >(out ".kind")
	printf "" >out
	kind = ""
	next
}
/^```$/ { inside = 0; next }
# scdoc takes \\ for a backslash there, too.
inside { gsub(/\\\\/, "\\"); print >out }

# SPDX-License-Identifier: GPL-2.0-only
#
# text-svg.awk - a terminal's text as a picture.  Long lines are wrapped at
# 132 columns, as a terminal does.
#
# Usage: awk -f text-svg.awk TEXT >PICTURE.svg

function escape(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	return s
}

# What a line is, by how it begins.
function colour(s) {
	if (s ~ /^(host|guest)# /)
		return "#9cdcfe"
	if (s ~ /^===/)
		return "#ffd787"
	if (s ~ /\[NOT OK\]|kernel died|Kernel panic/)
		return "#ff8787"
	if (s ~ /^ +\[ok\]/)
		return "#87d787"
	return "#d0d0d0"
}

function add(s, c) {
	line[++n] = s
	fill[n] = c
	if (length(s) > widest)
		widest = length(s)
}

BEGIN {
	columns = 132
	char = 7.83 # of a 13 px monospace font
	high = 18
}

{
	c = colour($0)
	while (length($0) > columns) {
		add(substr($0, 1, columns), c)
		$0 = substr($0, columns + 1)
	}
	add($0, c)
}

END {
	w = int(widest * char) + 32
	h = n * high + 28
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", w, h, w, h)
	print "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#1e1e1e\"/>"
	print "<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"13\">"
	for (i = 1; i <= n; i++)
		if (line[i] != "")
			printf("<text x=\"16\" y=\"%d\" xml:space=\"preserve\" textLength=\"%.0f\" fill=\"%s\">%s</text>\n",
			       i * high + 6, length(line[i]) * char, fill[i], escape(line[i]))
	print "</g>\n</svg>"
}

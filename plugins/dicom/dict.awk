# SPDX-License-Identifier: MIT
# Makes the C tables of the data dictionary from DCMTK's dicom.dic or private.dic, both to standard output:
#
#   LC_ALL=C awk -v what=dict    -f dict.awk /usr/share/libdcmtk17/dicom.dic   > dict-table.c
#   LC_ALL=C awk -v what=private -f dict.awk /usr/share/libdcmtk17/private.dic > private-table.c
#
# Strings are kept in one array and named by offset, so that the plugin needs no relocations when it is loaded.

BEGIN {
	FS = "\t"
	rows = 0
	header()
}

function header()
{
	print "/* SPDX-License-Identifier: MIT */"
	print "/* Made by dict.awk from DCMTK's data dictionary: do not edit. */"
	print "// clang-format off"
	print "#include \"plugins/dicom/dict-table.h\"\n"
}

# The enumerator of a VR; DCMTK's pseudo VRs (xs, ox, …) are in lower case there and have their own here.
function vr_name(v) { return (v ~ /^[a-z]/ ? "VR_P_" : "VR_") toupper(v) }

# Sorts key[1..n] by strings of one width, carrying nothing: insertion by halves is too slow in awk, so a heap.
function sort_keys(key, n,    i, root, child, t, end)
{
	for (i = int(n / 2); i >= 1; i--) sift(key, i, n)
	for (end = n; end > 1; end--) {
		t = key[1]; key[1] = key[end]; key[end] = t
		sift(key, 1, end - 1)
	}
}

function sift(key, root, end,    child, t)
{
	while ((child = 2 * root) <= end) {
		if (child < end && key[child] < key[child + 1]) child++
		if (key[root] >= key[child]) return
		t = key[root]; key[root] = key[child]; key[child] = t
		root = child
	}
}

# Prints cells of a table, several a line.
function cell(s)
{
	if (length(line) + length(s) > 400) { print line; line = "" }
	line = line s
}
function flush_cells() { if (line != "") print line; line = "" }

# The strings of text[1..n], each ended by a NUL; sets at[i].
function blob(name, text, n, at,    i, off)
{
	printf "const char %s[] =\n", name
	off = 0
	line = ""
	for (i = 1; i <= n; i++) {
		at[i] = off
		off += length(text[i]) + 1
		if (length(line) + length(text[i]) > 400) { print "\"" line "\""; line = "" }
		# A digit would be read as part of a short octal escape.
		line = line text[i] (i < n && text[i + 1] ~ /^[0-9]/ ? "\\000" : "\\0")
	}
	print "\"" line "\";\n"
	line = ""
}

/^#/ || NF < 3 { next }

what == "dict" {
	tag = tolower($1)
	gsub(/[()]/, "", tag)
	if ($5 == "GENERIC" || $5 == "ILLEGAL" || $5 == "PRIVATE") next
	keyword = $3
	sub(/^RETIRED_/, "", keyword)
	split(tag, part, ",")
	group = part[1]; element = part[2]; mask = "ffffffff"
	# A range of groups or elements as the standard has them varies in its last two digits.
	if (group ~ /-/) { mask = "ff00ffff"; group = substr(group, 1, 4) }
	if (element ~ /-/) { mask = "ffffff00"; element = substr(element, 1, 4) }
	row[++rows] = (mask == "ffffffff" ? "0" : "1") group element " " mask " " vr_name($2) " " keyword
}

what == "private" {
	s = $1
	gsub(/[()]/, "", s)
	q = index(s, "\"")
	group = tolower(substr(s, 1, q - 2))
	s = substr(s, q + 1)
	q = index(s, "\"")
	creator = substr(s, 1, q - 1)
	element = tolower(substr(s, q + 2))
	if ($2 == "") next
	while (length(element) < 4) element = "0" element
	last = group
	if (group ~ /-o-/) { last = substr(group, 8, 4); group = substr(group, 1, 4) }
	if (!(creator in seen)) { seen[creator] = 1; names[++nnames] = creator }
	row[++rows] = creator "\t" group " " element " " last " " vr_name($2)
}

END {
	if (what == "dict") dict(); else private()
}

function dict(    i, n, f, text, at, order, tag)
{
	sort_keys(row, rows)
	for (i = 1; i <= rows; i++) { split(row[i], f, " "); text[i] = f[4] }
	blob("dict_names", text, rows, at)
	print "const struct dict_row dict_rows[] = {"
	for (i = 1; i <= rows; i++) {
		split(row[i], f, " ")
		if (substr(f[1], 1, 1) == "0") nexact = i
		cell("{0x" substr(f[1], 2) "," at[i] "," f[3] "},")
	}
	flush_cells()
	print "};\n\nconst uint32_t dict_masks[] = {"
	for (i = nexact + 1; i <= rows; i++) { split(row[i], f, " "); cell("0x" f[2] ",") }
	flush_cells()
	print "};\n"
	for (i = 1; i <= rows; i++) order[i] = tolower(text[i]) " " sprintf("%05d", i - 1)
	sort_keys(order, rows)
	print "const uint16_t dict_order[] = {"
	for (i = 1; i <= rows; i++) { split(order[i], f, " "); cell((f[2] + 0) ",") }
	flush_cells()
	print "};\n"
	print "const size_t dict_exact = " nexact ", dict_count = " rows ";"
}

function private(    i, f, g, at, number)
{
	sort_keys(names, nnames)
	for (i = 1; i <= nnames; i++) number[names[i]] = i - 1
	blob("private_names", names, nnames, at)
	print "const uint32_t private_creators[] = {"
	for (i = 1; i <= nnames; i++) cell(at[i] ",")
	flush_cells()
	print "};\n"
	for (i = 1; i <= rows; i++) { split(row[i], f, "\t"); row[i] = sprintf("%05d ", number[f[1]]) f[2] }
	sort_keys(row, rows)
	print "const struct private_row private_rows[] = {"
	for (i = 1; i <= rows; i++) {
		split(row[i], g, " ")
		cell("{" (g[1] + 0) ",0x" g[2] ",0x" g[4] ",0x" g[3] "," g[5] "},")
	}
	flush_cells()
	print "};\n"
	print "const size_t private_creator_count = " nnames ", private_count = " rows ";"
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh LOGS PROGRAM...: run test programs that print TAP and count their
# cases.  Quiet about what passes; the whole output of each is kept in the
# folder LOGS, and given UNIT_TIMEOUT seconds (120).  Ends with "N passed, N failed".

set -u

logs=$(realpath -m "$1")
shift
mkdir -p "$logs"
# What the programs print as JSON, by tap.sh and json_valid.h.
export UNIT_JSON=$logs/json
rm -rf "$UNIT_JSON"
mkdir "$UNIT_JSON"
passed=0
failed=0

run_one()
{
	local log=$logs/$1.log

	shift
	# CMOCKA_MESSAGE_OUTPUT makes cmocka print TAP.
	CMOCKA_MESSAGE_OUTPUT=TAP timeout "${UNIT_TIMEOUT:-120}" "$@" >"$log" 2>&1
	echo $? >"$log.status"
}

# One for each CPU; a line of PROGRAM may carry arguments.
for command in "$@"; do
	while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	read -r -a words <<<"$command"
	run_one "$(basename "${words[0]}")" "${words[@]}" &
done
wait

for command in "$@"; do
	name=$(basename "${command%% *}")
	log=$logs/$name.log
	good=$(grep -c '^ok' "$log")
	bad=$(grep -c '^not ok' "$log")
	status=$(cat "$log.status")
	# A program that died has counted nothing of what it did not reach.
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	elif [ "$((good + bad))" -eq 0 ]; then
		echo "$name ran no test" >>"$log"
		bad=1
	fi
	if [ "$bad" -gt 0 ]; then
		echo "== $name failed (exit status $status)"
		grep -v '^ok' "$log"
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
done

if [ -n "$(ls "$UNIT_JSON")" ]; then
	if "$(dirname "$0")/../../scripts/schemas.py" --documents "$UNIT_JSON" >"$logs/json.log" 2>&1; then
		passed=$((passed + 1))
	else
		echo "== JSON that is not what docs/schema/ says"
		cat "$logs/json.log"
		failed=$((failed + 1))
	fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

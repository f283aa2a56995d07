#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mutants.sh [NUMBER...]: is each of these mistakes noticed by the model?
#
# Makes one mistake at a time in a copy of bpf/ and loader/ and runs the model
# there until it notices.  Prints TAP: a case for each, with what noticed it.
#
#	SEED=N		the first of four seeds that are tried
#	POLICIES=N	of each (300)
#
# Needs what `make` builds.

set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
seed=${SEED:-1}
policies=${POLICIES:-300}

# FILE | what sed does to it | what is wrong then
mutants()
{
	cat <<-'END'
	bpf/core/rules.h | s/0x80 \| verdict << 4/0x80 | !verdict << 4/ | of two bytes the allowed one decides
	bpf/core/rules.h | s/rule->flags & VG_RULE_PART \|\|/0 \&\&/ | a part of a value is taken for all of it
	bpf/core/rules.h | s/return rule->verdict != VG_ALLOW;/return false;/ | a part of a blocked value passes
	bpf/core/rules.h | s/flags = s->entry_vendor;/flags = 0;/ | a vendor's entry is not looked at
	bpf/core/rules.h | s/bits & rule->write_mask :/bits :/ | a write mask masks nothing
	bpf/core/look.h | s/offset < 256 \? VG_PLACE_CAP :/1 ? VG_PLACE_CAP :/ | an extended capability is taken for another one
	bpf/core/rules.h | s/1 << RANK_DEVICE\) - 1/1 << RANK_OWNER) - 1/ | owners and subsystems are passed over
	bpf/core/plan.h | s/registers = s->places << 32;/registers = false;/ | a plan holds for registers with rules
	bpf/core/plan.h | s/ && !\(ruled & VG_HAS_CAPS\)// | a plan holds for named capabilities
	bpf/core/refresh.h | s/old >> 32 == tick/old/ | an edit never takes effect
	bpf/core/refresh.h | s/find_entries\(dev\) ==/1 ||/ | an edit of the allow list never takes effect
	bpf/core/refresh.h | s/now.schema == m->set.schema/1/ | damage is not seen while plans hold
	bpf/core/refresh.h | s/!m->sealed/0/ | plans hold although the maps are edited
	bpf/core/plan.h | s/plan_parity & 1/0/g | a reload takes effect at the next tick
	bpf/core/plan.h | s/ \|\| uses_last \|\|/ ||/ | what was written is not kept
	bpf/core/plan.h | s/a->audit \? PLAN_AUDIT : 0/0/ | nothing is reported
	bpf/core/judge.h | s/native == TELL_BLOCK && /0 \&\& / | the module parameters are not counted
	bpf/core/judge.h | s/!dev \|\| dev->pdev != \(__u64\)pdev/!dev \|\| !dev->pdev/ | a replaced device has the plans of the old one
	bpf/core/report.h | s/how != VG_REPORT_SENT && how/how/ | a sent event counts as not reported
	bpf/core/report.h | s/__sync_fetch_and_and\(&dev->seen.*bit\);// | a hit that found no room is never reported
	bpf/core/report.h | s/__sync_fetch_and_and\(&dev->known.*bit\);/;/ | a first hit that found no room costs a token the next time
	bpf/core/report.h | s/first = !\(.*$/first = false;/ | a first hit needs a token
	bpf/core/report.h | s/!first && !take_token/0 \&\& !take_token/ | processes that take turns are not limited
	bpf/core/report.h | s/now - passed % TICK/dev->refilled_at/ | a bucket that fills without end
	bpf/core/look.h | s/if \(uses_last && q.write\)/if (uses_last \&\& q.write \&\& a->verdict == VG_ALLOW)/ | a blocked write is not read back
	bpf/core/look.h | s/mode != VG_MODE_MONITOR && // | monitor mode masks writes
	bpf/core/look.h | s/s->hidden = true/s->hidden = false/ | a process whose cgroup is not known passes
	bpf/core/owners.h | s/__sync_lock_test_and_set\(&path->taken, 0\);// | room for paths is never given back
	bpf/core/owners.h | s/set.tick != tick/false/ | who owns a cgroup is looked up once
	bpf/core/device.h | s/define PROBES 16/define PROBES 1/ | devices with one home share an entry
	bpf/core/learn.h | s/__sync_fetch_and_add\(&l->blocked, 1\);// | learning counts nothing blocked
	bpf/vfioguard.bpf.c | s/region == REGION\(VENDOR\)/region == VFIO_PCI_CONFIG_VENDOR/ | a region has the number it was compiled with
	bpf/vfioguard.bpf.c | s/access->data = a.data;// | the hook hands no data back
	loader/policy/eval.c | s/owner\[len\] == '\/' \|\|/1 \|\|/ | the evaluator takes /ab for a cgroup below /a
	loader/policy/eval.c | s/rule->verdict == VG_BLOCK;/false;/ | the evaluator lets a part of a blocked value pass
	loader/compile/rules.c | s/COMPARE\(y->rank, x->rank\)/COMPARE(x->rank, y->rank)/ | the least specific rule decides
	loader/compile/rules.c | s/value->flags \|= VG_RULE_PART/value->flags |= 0/ | values that cross a dword are compared in part
	loader/compile/rules.c | s/bytes &= 0xf << \(first - dword\)/bytes \&= 0xf/ | a register begins too early
	loader/compile/compile.c | s/ && !rule->has_write_mask\)/)/ | the kernel does not ask where there are masks
	loader/compile/compile.c | s/regions \|= hook->cap;/regions |= 0;/ | the kernel does not ask about a capability with a rule
	loader/compile/list.c | s/VG_F_SILENT/0/ | an entry that is to be silent reports
	loader/maps/ask.c | 0,/memset\(slash, 0/s/memset\(slash, 0, .*/*slash = 0;/ | explain knows no owner above a long path
	loader/answer/explain.c | s/e->mode == VG_MODE_MONITOR/false/ | explain does not know of monitor mode
	loader/answer/explain.c | s/e->native != VG_NATIVE_BLOCK/true/ | explain leaves out the module parameters
	END
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make -s V=1 -C "$top" build/model/model
(cd "$top" && cp -a --parents -t "$work" Makefile bpf loader scripts selftests packaging/debian/changelog \
	build/model build/tools)
before=$(mktemp)
trap 'rm -rf "$work" "$before"' EXIT

build()
{
	make -s V=1 MODEL_WERROR= -C "$work" build/model/model
}

# What the model says of the mutant, or nothing.
notice()
{
	local i out rc

	for ((i = 0; i < 4; i++)); do
		rc=0
		out=$(timeout 120 "$work/build/model/model" "$((seed + i))" "$policies") || rc=$?
		case $rc in
		0) continue ;;
		1) sed -n 's/^# policy [0-9]*\(, access [0-9]*\)\?: //p' <<<"$out" | head -n 1 ;;
		*) echo "it ends with $rc" ;;
		esac
		return
	done
}

n=0
failed=0
while IFS='|' read -r line; do
	n=$((n + 1))
	[ "$#" = 0 ] || [[ " $* " = *" $n "* ]] || continue
	file=${line%% | *}
	what=${line##* | }
	change=${line#* | }
	change=${change% | *}
	cp -p "$work/$file" "$before"
	sed -E -i "$change" "$work/$file"
	if cmp -s "$before" "$work/$file"; then
		echo "not ok $n - $what: nothing to change in $file"
		failed=1
		continue
	fi
	why=
	if build; then
		why=$(notice)
	fi
	if [ -n "$why" ]; then
		echo "ok $n - $what # $why"
	else
		echo "not ok $n - $what"
		failed=1
	fi
	cp "$before" "$work/$file"
done < <(mutants)
echo "1..$n"
exit "$failed"

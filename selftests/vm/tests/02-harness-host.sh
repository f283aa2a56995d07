#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 02-harness-host.sh - a bad end of a VM is never a pass (runs on the host).
#
# vm-host

here=$(cd "$(dirname "$0")/.." && pwd)
dir=$(realpath -m "$here/../../build/vm/02-harness-host")
n=0
failed=0

# is GOT EXPECTED NAME
is()
{
	n=$((n + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $n - $3"
	else
		echo "not ok $n - $3"
		echo "# got '$1', expected '$2'"
		failed=1
	fi
}

# vm NAME OPTIONS... -- : boot a VM with the script on stdin; its output is in $log.
vm()
{
	local name=$1

	shift
	rm -rf "${dir:?}/$name"
	mkdir -p "$dir/$name"
	cat > "$dir/$name/script.sh"
	chmod +x "$dir/$name/script.sh"
	log=$dir/$name/log
	"$here/run.sh" --out "$dir/$name/run" "$@" -- "$dir/$name/script.sh" > "$log" 2>&1
}

# Takes its time, so beside the others; its end is at the end of this.
vm hang --timeout 45 <<'END' &
#!/bin/bash
sleep 1000
END
hang=$!

# One VM's trace and declarations, judged as declared and then with lies.
vm judge <<'END'
#!/bin/bash
. "$VM_SRC/selftests/vm/guest-lib.sh"
poke() { setpci -s "$VM_TESTDEV" 40.l=1; }
poke
step_begin "pokes"
poke
poke
step_end
expect_bus exactly 2 write "$VM_TESTDEV" 0x40
poke
exit 7
END
is $? 7 "run.sh returns the script's exit status"
is "$(grep -c '^ok .*saw 2' "$log")" 1 "only what happens within the step counts"

# lie EXPRESSION EXIT-STATUS NAME: judge the same run with the status edited.
lie()
{
	local copy=$dir/lie

	rm -rf "$copy"
	mkdir -p "$copy"
	cp -r "$dir/judge/run/share" "$dir/judge/run/status" "$dir/judge/run/trace.log" "$copy"
	sed -i "$1" "$copy/${4:-status}"
	"$here/judge.sh" "$copy" > "$copy/log" 2>&1
	is $? "$2" "$3"
}
lie '' 0 "the judge agrees with the truth"
lie 's/exactly 2/none -/' 1 "'none' fails when there are accesses"
lie 's/exactly 2/exactly 1/' 1 "'exactly 1' fails when there are two"
lie 's/ 0x40 / 0x44 /' 1 "another register does not count"
lie 's/ write / read /' 1 "another direction does not count"
lie 's/exactly 2 write 05/exactly 2 write 04/' 1 "another device does not count"
lie 's/exactly/exactely/' 1 "an unknown word fails"
lie 's/^expect 1/expect 9/' 1 "an expectation without a step fails"
lie '/ @0x3c <- 0x2$/d' 2 "a lost mark is noticed" trace.log
lie '/ @0x3c <- /d' 2 "a trace without marks is noticed" trace.log

vm lie-in-vm <<'END'
#!/bin/bash
. "$VM_SRC/selftests/vm/guest-lib.sh"
step_begin "poke"
setpci -s "$VM_TESTDEV" 40.l=1
step_end
expect_bus none write "$VM_TESTDEV" 0x40
ok "the script says all is well"
done_testing
END
is $? 1 "run.sh fails when the trace disagrees with a script that passed"

vm panic <<'END'
#!/bin/bash
echo "1..1"
echo "ok 1 - said before the panic"
echo c > /proc/sysrq-trigger
END
is $? 95 "a panic is reported as a panic"
is "$(grep -c 'Kernel panic - not syncing: sysrq' "$dir/panic/run/console.log")" 1 \
	"the console log holds the panic"

vm splat <<'END'
#!/bin/bash
echo "WARNING: CPU: 0 PID: 1 at nowhere" > /dev/kmsg
END
is $? 94 "a kernel splat is not a pass"
mkdir -p "$dir/late"
sed '/WARNING: CPU/{H;d}; /reboot: Power down/G' "$dir/splat/run/console.log" > "$dir/late/console.log"
"$here/splats.sh" "$dir/late"
is "$?, $(grep -c 'WARNING: CPU' "$dir/late/console.log")" "0, 1" \
	"what a kernel says after its last word is none"

vm off <<'END'
#!/bin/bash
echo o > /proc/sysrq-trigger
sleep 100
END
is $? 97 "a power-off without a status is not a pass"

vm early --append "rdinit=/nothing root=/dev/nothing" <<'END'
#!/bin/bash
END
is $? 95 "a panic before the root is mounted is reported as a panic"

# Shorter than any boot.
VM_BOOT_LIMIT=1 vm stall <<'END'
#!/bin/bash
END
is $? 93 "a boot that stalls is the emulator's failure"
is "$(grep -c 'the emulator failed (a boot that stalled)' "$log") $(grep -c 'booting again' "$log")" "2 1" \
	"it is booted a second time, and not a third"

# QEMU dies of a signal as soon as the script runs, the first time.
rm -rf "$dir/crash"
{
	until [ -e "$dir/crash/run/share/running" ]; do
		sleep 0.1
	done
	pkill -SEGV -f "^qemu-system-x86_64 .*$dir/crash/run/console.log"
} &
crash=$!
vm crash <<'END'
#!/bin/bash
echo "ok 1 - said by each boot"
touch "$VM_SHARE/running"
sleep 5
exit 8
END
is $? 8 "after a crash of QEMU the script runs again, and its exit status is returned"
kill "$crash" 2> /dev/null
is "$(grep -c '^# script: the emulator failed (QEMU died of SIGSEGV), booting again' "$log")" 1 \
	"it is said"
is "$(grep -c '^ok 1 - said' "$dir/crash/run.failed/out.log" "$dir/crash/run/out.log" |
	sed 's/.*://' | xargs)" "1 1" "what the first boot said is kept beside the second"

vm timer --boots 1 <<'END'
#!/bin/bash
for _ in 1 2; do
	echo "rcu: Possible timer handling issue on cpu=0 timer-softirq=1" > /dev/kmsg
done
sleep 1000
END
is $? 93 "a machine whose timer never comes is not waited for"
is "$(grep -c 'the emulator failed (a timer that never came)' "$log")" 1 "it is said"

vm nodone <<'END'
#!/bin/bash
. "$VM_SRC/selftests/vm/guest-lib.sh"
ok "first"
END
is $? 1 "a script that stops without done_testing fails"

wait "$hang"
is $? 96 "a hang is reported as a time-out"

echo "1..$n"
exit $failed

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 36-refused-hook.sh - modules whose hook the kernel refuses: with the type of its ops twice
# in BTF, as an old libbpf leaves it, and with another value type. The loader says which,
# ends with 3 where the hook was asked for, and goes by way of the stock kernel where it
# may (runs in the VM).

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${patched_core:?}" "${policy_file=}"

# edited NAME EDIT...: the patched module with its BTF changed
edited()
{
	local name=$1

	shift
	objcopy --dump-section .BTF="/run/vm/$name.btf" "$patched_core" /run/vm/unused.ko &&
		"$VM_SRC/selftests/vm/btf-edit.py" /sys/kernel/btf/vmlinux "/run/vm/$name.btf" "$@" &&
		objcopy --update-section .BTF="/run/vm/$name.btf" "$patched_core" "/run/vm/$name.ko"
}

# said COMMAND...: its exit status and its complaints
said()
{
	local rc=0

	guard "$@" 2>&1 || rc=$?
	echo "status $rc"
}

policy small "default block w unassigned"

# --- Its type twice -------------------------------------------------------------------

check "a module with the type twice is made" edited twice name vfio_pci_irq_ctx vfio_pci_config_ops
check "it loads" load_vfio --core /run/vm/twice.ko
like "$(dmesg | grep -i struct_ops)" "The second member of bpf_struct_ops_vfio_pci_config_ops should be" \
	"the kernel refuses the hook"
check "a device is bound" bind_vfio "$VM_E1000E"
out=$(said load --mode hook "$policy_file")
like "$out" "has the hook's types twice in its BTF, so the kernel refused the hook" "so does the loader, and says why"
like "$out" "dmesg \| grep struct_ops" "and where to look"
like "$out" "status 3\$" "with exit status 3"
like "$(said load "$policy_file")" "types twice in its BTF.*without the hook.*status 0\$" \
	"where it may, it goes without the hook, and says so"
snapshot
is "$(state door)" stock "by way of the stock kernel"
check "the device opens" vfio_start "$VM_E1000E"
step_begin "a write"
is "$(vfio_do "w 80 4 deadbeef")" 4 "a blocked write looks done"
step_end
expect_bus none write "$VM_E1000E" 0x80
vfio_stop
check "it is taken out" guard unload
unbind_vfio "$VM_E1000E"
check "the modules unload" unload_vfio

# --- Refused for what only the kernel sees ----------------------------------------------

dmesg -C
check "a module with another value type is made" edited value member bpf_struct_ops_vfio_pci_config_ops 0 1
check "it loads" load_vfio --core /run/vm/value.ko
like "$(dmesg | grep -i struct_ops)" "first member of bpf_struct_ops_vfio_pci_config_ops should be" \
	"the kernel refuses the hook"
out=$(said load --mode hook "$policy_file")
like "$out" "the kernel did not take the hook's type when vfio-pci-core was loaded" "so the loader says"
like "$out" "dmesg \| grep -i struct_ops" "and where to look"
like "$out" "status 3\$" "with exit status 3"
is "$(guard status > /dev/null 2>&1; echo $?)" 8 "and nothing is loaded"
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 15-no-btf.sh - a module that somebody stripped of its BTF has no hook, says so
# once, and is the native filter all the same (runs in the VM). What the loader
# says of it is in 12-lifecycle.sh.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${patched_core:?}"

# As any tool that strips modules may leave it: with or without the ids in it.
for sections in "-R .BTF" "-R .BTF -R .BTF_ids"; do
	dmesg -C
	# shellcheck disable=SC2086 # words
	objcopy $sections "$patched_core" /run/vm/no-btf.ko
	check "$sections: the core loads" load_vfio --core /run/vm/no-btf.ko \
		block_pci_unassigned_write=1 block_pci_unassigned_read=1
	check "$sections: it has no BTF" test ! -e /sys/kernel/btf/vfio_pci_core
	check "$sections: the device is bound" bind_vfio "$VM_E1000E"
	vfio_start "$VM_E1000E"
	step_begin "$sections: blocked"
	is "$(vfio_do "w 80 4 deadbeef")" "4" "$sections: a write looks done"
	is "$(vfio_do "r 80 4")" "4 00000000" "$sections: a read returns zero"
	is "$(vfio_do "r 0 4")" "4 10d38086" "$sections: the header is readable"
	step_end
	expect_bus none any "$VM_E1000E" 0x80
	param block_pci_unassigned_write 0
	step_begin "$sections: switched off"
	is "$(vfio_do "w 80 4 deadbeef")" "4" "$sections: a write is done"
	step_end
	expect_bus exactly 1 write "$VM_E1000E" 0x80 0xdeadbeef
	vfio_stop
	unbind_vfio "$VM_E1000E"
	check "$sections: the modules unload" unload_vfio
	is "$(dmesg | grep -c 'missing module BTF, cannot register struct_ops')" 1 \
		"$sections: it said once that the hook is not there"
done
done_testing

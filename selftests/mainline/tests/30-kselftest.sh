#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 30-kselftest.sh - the kernel tree's own selftests/vfio (runs in the VM): first
# those of vfio, which must not notice that a policy is attached, then the one
# that comes with the series.
#
# vm-args: --timeout 600

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/mainline/ktap.sh
. "$VM_SRC/selftests/mainline/ktap.sh"
: "${kselftests:?}"

# For mappings of 2 MiB; those of 1 GiB are skipped.
echo 16 > /proc/sys/vm/nr_hugepages
modprobe iommufd
check "the kernel's own modules load" load_patched
check "default.policy loads" guard load "$VM_SRC/policies/default.policy"
check "the device is bound" bind_vfio "$VM_E1000E"

for name in vfio_iommufd_setup_test vfio_pci_device_test vfio_dma_mapping_test \
	vfio_dma_mapping_mmio_test vfio_pci_device_init_perf_test \
	vfio_pci_driver_test vfio_pci_sriov_uapi_test; do
	run_kselftest "$name" "$VM_E1000E"
done
snapshot
is "$(state attached)" true "the policy was attached all the time"

# The policy's own test brings its own; unassigned space of the e1000e.
check "the policy is unloaded" guard unload
step_begin "the test of the series"
run_kselftest vfio_pci_config_policy_test "$VM_E1000E"
step_end
expect_bus none any "$VM_E1000E" 0x40-0x9f
unbind_vfio "$VM_E1000E"
check "the modules unload" unload_vfio
done_testing

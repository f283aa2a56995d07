# SPDX-License-Identifier: GPL-2.0-only
#
# make kernel		a small kernel with the series: SERIES=7.3 FLAVOUR=plain,
#			kasan or kcsan; see scripts/kernel.sh
# make test-mainline	the tree's own tests and ours on it
# make series-check	each commit applied and compiled, with what checks the kernel
#			has; SERIES=7.3 for one series alone

# The module is built for the kernels whose headers Debian 12 has.
module_or_kernel = $(if $(filter-out 6.12,$(SERIES)),kernel,module)

.PHONY: kernel test-mainline series-check long-tools
kernel:
	@scripts/deps.sh kernel
	@SERIES=$(or $(SERIES),7.3) FLAVOUR=$(FLAVOUR) scripts/kernel.sh

test-mainline: vm-deps
	@scripts/deps.sh kernel
	@$(MAKE) --no-print-directory all
	@scripts/test-mainline.sh

series-check: vm-deps
	@scripts/deps.sh kernel check
	@$(MAKE) --no-print-directory all
	@scripts/series-check.sh $(SERIES)

L := $(B)/long
LONG := $(L)/storm $(L)/churn $(L)/race $(L)/faults $(L)/judge.bpf.o

# For selftests/long/50-debug-kernels.sh
long-tools: $(LONG)

# --- Programs of the tests on debug kernels ---------------------------------------

$(L)/judge.bpf.o: selftests/long/judge.bpf.c selftests/long/judge.h | $(B)/tools
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(L)/%: selftests/long/%.c selftests/long/judge.c selftests/vm/vfio-open.c \
		$(wildcard selftests/long/*.h) selftests/vm/vfio-open.h | $(B)/tools
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LINK_CFLAGS) -I$(B)/tools/libbpf/include -I$(B)/tools/uapi \
		$(filter %.c,$^) $(B)/tools/libbpf/libbpf.a -lelf -lz -lpthread -o $@

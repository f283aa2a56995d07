# SPDX-License-Identifier: GPL-2.0-only
#
# make bench	cost of an access in instructions, to docs/benchmarks.md;
#		SERIES=7.3 for the other table there
# make bench-stock	what a policy costs on a stock kernel: KERNELS="6.1 6.12 7.3"
# make bench-scale	what 100,000 rules cost, to the same file
# make profile	where the instructions of one access go, by function:
#		make profile POLICY=policies/strict.policy ACCESS=w [MODE=stock]

.PHONY: bench bench-scale bench-stock profile
bench: vm-deps
	@$(MAKE) --no-print-directory all $(module_or_kernel)
	@selftests/bench/bench.sh

KERNELS ?= 6.12

bench-stock: vm-deps
	@$(MAKE) --no-print-directory all
	@selftests/bench/stock.sh $(KERNELS)

bench-scale: vm-deps
	@$(MAKE) --no-print-directory all module
	@selftests/bench/scale.sh

POLICY ?= policies/default.policy
ACCESS ?= w

profile: vm-deps
	@$(MAKE) --no-print-directory all module
	@selftests/bench/profile.sh $(POLICY) $(ACCESS)

# SPDX-License-Identifier: GPL-2.0-only
#
# make check	unit tests and linters; ends with "N passed, N failed"
# make unit	unit tests alone, under the address and behaviour sanitizers
# make lint	linters alone
# make fuzz	the policy language against random texts, FUZZ_RUNS of them:
#		make fuzz FUZZ_RUNS=10000000 for a night

U := $(B)/unit

UNIT_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DVG_VERSION='"$(VERSION)"' -O1 -g -fno-omit-frame-pointer \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Werror -fno-lto \
	-fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_INCLUDE = $(LOADER_INCLUDE)

# All of the loader but main(), so that each test takes what it needs.
UNIT_OBJ := $(LOADER_SRC:loader/%.c=$(U)/loader/%.o)
UNIT_LIB := $(U)/loader.a
UNIT_TESTS := $(patsubst selftests/unit/%.c,$(U)/%,\
	$(wildcard selftests/unit/test_*.c))

.PHONY: unit-deps
unit-deps:
	@scripts/deps.sh build check

$(U)/loader/%.o: loader/%.c | $(B)/tools unit-deps
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) $(UNIT_INCLUDE) -MMD -MP -c $< -o $@

$(U)/loader/force/hook_object.o: $(B)/bpf/vfioguard.skel.h
$(U)/loader/force/stock_object.o: $(B)/bpf/stock.skel.h $(B)/bpf/door.skel.h
$(U)/loader/kernel/stock.o: $(B)/bpf/probe.skel.h
$(U)/loader/lock/lock.o: $(B)/bpf/lock.skel.h

# With q: some folders have a file of the same name.
$(UNIT_LIB): $(filter-out $(U)/loader/main.o,$(UNIT_OBJ))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $^

$(U)/test_%: selftests/unit/test_%.c $(UNIT_LIB)
	$(call say,TEST,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) $(UNIT_INCLUDE) -MMD -MP -MF $@.d $< \
		$(UNIT_LIB) $(UNIT_LDFLAGS) $(B)/tools/libbpf/libbpf.a \
		$(LDLIBS) -lcmocka -o $@

$(U)/layout_file.o: selftests/layouts/layout_file.c selftests/layouts/layout_file.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) $(UNIT_INCLUDE) -c $< -o $@

$(U)/config-space: selftests/layouts/config-space.c $(U)/layout_file.o
	$(call say,TEST,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) $(UNIT_INCLUDE) $^ -o $@

$(U)/test_layouts: $(U)/layout_file.o
$(U)/test_layouts: UNIT_LDFLAGS = $(U)/layout_file.o

# These play the maps, or libaudit, themselves.
$(U)/test_devices: UNIT_LDFLAGS = -Wl,--wrap=bpf_map_lookup_elem \
	-Wl,--wrap=bpf_map_get_next_key
$(U)/test_metrics: UNIT_LDFLAGS = -Wl,--wrap=bpf_map_lookup_elem \
	-Wl,--wrap=bpf_map_get_next_key -Wl,--wrap=bpf_link_get_info_by_fd
$(U)/test_map_entries: UNIT_LDFLAGS = -Wl,--wrap=bpf_map_lookup_batch
$(U)/test_list_watch: UNIT_LDFLAGS = -Wl,--wrap=bpf_map_lookup_batch
$(U)/test_learned: UNIT_LDFLAGS = -Wl,--wrap=bpf_map_lookup_batch \
	-Wl,--wrap=bpf_map_lookup_elem -Wl,--wrap=bpf_map_delete_elem \
	-Wl,--wrap=bpf_map_update_elem
$(U)/test_tell: UNIT_LDFLAGS = -Wl,--wrap=audit_open \
	-Wl,--wrap=audit_is_enabled -Wl,--wrap=audit_log_user_message

$(U)/vfioguard: $(U)/loader/main.o $(UNIT_LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) $^ $(B)/tools/libbpf/libbpf.a $(LDLIBS) -o $@

# The fuzz target over its corpus, of the same sources as the fuzzer's.
FUZZ_SRC := $(filter-out loader/policy/expect.c loader/policy/expect_file.c,\
	$(wildcard loader/policy/*.c)) $(wildcard loader/lint/*.c) \
	$(addprefix loader/util/,log.c pci_ids.c printable.c slot.c \
		string_table.c text_file.c)
FUZZ_CORPUS := selftests/fuzz/corpus/policy

$(U)/fuzz-replay: selftests/fuzz/fuzz_policy.c selftests/fuzz/replay.c \
		$(FUZZ_SRC:%.c=$(U)/%.o)
	$(call say,TEST,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) $(UNIT_INCLUDE) $^ -o $@

-include $(UNIT_OBJ:.o=.d) $(UNIT_TESTS:=.d)

UNIT_RUN = $(UNIT_TESTS) "selftests/unit/cli.sh $(U)/vfioguard" \
	"selftests/unit/device-check.sh $(U)/vfioguard" \
	selftests/unit/module_refusals.sh selftests/unit/layers.sh \
	selftests/unit/names.sh selftests/unit/dkms_build.sh \
	selftests/unit/module_types.sh selftests/unit/vm_cases.sh \
	selftests/unit/schemas.sh \
	selftests/unit/prometheus.sh \
	"selftests/unit/completion.sh $(U)/vfioguard" \
	"selftests/unit/sweep.sh $(B)/vfioguard" selftests/unit/install.sh \
	"selftests/unit/manuals.sh $(U)/vfioguard" \
	"selftests/unit/layouts.sh $(U)/config-space" \
	"selftests/layouts/kernel-map.sh 1 15000" \
	"$(U)/fuzz-replay $(FUZZ_CORPUS)" "$(M)/model 1 1000"
UNIT_PROGRAMS := $(UNIT_TESTS) $(U)/vfioguard $(U)/fuzz-replay $(U)/config-space \
	$(M)/model

.PHONY: unit lint check
unit: $(B)/vfioguard $(UNIT_PROGRAMS)
	@selftests/unit/run.sh $(U)/log $(UNIT_RUN)

lint: $(B)/vfioguard $(UNIT_LIB) | unit-deps
	@scripts/lint.sh

# The linters first: they take longest.
check: $(B)/vfioguard $(UNIT_PROGRAMS)
	@selftests/unit/run.sh $(U)/log scripts/lint.sh $(UNIT_RUN)

# --- Fuzzing -------------------------------------------------------------------

FUZZ_RUNS ?= 200000
FUZZ_CC ?= clang-19

$(B)/fuzz/fuzz_policy: selftests/fuzz/fuzz_policy.c $(FUZZ_SRC) \
		$(wildcard loader/*/*.h bpf/vfioguard.h)
	@scripts/deps.sh fuzz
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -std=gnu17 -D_GNU_SOURCE -O1 -g \
		-fno-omit-frame-pointer -fno-sanitize-recover=all \
		-fsanitize=fuzzer,address,undefined -Iloader -I. \
		$(filter %.c,$^) -o $@

# New inputs go to build/fuzz/new, so that the checkout stays as it is; what
# breaks it to build/fuzz/crash-*.  To take over what a long run found:
# make fuzz-corpus.
.PHONY: fuzz fuzz-corpus
fuzz: $(B)/fuzz/fuzz_policy
	@mkdir -p $(B)/fuzz/new
	$< -runs=$(FUZZ_RUNS) -max_len=2048 -verbosity=0 \
		-print_final_stats=1 -dict=selftests/fuzz/policy.dict \
		-artifact_prefix=$(B)/fuzz/ $(B)/fuzz/new $(FUZZ_CORPUS)

fuzz-corpus: $(B)/fuzz/fuzz_policy
	@scripts/fuzz-corpus.sh $< $(FUZZ_CORPUS) $(B)/fuzz/new

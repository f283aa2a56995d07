# SPDX-License-Identifier: GPL-2.0-only
#
# build/model/model: the BPF program in user space, see README.md here.

M := $(B)/model

# What of the loader needs no kernel, or asks it through selftests/model/loader.c.
MODEL_SRC := $(filter-out loader/policy/expect.c \
		loader/policy/expect_file.c loader/policy/expect_run.c,\
		$(wildcard loader/policy/*.c)) \
	$(wildcard loader/lint/*.c loader/compile/*.c loader/util/*.c) \
	loader/maps/ask.c loader/maps/map_rule.c loader/maps/rule_source.c \
	loader/maps/devices.c loader/answer/explain.c \
	$(wildcard selftests/model/*.c)
MODEL_OBJ := $(MODEL_SRC:%.c=$(M)/%.o)

MODEL_WERROR ?= -Werror

# Of the program there are functions, arguments and pragmas that only BPF needs.
MODEL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -O2 -g -Wall -Wextra $(MODEL_WERROR) \
	-Wno-unused-parameter -Wno-unused-function -Wno-unknown-pragmas \
	-fno-strict-aliasing -ffunction-sections

$(M)/%.o: %.c | $(B)/tools
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(MODEL_CFLAGS) -Iselftests/model/include -Iselftests/model \
		$(LOADER_INCLUDE) -MMD -MP -c $< -o $@

$(M)/model: $(MODEL_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(MODEL_CFLAGS) -Wl,--gc-sections $^ -o $@

-include $(MODEL_OBJ:.o=.d)

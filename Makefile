# SPDX-License-Identifier: GPL-2.0-only
#
# make			BPF program and loader, to build/vfioguard
# make module [KVER=]	patched vfio-pci-core, to build/module/KVER/
# make demo		the main job, in virtual machines
# make test		unit tests and virtual-machine tests
# make check		linters, unit tests and policy tests; seconds
# make test-mainline	a small 7.3 kernel with the series, and tests on it
# make series-check	each commit of the kernel series, compiled and looked at
# make bench		instructions of an access, to docs/benchmarks.md
# make pictures		the README's pictures, from the demo
# make device-table	docs/devices.md from the device library
# make kernels-table	docs/kernels.md from the last tests on several kernels
# make test-long	tests that take minutes: selftests/long/
# make kernel-tree	the series as commits in build/kernel/; make patches saves it
# make install		binary, policies, service; make module-install the module
# make man		manual pages, to build/man/
# make deb		Debian packages, to build/deb/; make deb-check looks into them
# make dist		tarball and Debian source package, to build/dist/
# make help		all of it

SHELL := /bin/bash
.DELETE_ON_ERROR:

B := build
V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),@printf '  %-7s %s\n' '$(1)' '$(2)')

CLANG ?= clang-19
# What the loader does most, many rules or all types of the kernel, is a great
# many calls of small functions in other files.
CFLAGS ?= -O3 -flto=auto -g -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DVG_VERSION='"$(VERSION)"' $(CPPFLAGS) $(CFLAGS)
# The linker compiles libbpf once more, see scripts/tools.sh for what it says then.
LINK_CFLAGS = $(ALL_CFLAGS) -Wno-maybe-uninitialized
LDLIBS = -laudit -lcap-ng -lelf -lz -lpthread

.PHONY: all
all: $(B)/vfioguard

# --- What comes from Debian: packages, kernel source, libbpf, bpftool --------

.PHONY: deps
deps:
	@scripts/deps.sh build

# $(B)/tools is a link to a cache outside the checkout.
$(B)/tools: scripts/tools.sh scripts/kernel-source.sh | deps
	@mkdir -p $(B)
	$(Q)tools=$$(scripts/tools.sh) && ln -sfn "$$tools" $@
	@touch -h $@

# --- BPF programs ---------------------------------------------------------------

BPF_CFLAGS = -g -O2 -Wall -Wextra -Wno-unused-parameter -Werror \
	-target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -ffile-prefix-map=$(CURDIR)=. \
	-I$(B)/tools/libbpf/include -I$(B)/tools/uapi -I/usr/include/$(shell gcc -print-multiarch)

BPF_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard bpf/*.bpf.c))

$(BPF_OBJ): $(B)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h bpf/core/*.h) | $(B)/tools
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(BPF_OBJ:.bpf.o=.skel.h): $(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(B)/tools/bpftool gen skeleton $< name $*_bpf >$@

# --- Loader --------------------------------------------------------------------

LOADER_SRC := $(wildcard loader/*.c loader/*/*.c)
# Files name each other from the top of loader/: util/log.h, bpf/vfioguard.h.
LOADER_INCLUDE = -Iloader -I. -I$(B)/tools/libbpf/include -I$(B)/tools/uapi -I$(B)/bpf
LOADER_OBJ := $(LOADER_SRC:%.c=$(B)/%.o)

$(B)/loader/%.o: loader/%.c | $(B)/tools
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LOADER_INCLUDE) -MMD -MP -c $< -o $@

$(B)/loader/force/hook_object.o: $(B)/bpf/vfioguard.skel.h
$(B)/loader/force/stock_object.o: $(B)/bpf/stock.skel.h $(B)/bpf/door.skel.h
$(B)/loader/kernel/stock.o: $(B)/bpf/probe.skel.h
$(B)/loader/lock/lock.o: $(B)/bpf/lock.skel.h
$(B)/loader/main.o: packaging/debian/changelog

$(B)/vfioguard: $(LOADER_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LINK_CFLAGS) $(LDFLAGS) $^ $(B)/tools/libbpf/libbpf.a $(LDLIBS) -o $@

-include $(LOADER_OBJ:.o=.d)

# For the tests in virtual machines; selftests/vm/mktools.sh asks for it.
$(B)/vm/bin/policy-diff: selftests/vm/policy-diff.c \
		$(filter-out $(B)/loader/main.o $(B)/loader/commands/%,$(LOADER_OBJ))
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LINK_CFLAGS) $(LOADER_INCLUDE) $^ \
		$(B)/tools/libbpf/libbpf.a $(LDLIBS) -o $@

$(B)/vm/bin/lock-try: selftests/vm/lock-try.c | $(B)/tools
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LINK_CFLAGS) $(LOADER_INCLUDE) $^ \
		$(B)/tools/libbpf/libbpf.a $(LDLIBS) -o $@

# --- Kernel ----------------------------------------------------------------------

KVER ?=

.PHONY: module kernel-tree patches
module:
	@scripts/deps.sh module
	@scripts/module.sh $(KVER)

kernel-tree:
	@scripts/kernel-tree.sh open

patches:
	@scripts/kernel-tree.sh save

# --- Demo and tests --------------------------------------------------------------

.PHONY: vm-deps demo test
vm-deps:
	@scripts/deps.sh build module vm

demo: vm-deps
	@$(MAKE) --no-print-directory all module
	@selftests/demo/demo.sh

test: vm-deps
	@scripts/deps.sh check
	@$(MAKE) --no-print-directory all module
	@scripts/test.sh

.PHONY: test-long
test-long: vm-deps
	@$(MAKE) --no-print-directory all module
	@scripts/test-long.sh

include selftests/model/model.mk
include selftests/unit/unit.mk
include selftests/bench/bench.mk
include selftests/long/long.mk

# --- Manual pages ------------------------------------------------------------------

# Made by the binary, which knows its commands.
.PHONY: man
man: $(B)/man/vfioguard.8
$(B)/man/vfioguard.8: $(wildcard man/*.scd) scripts/man.sh $(B)/vfioguard
	@scripts/deps.sh man
	$(call say,MAN,$(@D))
	$(Q)scripts/man.sh $(B)/vfioguard $(@D)

# --- Installation ------------------------------------------------------------------

prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
sysconfdir ?= /etc
datadir ?= $(prefix)/share/vfioguard
docdir ?= $(prefix)/share/doc/vfioguard
mandir ?= $(prefix)/share/man
completionsdir ?= $(prefix)/share/bash-completion/completions
zshdir ?= $(prefix)/share/zsh/site-functions
fishdir ?= $(prefix)/share/fish/vendor_completions.d
unitdir ?= $(prefix)/lib/systemd/system
# What was installed of the configuration, to tell later what was edited.
recorddir ?= $(prefix)/share/vfioguard

.PHONY: install module-install
# A policy or configuration that was edited is never overwritten: install-conf.sh.
install: all man
	install -D -m 755 $(B)/vfioguard '$(DESTDIR)$(sbindir)/vfioguard'
	install -d '$(DESTDIR)$(unitdir)'
	@scripts/install-conf.sh '$(DESTDIR)$(sysconfdir)/vfioguard' \
		'$(if $(recorddir),$(DESTDIR)$(recorddir)/installed)'
	install -D -m 644 -t '$(DESTDIR)$(docdir)' README.md
	install -D -m 644 -t '$(DESTDIR)$(datadir)' packaging/prometheus/vfioguard.rules.yml
	install -D -m 644 -t '$(DESTDIR)$(mandir)/man5' $(B)/man/*.5
	install -D -m 644 -t '$(DESTDIR)$(mandir)/man8' $(B)/man/*.8
	install -D -m 644 -t '$(DESTDIR)$(completionsdir)' \
		packaging/bash-completion/vfioguard
	install -D -m 644 -t '$(DESTDIR)$(zshdir)' packaging/zsh-completion/_vfioguard
	install -D -m 644 -t '$(DESTDIR)$(fishdir)' \
		packaging/fish-completion/vfioguard.fish
	sed -e 's|@sbindir@|$(sbindir)|' -e 's|@sysconfdir@|$(sysconfdir)|' \
		packaging/vfioguard.service.in >'$(DESTDIR)$(unitdir)/vfioguard.service'

# Beside the stock module, which depmod then passes over; to go back, remove the
# file and run depmod.
module-install: module
	@scripts/module-install.sh $(KVER)

.PHONY: deb deb-check
deb:
	@scripts/deps.sh build man deb
	@scripts/deb.sh

# The tree as a tarball and a Debian source package, to build/dist/.
.PHONY: dist
dist:
	@scripts/deps.sh deb
	@scripts/dist.sh

# What is in them; selftests/long/60-packages.sh installs them.
deb-check: deb
	@UNIT_TIMEOUT=600 selftests/unit/run.sh $(B)/deb/log selftests/unit/packages.sh

# --- Documentation -------------------------------------------------------------------

# docs/devices.md from the device library; make check fails when it is stale.
.PHONY: device-table pictures kernels-table
device-table:
	@scripts/device-table.sh

# docs/kernels.md from what the VM tests left in build/vm.
kernels-table:
	@scripts/kernels-table.sh

# docs/pictures/ from a run of the demo.
pictures:
	@scripts/pictures.sh

.PHONY: clean help
clean:
	rm -rf $(B)

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

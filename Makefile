# Duality: the whole build, in one file. Everything made goes under $(BUILD).
#
#   make qemu                        boot to a shell (leave it with: poweroff, or Ctrl-A x)
#   make qemu CMD="echo hi; ls /"    run commands, power off, fail if they fail
#   make qemu-gdb                    the same, stopped at the first instruction for gdb (.gdbinit)
#   make grade [GRADE=mmap]          boot, type, expect, score; GRADE picks cases by name
#   make check                       floors, style, format, host tests
#   make bench [BENCH=a,b]           count instructions (docs/bench.md); bench-check: worse?
#   make profile BENCH=name          where its instructions go, by function
#   make test-host                   unit tests of the pure modules, under ASan and UBSan
#   make model                       check the model of the pager protocol (test/model)
#   make compile_commands.json       for clangd
#
# A kernel, user or test source is found by its place: drop a file into user/bin, user/tests,
# user/xv6 or test/host and it is built. A host test names the kernel files it needs in a comment
# line, "sources: kernel/lib/rbtree.c ...". Knobs, with what they are when not given:

BUILD   ?= build
CPUS    ?= 2
MEM     ?= 128M
FS_BLOCK?= 4096
DISK    ?= virtio# or ram: the image is loaded as an initrd
SAN     ?= 0# 1: kernel under KASAN and UBSan, in $(BUILD)-san
CHECKS  ?= 1# 0: kernel without lock-rank checks
GRADE   ?=# part of the names of the cases to run
JOBS    ?= 2# cases at a time
GDBPORT ?= 1234
QEMU    ?= qemu-system-riscv64
CROSS   ?= riscv64-unknown-elf-
HOSTCC  ?= gcc

ifeq ($(SAN),1)
override BUILD := $(BUILD)-san
endif
ifeq ($(DISK),ram)
FS_SIZE ?= 16M
IMG     := $(BUILD)/ram.img
else
FS_SIZE ?= 64M
IMG     := $(BUILD)/fs.img
endif
ifeq ($(V),)
Q   := @
say  = @echo "  $(1)	$(2:$(BUILD)/%=%)"
endif

.PHONY: all qemu qemu-gdb gdb grade test-host check clean tools FORCE compile_commands.json \
	bench bench-check bench-kernel profile model
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

all: $(BUILD)/kernel/kernel.elf $(IMG)

# --- tools -----------------------------------------------------------------------------------
# Looked for once per make; every rule that runs one waits for `tools` (order only). With all of
# them present this costs a few milliseconds and `tools` does nothing.

MISSING := $(shell CROSS=$(CROSS) QEMU=$(QEMU) HOSTCC=$(HOSTCC) sh tools/missing.sh)
tools:
ifneq ($(MISSING),)
	@sh tools/install.sh $(MISSING)
endif

# --- flags -----------------------------------------------------------------------------------

WARN  := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
COMMON := -std=gnu11 -g -O2 -fno-common -fno-omit-frame-pointer -MMD -MP
KISA  := -mabi=lp64 -mcmodel=medany -mno-relax
# No floating point in kernel C; the assembler knows it, to save a thread's registers.
KCFLAGS := $(COMMON) $(WARN) $(KISA) -march=rv64imac_zicsr_zifencei -ffreestanding \
	-fno-tree-loop-distribute-patterns -fno-pic -fno-stack-protector -Iinclude -Ikernel
KAFLAGS := $(KISA) -march=rv64gc_zicsr_zifencei -g -MMD -MP -Iinclude -Ikernel
KCONF := -DCONFIG_SAN=$(if $(filter 1,$(SAN)),1,0) -DCONFIG_CHECKS=$(CHECKS)
KCFLAGS += $(KCONF)
KAFLAGS += $(KCONF)
KSAN :=
ifeq ($(SAN),1)
KSAN := -fsanitize=undefined -fsanitize=kernel-address --param asan-stack=0 \
	--param asan-globals=0 --param asan-instrumentation-with-call-threshold=0
endif
# Never instrumented: the sanitizers' own runtime and what runs before its shadow is there.
NOSAN := kernel/core/san_%.c kernel/lib/string.c kernel/mem/kalloc.c kernel/mem/page_boot.c kernel/arch/riscv/%.c

UISA    := -march=rv64gc -mabi=lp64d -mcmodel=medany -mno-relax
UCFLAGS := --specs=picolibc.specs $(UISA) $(COMMON) -ffunction-sections -Iuser/lib/include -Iinclude
XCFLAGS := $(UISA) $(COMMON) -ffreestanding -Iuser/xv6lib/include
HCFLAGS := -std=gnu11 -g -O2 $(WARN) -D_GNU_SOURCE -DDUALITY_HOST=1 -Iinclude
TCFLAGS := $(filter-out -O2,$(HCFLAGS)) -O1 -I. -Ikernel -Itest/host \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

KCC := $(CROSS)gcc

# --- kernel ----------------------------------------------------------------------------------

tree = $(foreach depth,* */* */*/* */*/*/*,$(wildcard $(1)/$(depth).[cS]))
objects = $(patsubst %.S,$(BUILD)/%.S.o,$(patsubst %.c,$(BUILD)/%.o,$(call tree,$(1))))
KOBJ := $(call objects,kernel)

$(BUILD)/kernel/%.o: kernel/%.c Makefile | tools
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(KCC) $(KCFLAGS) $(if $(filter $(NOSAN),$<),,$(KSAN)) -c -o $@ $<

$(BUILD)/kernel/%.S.o: kernel/%.S Makefile | tools
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(KCC) $(KAFLAGS) -c -o $@ $<

$(BUILD)/kernel/kernel.elf: $(KOBJ) kernel/kernel.ld
	$(call say,LD,$@)
	$(Q)$(KCC) $(KISA) -march=rv64imac -nostdlib -static -Wl,-T,kernel/kernel.ld \
		-Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-Map,$(@:.elf=.map) -o $@ $(KOBJ) -lgcc

# --- user ------------------------------------------------------------------------------------
# Programs of one file: user/bin, user/tests, user/gc; course programs: user/xv6, against their own
# library and headers; any other folder (user/pagerd, user/sh) is one program of several files.

LIBOBJ  := $(call objects,user/lib)
XLIBOBJ := $(call objects,user/xv6lib)
SINGLE  := $(patsubst %.c,$(BUILD)/%.elf,$(foreach d,bin tests gc,$(wildcard user/$(d)/*.c)))
XV6     := $(patsubst %.c,$(BUILD)/%.elf,$(wildcard user/xv6/*.c))
MULTI   := $(filter-out bin tests gc lib xv6 xv6lib root,$(sort $(patsubst user/%/,%,$(dir \
		$(wildcard user/*/*.c)))))
MULTIS  := $(foreach m,$(MULTI),$(BUILD)/user/$(m)/$(m).elf)
PROGS   := $(SINGLE) $(XV6) $(MULTIS)
LIBA    := $(BUILD)/user/libduality.a
XLIBA   := $(BUILD)/user/libxv6.a

$(BUILD)/user/%.o: user/%.c Makefile | tools
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(KCC) $(UCFLAGS) $(WARN) -I$(<D) -c -o $@ $<

$(BUILD)/user/%.S.o: user/%.S Makefile | tools
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(KCC) $(UCFLAGS) -c -o $@ $<

$(BUILD)/user/xv6/%.o: user/xv6/%.c Makefile | tools
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(KCC) $(XCFLAGS) -w -c -o $@ $<

$(BUILD)/user/xv6lib/%.o: user/xv6lib/%.c Makefile | tools
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(KCC) $(XCFLAGS) $(WARN) -Iinclude -c -o $@ $<

$(BUILD)/user/xv6lib/%.S.o: user/xv6lib/%.S Makefile | tools
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(KCC) $(XCFLAGS) -Iinclude -c -o $@ $<

$(LIBA): $(LIBOBJ)
$(XLIBA): $(XLIBOBJ)
$(LIBA) $(XLIBA):
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(CROSS)ar rcs $@ $^

# link with the library $(1), which needs those of $(2) and is needed by them
link = $(KCC) $(3) $(UISA) -nostdlib -static -T user/lib/user.ld -u _start \
	-Wl,--gc-sections -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,--build-id=none \
	-o $@ $(filter %.o,$^) -Wl,--start-group $(1) $(2) -Wl,--end-group
link_picolibc = $(call link,$(LIBA),-lc -lgcc,--specs=picolibc.specs)

# NAME_anything.S belongs to the course program NAME.
$(foreach s,$(wildcard user/xv6/*.S),$(eval \
	$(BUILD)/user/xv6/$(firstword $(subst _, ,$(basename $(notdir $(s))))).elf: $(BUILD)/$(s).o))
$(XV6): $(BUILD)/%.elf: $(BUILD)/%.o $(XLIBA) user/lib/user.ld
	$(call say,LD,$@)
	$(Q)$(call link,$(XLIBA),-lgcc)

$(SINGLE): $(BUILD)/%.elf: $(BUILD)/%.o
$(foreach m,$(MULTI),$(eval $(BUILD)/user/$(m)/$(m).elf: \
	$(patsubst %.c,$(BUILD)/%.o,$(wildcard user/$(m)/*.c))))
$(SINGLE) $(MULTIS): $(LIBA) user/lib/user.ld
	$(call say,LD,$@)
	$(Q)$(link_picolibc)

$(BUILD)/%.stripped: $(BUILD)/%.elf
	$(Q)$(CROSS)strip -o $@ $<

# --- image -----------------------------------------------------------------------------------
# fs.list: what goes into an image, DEST=SOURCE, for mkfs and for the grader, which makes a fresh
# image for every case. A course program whose name is taken goes to /xv6 instead of /bin.
# user/root holds plain files, at the path they have there. The image that
# `make qemu` uses is made again only when a program, a size or the list changes.

ROOTFS := $(filter-out user/root,$(shell find user/root -type f 2>/dev/null))
NATIVE := $(patsubst %,$(BUILD)/user/xv6/%.elf,$(basename $(notdir $(filter-out $(XV6),$(PROGS)))))
FSLIST := $(foreach p,$(PROGS),$(if $(filter $(NATIVE),$(p)),/xv6,/bin)/$(basename \
		$(notdir $(p)))=$(p:.elf=.stripped)) \
	$(foreach f,$(ROOTFS),$(f:user/root%=%)=$(f))

$(BUILD)/fs.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(FSLIST) >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(IMG:.img=.size): FORCE
	@mkdir -p $(@D)
	@echo "-s $(FS_SIZE) -b $(FS_BLOCK)" >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(IMG): $(BUILD)/host/mkfs $(PROGS:.elf=.stripped) $(ROOTFS) $(BUILD)/fs.list $(IMG:.img=.size)
	$(call say,MKFS,$@)
	$(Q)$(BUILD)/host/mkfs -o $@ $$(cat $(IMG:.img=.size)) $$(cat $(BUILD)/fs.list)

# --- host programs ---------------------------------------------------------------------------
# host.mk: what the "sources:" lines of host tests and of mkfs say, as prerequisites.

TESTS := $(patsubst test/host/%.c,$(BUILD)/host/test/%,$(wildcard test/host/*.c))

$(BUILD)/host.mk: $(wildcard test/host/*.c mkfs/*.c grade/*.c) Makefile
	@mkdir -p $(@D)
	@grep -H '^[ /*]*sources:' $(filter %.c,$^) /dev/null | sed -n \
		-e 's|^test/host/\([^:]*\)\.c:.*sources: *\(.*\)|$$(BUILD)/host/test/\1: \2|' \
		-e 's|^\([a-z]*\)/[^:]*:.*sources: *\(.*\)|$$(BUILD)/host/\1: \2|' -e 's|\*/||' -e p >$@

$(BUILD)/host/test/%: test/host/%.c Makefile $(BUILD)/host.mk | tools
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(TCFLAGS) -MM -MP -MT $@ $(filter %.c,$^) >$@.d
	$(Q)$(HOSTCC) $(TCFLAGS) -o $@ $(filter %.c,$^)

$(BUILD)/host/mkfs: $(wildcard mkfs/*.c)
$(BUILD)/host/grade: $(wildcard grade/*.c)
$(BUILD)/host/check: $(wildcard tools/*.c)
$(BUILD)/host/mkfs $(BUILD)/host/grade $(BUILD)/host/check: Makefile $(BUILD)/host.mk | tools
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(HCFLAGS) $(if $(filter %/mkfs,$@),-Ikernel) -MM -MP -MT $@ $(filter %.c,$^) >$@.d
	$(Q)$(HOSTCC) $(HCFLAGS) $(if $(filter %/mkfs,$@),-Ikernel) -o $@ $(filter %.c,$^)

# --- run -------------------------------------------------------------------------------------
# CMD travels by the environment, so that no quote, semicolon or ampersand of it is read by make
# or a shell; on the kernel's command line `cmd=` comes last and takes the rest of the line.

export DUALITY_CMD := $(value CMD)
QARGS := -machine virt -global virtio-mmio.force-legacy=false -smp $(CPUS) -m $(MEM) \
	-kernel $(BUILD)/kernel/kernel.elf
ifeq ($(DISK),ram)
QARGS += -initrd $(IMG)
else
QARGS += -drive file=$(IMG),if=none,format=raw,id=hd0 -device virtio-blk-device,drive=hd0
endif

qemu: all
ifeq ($(DUALITY_CMD),)
	$(Q)$(QEMU) $(QARGS) -nographic
else
	$(Q)$(QEMU) $(QARGS) -display none -monitor none -serial stdio -append "cmd=$$DUALITY_CMD" </dev/null
endif

qemu-gdb: all
	@echo "now, in another terminal: make gdb GDBPORT=$(GDBPORT)"
	$(Q)$(QEMU) $(QARGS) -nographic -S -gdb tcp::$(GDBPORT)

gdb:
	gdb-multiarch -nx -ex "set \$$port=$(GDBPORT)" -x .gdbinit $(BUILD)/kernel/kernel.elf

# --- tests -----------------------------------------------------------------------------------

grade: $(BUILD)/kernel/kernel.elf $(BUILD)/host/grade $(BUILD)/host/mkfs $(BUILD)/fs.list \
		$(PROGS:.elf=.stripped) $(ROOTFS)
	$(Q)QEMU=$(QEMU) $(BUILD)/host/grade -b $(BUILD) -j $(JOBS) $(if $(filter 1,$(SAN)),-t 4) $(GRADE)

model: | tools
	@command -v spin >/dev/null || sh tools/install.sh spin
	$(Q)HOSTCC=$(HOSTCC) sh test/model/run.sh $(BUILD)/model

test-host: $(TESTS)
	$(Q)sh tools/test-host.sh $(TESTS)

check: $(BUILD)/host/check test-host
	$(Q)$(BUILD)/host/check
	$(Q)sh tools/format.sh

# --- benchmark -------------------------------------------------------------------------------
# One hart under -icount, so that the same sources give the same counts; a kernel of its own
# without lock checks, and a fresh image of few programs each time, so that nothing else matters.
# The disk is memory: QEMU lets idle time run on to the next deadline, which a real disk of a busy
# host would miss. BENCH=name,name runs a part.

BENCH   ?=
BENCHB  := $(BUILD)/bench
BENCHQ  := -machine virt -global virtio-mmio.force-legacy=false -smp 1 -m 256M -display none \
	-monitor none -serial stdio -icount shift=0,sleep=off -rtc base=2020-01-01,clock=vm \
	-kernel $(BENCHB)/kernel/kernel.elf -initrd $(BENCHB)/fs.img
BENCHP  := bin/init sh/sh pagerd/pagerd bench/bench bin/true bin/poweroff
comma   := ,

$(BUILD)/host/bench-table: $(wildcard tools/bench/*.c) Makefile | tools
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(HCFLAGS) -o $@ $(filter %.c,$^)

bench-kernel: | tools
	$(Q)$(MAKE) --no-print-directory BUILD=$(BENCHB) CHECKS=0 SAN=0 $(BENCHB)/kernel/kernel.elf

$(BENCHB)/fs.img: FORCE bench-kernel $(BUILD)/host/mkfs $(BENCHP:%=$(BUILD)/user/%.stripped)
	$(Q)$(BUILD)/host/mkfs -o $(BENCHB)/fs.img -s 16M -b 4096 \
		$(foreach p,$(BENCHP),/bin/$(notdir $(p))=$(BUILD)/user/$(p).stripped)

$(BUILD)/bench.log: $(BENCHB)/fs.img
	$(Q)timeout 300 $(QEMU) $(BENCHQ) -append "cmd=bench $(subst $(comma), ,$(BENCH))" \
		</dev/null >$@ || { cat $@; false; }

bench: $(BUILD)/bench.log $(BUILD)/host/bench-table
	$(Q)$(BUILD)/host/bench-table $< $(BUILD)/bench.tsv -p grade/bench-peers.tsv

bench-check: $(BUILD)/bench.log $(BUILD)/host/bench-table
	$(Q)$(BUILD)/host/bench-table $< $(BUILD)/bench.tsv -p grade/bench-peers.tsv -b grade/bench-baseline.tsv

# make profile BENCH=name [FUNCTION=name]: where the instructions of a row go
PROFILE := $(BUILD)/host/profile
$(PROFILE)-plugin.so: tools/profile/plugin.c Makefile | tools
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(HCFLAGS) -fPIC -shared -o $@ $<

$(PROFILE)-report: tools/profile/report.c Makefile | tools
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(HCFLAGS) -o $@ $<

profile: $(BENCHB)/fs.img $(PROFILE)-plugin.so $(PROFILE)-report
	$(Q)timeout 600 $(QEMU) $(BENCHQ) -plugin $(abspath $(PROFILE)-plugin.so),out=$(BENCHB)/counts \
		-append "cmd=bench $(subst $(comma), ,$(BENCH))" </dev/null >$(BUILD)/profile.log \
		|| { cat $(BUILD)/profile.log; false; }
	$(Q)$(CROSS)nm -n $(BENCHB)/kernel/kernel.elf >$(BENCHB)/kernel.nm
	$(Q)$(CROSS)nm -n $(BUILD)/user/bench/bench.elf >$(BENCHB)/user.nm
	$(Q)$(PROFILE)-report $(BENCHB)/counts $(BENCHB)/kernel.nm $(BENCHB)/user.nm $(FUNCTION)

# --- the rest --------------------------------------------------------------------------------

cc_entry = {"directory": "$(CURDIR)", "file": "$(1)", "command": "$(2) -c $(1)"},
compile_commands.json:
	$(Q){ echo '['; \
	$(foreach f,$(filter %.c,$(call tree,kernel)),echo '$(call cc_entry,$(f),$(KCC) $(KCFLAGS))';) \
	$(foreach f,$(filter-out user/xv6%,$(filter %.c,$(call tree,user))),echo '$(call cc_entry,$(f),$(KCC) $(UCFLAGS))';) \
	$(foreach f,$(wildcard user/xv6/*.c user/xv6lib/*.c),echo '$(call cc_entry,$(f),$(KCC) $(XCFLAGS) -Iinclude)';) \
	$(foreach f,$(wildcard mkfs/*.c grade/*.c tools/*.c),echo '$(call cc_entry,$(f),$(HOSTCC) $(HCFLAGS))';) \
	$(foreach f,$(wildcard test/host/*.c),echo '$(call cc_entry,$(f),$(HOSTCC) $(TCFLAGS))';) \
	} | sed '$$ s/,$$//' >$@; echo ']' >>$@

clean:
	rm -rf $(BUILD) $(BUILD)-san compile_commands.json

ifeq ($(filter clean tools,$(MAKECMDGOALS)),)
-include $(BUILD)/host.mk
endif
-include $(KOBJ:.o=.d) $(LIBOBJ:.o=.d) $(XLIBOBJ:.o=.d) $(SINGLE:.elf=.d) $(XV6:.elf=.d) $(SHELL_O:.o=.d)
-include $(wildcard $(BUILD)/host/*.d $(BUILD)/host/test/*.d $(MULTI:%=$(BUILD)/user/%/*.d))

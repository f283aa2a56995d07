#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 27-lock-mounts.sh - a locked policy: each way round it by mounts is tried, is refused
# and leaves a record, and the policy blocks after it (runs in the VM).
#
# vm-args: --timeout 600

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/lock.sh
. "$VM_SRC/selftests/vm/lib/lock.sh"

lock_start
check "it locks" guard lock
check "a record tells" wait_for more_records lock 0

# --- Refused ----------------------------------------------------------------------

refused lock-umount "umount" umount /sys/fs/bpf
refused lock-umount "umount -l" umount -l /sys/fs/bpf
refused lock-umount "umount -l of what is above" umount -l /sys
refused lock-mount "remount bpffs" mount -o remount,ro /sys/fs/bpf
refused lock-mount "mount over bpffs" mount -t tmpfs none /sys/fs/bpf
refused lock-mount "mount over the pins" mount -t tmpfs none "$pins"
refused lock-mount "mount over what is above" mount -t tmpfs none /sys/fs
refused lock-mount "bind over bpffs" mount --bind /run /sys/fs/bpf
refused lock-mount "move bpffs away" mount --move /sys/fs/bpf /mnt
refused lock-mount "move what is above" mount --move /sys /mnt
ln -s /sys/fs/bpf /run/vm/alias
refused lock-mount "move it by another name" try mount /run/vm/alias /mnt 0x2000
# MS_PRIVATE beside MS_BIND, which the kernel takes for MS_BIND.
refused lock-mount "bind over bpffs, and private" try mount /run /sys/fs/bpf 0x41000
# mount(8) here knows none of the system calls of Linux 5.2.
refused lock-mount "move_mount: bpffs away" try move /sys/fs/bpf /mnt
refused lock-mount "move_mount: what is above" try move /sys /mnt
refused lock-mount "move_mount: over bpffs" try over /sys/fs/bpf
refused lock-mount "move_mount: over what is above" try over /sys/fs
# What it needs is seen below, where the same may be done.
new_root=/run/vm/root
mkdir "$new_root"
mount -t tmpfs none "$new_root"
mkdir "$new_root/old"
refused lock-mount "pivot_root" pivot_root "$new_root" "$new_root/old"

# As systemd has it: name spaces are made of copies that share what is done to them.
peer()
{
	unshare --mount --propagation "${PEER:-unchanged}" "$@"
}

mount --make-rshared /
refused lock-umount "umount in a name space that shares" peer umount /sys/fs/bpf
refused lock-umount "umount -l in it" peer umount -l /sys/fs/bpf
refused lock-umount "umount -l of what is above in it" peer umount -l /sys
refused lock-mount "mount over bpffs in it" peer mount -t tmpfs none /sys/fs/bpf
refused lock-mount "mount over what is above in it" peer mount -t tmpfs none /sys/fs
mkdir /run/vm/copy
mount --rbind /sys /run/vm/copy
refused lock-umount "umount -l of a copy with all below it" umount -l /run/vm/copy
# One that shares nothing could join them just when an unmount in it has been looked at.
mkdir /run/vm/alone /run/vm/alone.bpf
mount --bind /sys /run/vm/alone
mount --make-private /run/vm/alone
mount --bind /sys/fs/bpf /run/vm/alone.bpf
mount --make-private /run/vm/alone.bpf
refused lock-mount "move_mount: join a copy of what is above" try join /run/vm/copy /run/vm/alone
refused lock-mount "move_mount: join a copy of bpffs" try join /run/vm/copy/fs/bpf /run/vm/alone.bpf
mount --make-shared /run/vm/alone
refused lock-mount "move_mount: join what is above" try join /sys /run/vm/alone
refused lock-mount "move_mount: make it join" try join /run/vm/alone /sys
check "they go" umount /run/vm/alone.bpf /run/vm/alone
# The host's are slaves of a copy.
mount --make-rslave /sys
refused lock-umount "umount -l of their master" umount -l /run/vm/copy
refused lock-mount "mount over their master" mount -t tmpfs none /run/vm/copy/fs/bpf
check "the pins are there" test -e "$pins/link" -a -e "$pins/lock_umount"
mount --make-rprivate /run/vm/copy
check "a copy that shares nothing: umount -l" umount -l /run/vm/copy
check "a copy with nothing below it" mount --bind / /run/vm/copy
check "and gone" umount /run/vm/copy
PEER=slave check "a name space that only follows may unmount it" peer umount -l /sys/fs/bpf
mount --make-rprivate /
check "the pins are there" test -e "$pins/link" -a -e "$pins/lock_umount"

# --- What goes on as before --------------------------------------------------------

mkdir /run/vm/bpffs
check "others' bpffs: mount" mount -t bpf bpf /run/vm/bpffs
check "others' bpffs: umount" umount /run/vm/bpffs
check "other mounts" mount -t tmpfs none /run/vm/bpffs
check "and remounted" mount -o remount,ro /run/vm/bpffs
check "and gone" umount /run/vm/bpffs
check "other mounts by move_mount" try over /run/vm/bpffs
mkdir /run/vm/elsewhere
check "and moved" try move /run/vm/bpffs /run/vm/elsewhere
mount --make-shared /run/vm/elsewhere
mount --bind /run/vm/elsewhere /run/vm/bpffs
mount --make-private /run/vm/bpffs
check "and joined" try join /run/vm/elsewhere /run/vm/bpffs
check "and gone" umount /run/vm/bpffs
check "and gone, too" umount /run/vm/elsewhere
check "a name space of its own may unmount it" unshare --mount umount -l /sys/fs/bpf
check "and have another root" unshare --mount pivot_root "$new_root" "$new_root/old"
stop_daemon
vfio_stop
done_testing

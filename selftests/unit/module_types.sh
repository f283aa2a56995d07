#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# module_types.sh: scripts/module-types.awk on types in bpftool's words: what makes a
# module another one for those that are loaded on it, and what does not. Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit

compare()
{
	awk -f "$top/scripts/module-types.awk" part=symbols symbols part=base base \
		part=stock stock part=ours ours >out 2>&1
}

# differs NAME WHAT EDIT: with ours changed by sed's EDIT
differs()
{
	cp stock ours
	sed -i "$3" ours
	compare
	[ $? = 1 ] && grep -q "^$2 differs" out
	result $? "$1: differs"
}

printf '0x0\tvfio_pci_core_enable\tvfio-pci-core\tEXPORT_SYMBOL_GPL\t\n' >symbols
# More than nine, so that numbers are not taken for words.
cat >base <<'END'
[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED
[2] PTR '(anon)' type_id=3
[3] STRUCT 'pci_dev' size=8 vlen=1
	'a' type_id=1 bits_offset=0
[4] TYPEDEF 'u32' type_id=1
[5] CONST '(anon)' type_id=3
[6] PTR '(anon)' type_id=5
[7] VOLATILE '(anon)' type_id=1
[8] TYPEDEF 'bool' type_id=1
[9] ARRAY '(anon)' type_id=1 index_type_id=1 nr_elems=6
[10] TYPEDEF 'u64' type_id=1
[11] TYPEDEF 'u8' type_id=1
END
cat >stock <<'END'
[12] STRUCT 'vfio_pci_core_device' size=48 vlen=5
	'pdev' type_id=2 bits_offset=0
	'ids' type_id=9 bits_offset=64
	'used' type_id=8 bits_offset=256 bitfield_size=1
	'(anon)' type_id=13 bits_offset=288
	'next' type_id=14 bits_offset=320
[13] UNION '(anon)' size=4 vlen=2
	'low' type_id=4 bits_offset=0
	'byte' type_id=11 bits_offset=0
[14] PTR '(anon)' type_id=12
[15] FUNC_PROTO '(anon)' ret_type_id=1 vlen=1
	'vdev' type_id=14
[16] FUNC 'vfio_pci_core_enable' type_id=15 linkage=static
[17] FUNC 'vfio_own' type_id=15 linkage=static
[18] ENUM 'vfio_state' encoding=UNSIGNED size=4 vlen=1
	'VFIO_A' val=0
[19] STRUCT 'only_stock' size=4 vlen=0
[20] FWD 'eventfd' fwd_kind=struct
[21] PTR '(anon)' type_id=20
[22] STRUCT 'user' size=8 vlen=1
	'eventfd' type_id=21 bits_offset=0
END
cp stock ours
compare
result $? "the same types"
grep -q '^compared 4 types and 1 functions$' out
result $? "it says what was compared"

# The same in other words: other numbers, more types, a type that is known whole here.
cat >ours <<'END'
[12] PTR '(anon)' type_id=20
[13] STRUCT 'eventfd' size=4 vlen=1
	'n' type_id=1 bits_offset=0
[14] PTR '(anon)' type_id=13
[15] STRUCT 'user' size=8 vlen=1
	'eventfd' type_id=14 bits_offset=0
[16] STRUCT 'only_ours' size=4 vlen=0
[17] FUNC 'vfio_pci_core_enable' type_id=18 linkage=static
[18] FUNC_PROTO '(anon)' ret_type_id=1 vlen=1
	'core' type_id=12
[19] UNION '(anon)' size=4 vlen=2
	'low' type_id=4 bits_offset=0
	'byte' type_id=11 bits_offset=0
[20] STRUCT 'vfio_pci_core_device' size=48 vlen=5
	'pdev' type_id=2 bits_offset=0
	'ids' type_id=9 bits_offset=64
	'used' type_id=8 bits_offset=256 bitfield_size=1
	'(anon)' type_id=19 bits_offset=288
	'next' type_id=12 bits_offset=320
END
compare
result $? "the same with other numbers"

differs "a member elsewhere" "STRUCT vfio_pci_core_device" "s/'pdev' type_id=2 bits_offset=0/'pdev' type_id=2 bits_offset=8/"
differs "a member of another type" "STRUCT vfio_pci_core_device" "s/'pdev' type_id=2/'pdev' type_id=6/"
differs "another type with as many bytes" "STRUCT vfio_pci_core_device" "s/'low' type_id=4/'low' type_id=1/"
differs "an array" "STRUCT vfio_pci_core_device" "s/'ids' type_id=9/'ids' type_id=1/"
differs "a wider bit field" "STRUCT vfio_pci_core_device" "s/bitfield_size=1/bitfield_size=2/"
differs "another size" "STRUCT vfio_pci_core_device" "s/size=48/size=56/"
differs "one member more" "STRUCT vfio_pci_core_device" "/'next'/a\\	'more' type_id=1 bits_offset=384"
differs "an enumerator" "ENUM vfio_state" "s/val=0/val=1/"
differs "an argument of an exported function" "FUNC vfio_pci_core_enable" "s/'vdev' type_id=14/'vdev' type_id=2/"
differs "what it returns" "FUNC vfio_pci_core_enable" "s/ret_type_id=1 /ret_type_id=10 /"

cp stock ours
sed -i "s/'vfio_own' type_id=15/'vfio_own' type_id=1/" ours
compare
result $? "what a function of its own takes does not matter"
sed "s/'vfio_pci_core_device'/'another'/" stock >ours
compare
[ $? = 1 ] && grep -q "struct vfio_pci_core_device is not in both" out
result $? "without the struct that matters nothing is said to be the same"
cp stock ours
: >base
compare
[ $? = 1 ] && grep -q "the kernel's own types are not here" out
result $? "nor without the kernel's types"

done_testing

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's vfio_pci_config.c finds instead of the kernel's headers, so that its
 * vfio_config_init() runs on this machine, over a config space in memory.  Registers
 * have the kernel's own names (uapi/linux/pci_regs.h of the same source).  What is
 * reached by accesses of a user only, which nobody makes here, ends the program.
 */
#ifndef HOST_LINUX_PCI_H
#define HOST_LINUX_PCI_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <uapi/linux/pci_regs.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef u16 __le16;
typedef u32 __le32;
typedef int pci_power_t;

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "cpu_to_le*() below are for little-endian machines"
#endif
#define cpu_to_le16(x) ((u16)(x))
#define cpu_to_le32(x) ((u32)(x))
#define le16_to_cpu(x) ((u16)(x))
#define le32_to_cpu(x) ((u32)(x))

#define __user
#define __iomem
#define __rcu
#define __init
#define likely(x) (x)
#define unlikely(x) (x)
#define IS_ENABLED(x) 1
#define BUILD_BUG_ON(x) _Static_assert(!(x), #x)
#define EXPORT_SYMBOL_GPL(x)
#define WARN_ON(x) ((x) ? abort() : (void)0)
#define round_up(x, y) (((x) + (y) - 1) / (y) * (y))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(t, a, b) min((t)(a), (t)(b))

/* What is said of a device's faults is not of interest here. */
#define pci_warn(dev, ...) ((void)(dev))
#define pci_info(dev, ...) ((void)(dev))
#define pci_dbg(dev, ...) ((void)(dev))

#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 0
#define IRQ_NOTCONNECTED (1U << 31)

enum {
	PCI_D0,
	PCI_D1,
	PCI_D2,
	PCI_D3hot
};
enum {
	PCI_STD_RESOURCES = 0,
	PCI_ROM_RESOURCE = 6
};

#define IORESOURCE_IO 0x100
#define IORESOURCE_PREFETCH 0x2000
#define IORESOURCE_MEM_64 0x100000
#define IORESOURCE_ROM_SHADOW 0x2

#define PCI_VENDOR_ID_INTEL 0x8086
#define PCI_CLASS_DISPLAY_VGA 0x0300
#define PCI_DEVICE(v, d) .vendor = (v), .device = (d)

/* include/linux/pci.h */
#define PCIBIOS_BAD_REGISTER_NUMBER 0x87

struct pci_device_id {
	u32 vendor;
	u32 device;
};

struct resource {
	unsigned long flags;
};

struct pci_dev {
	const u8 *space;
	int cfg_size;
	u16 pcie_flags_reg; /* of the capability that the PCI core found */
	u16 vendor;
	u16 device;
	u32 class;
	unsigned int irq;
	int current_state;
	bool is_virtfn;
	bool no_command_memory;
	struct resource resource[7];
	void *rom;
	size_t romlen;
};

/*
 * As drivers/pci/access.c over the memory-mapped config space of x86: what is aligned,
 * and nothing from 4096 on.  @who asks.
 */
int host_read(const char *who, const struct pci_dev *dev, int where, int size,
	      u32 *value);

#define HOST_READ(name, type, size)                                         \
	static inline int host_##name(const char *who,                      \
				      const struct pci_dev *dev, int where, \
				      type *value)                          \
	{                                                                   \
		u32 got = 0;                                                \
		int ret = host_read(who, dev, where, size, &got);           \
                                                                            \
		if (ret != PCIBIOS_BAD_REGISTER_NUMBER)                     \
			*value = got;                                       \
		return ret;                                                 \
	}
HOST_READ(read_byte, u8, 1)
HOST_READ(read_word, u16, 2)
HOST_READ(read_dword, u32, 4)

#define pci_read_config_byte(...) host_read_byte(__func__, __VA_ARGS__)
#define pci_read_config_word(...) host_read_word(__func__, __VA_ARGS__)
#define pci_read_config_dword(...) host_read_dword(__func__, __VA_ARGS__)

static inline int pcibios_err_to_errno(int err)
{
	return err > 0 ? -EFAULT : err;
}

static inline u16 pcie_caps_reg(const struct pci_dev *dev)
{
	return dev->pcie_flags_reg;
}

static inline int pci_pcie_type(const struct pci_dev *dev)
{
	return (dev->pcie_flags_reg & PCI_EXP_FLAGS_TYPE) >> 4;
}

static inline const struct pci_device_id *
pci_match_id(const struct pci_device_id *ids, const struct pci_dev *dev)
{
	return NULL;
}

void *kmalloc(size_t size, int flags);
void *kzalloc(size_t size, int flags);
void kfree(const void *block);
#define kmalloc_obj(type, flags) kmalloc(sizeof(type), flags)

/* --- For accesses of users, and for the kernel's other files ------------------ */

#define HOST_NEVER(name)         \
	static inline int name() \
	{                        \
		abort();         \
	}
HOST_NEVER(pci_user_read_config_byte)
HOST_NEVER(pci_user_read_config_word)
HOST_NEVER(pci_user_read_config_dword)
HOST_NEVER(pci_user_write_config_byte)
HOST_NEVER(pci_user_write_config_word)
HOST_NEVER(pci_user_write_config_dword)
HOST_NEVER(pci_read_vpd)
HOST_NEVER(pci_write_vpd)
HOST_NEVER(pci_try_reset_function)
HOST_NEVER(pcie_get_mps)
HOST_NEVER(pcie_set_readrq)
HOST_NEVER(pci_resource_flags)
HOST_NEVER(pci_resource_start)
HOST_NEVER(pci_resource_len)
HOST_NEVER(roundup_pow_of_two)
HOST_NEVER(copy_from_user)
HOST_NEVER(copy_to_user)
HOST_NEVER(down_write)
HOST_NEVER(up_write)

#endif

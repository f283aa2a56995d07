// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same walk as vfio_cap_init() and vfio_ecap_init() of the kernel's
 * drivers/vfio/pci/vfio_pci_config.c make when a device is opened, with the
 * lengths that vfio gives the capabilities.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kernel/layout.h"
#include "policy/caps.h"

#define HEADER_BYTES 0x40
#define EXT_CONFIG 0x100
#define CAP_BYTES 4 /* of the smallest one */
/* Newer than what the headers of older systems have. */
#define EXPRESS2_BYTES 0x34

/* What the PCI core goes through at most, and what it takes for the end of a list. */
#define CORE_STEPS 48
#define NO_CAP 0xff

struct walk {
	int fd;
	struct vg_layout *layout;
	__u32 express; /* flags of the PCI Express capability that the core found */
	bool extended; /* there is a chain at 0x100 */
	bool anchored; /* and its first capability was met */
	int err;
};

/* 1, 2 or 4 bytes of config space; 0 after an error. */
static __u32 fetch(struct walk *w, unsigned int offset, unsigned int size)
{
	__le32 value = 0;
	ssize_t n;

	/* No more than vfio can, which asks for what is aligned. */
	n = (offset % size) ? 0 : pread(w->fd, &value, size, offset);
	if (n == (ssize_t)size)
		return le32toh(value);
	if (!w->err)
		w->err = n < 0				 ? -errno :
			 (offset % size)		 ? -ERANGE :
			 offset + size > w->layout->size ? -ERANGE :
			 n || offset < HEADER_BYTES	 ? -EIO :
							   -EACCES;
	return 0;
}

/*
 * The ids of a virtual function are ones too, command and status never.  A device
 * that was just reset says "not yet" by ids of 0001:ffff (PCI Express Base, CRS
 * software visibility).
 */
bool vg_layout_answers(int fd)
{
	__le32 ids = 0, status = 0;

	if (pread(fd, &ids, 4, PCI_VENDOR_ID) != 4 ||
	    pread(fd, &status, 4, PCI_COMMAND) != 4)
		return true;
	return status != htole32(0xffffffff) && ids != htole32(0xffff0001);
}

/*
 * vfio does not read the flags of the capability it is at: it asks the PCI core, which
 * keeps those of the first one that it came to.  Its walk, pci_find_capability() of
 * drivers/pci/pci.c, is another than vfio's: it ignores two bits of a pointer, and ends
 * in the header and at an id of ones.
 */
static void find_express(struct walk *w)
{
	unsigned int at, id, steps = CORE_STEPS;

	if (!(fetch(w, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return;
	at = fetch(w, PCI_CAPABILITY_LIST, 1);
	while (steps-- && at >= HEADER_BYTES && !w->err) {
		at &= ~3U;
		id = fetch(w, at, 1);
		if (id == NO_CAP)
			return;
		if (id == PCI_CAP_ID_EXP) {
			w->express = fetch(w, at + PCI_EXP_FLAGS, 2);
			return;
		}
		at = fetch(w, at + PCI_CAP_LIST_NEXT, 1);
	}
}

static unsigned int express_length(struct walk *w)
{
	__u32 flags = w->express;
	bool link = (flags & PCI_EXP_FLAGS_TYPE) >> 4 != PCI_EXP_TYPE_RC_END;

	if (w->layout->size > EXT_CONFIG)
		w->extended = fetch(w, EXT_CONFIG, 4);
	if ((flags & PCI_EXP_FLAGS_VERS) == 1)
		return link ? PCI_CAP_EXP_ENDPOINT_SIZEOF_V1 : 0xc;
	return link ? EXPRESS2_BYTES : 0x2c;
}

static unsigned int pcix_length(struct walk *w, unsigned int at)
{
	if (!PCI_X_CMD_VERSION(fetch(w, at + PCI_X_CMD, 2)))
		return PCI_CAP_PCIX_SIZEOF_V0;
	if (w->layout->size > EXT_CONFIG)
		w->extended = fetch(w, EXT_CONFIG, 4);
	return PCI_CAP_PCIX_SIZEOF_V2;
}

static unsigned int msi_length(struct walk *w, unsigned int at)
{
	__u32 flags = fetch(w, at + PCI_MSI_FLAGS, 2);
	unsigned int len = 10;

	if (flags & PCI_MSI_FLAGS_64BIT)
		len += 4;
	if (flags & PCI_MSI_FLAGS_MASKBIT)
		len += 10;
	return len;
}

/* 0: vfio hides it. */
static unsigned int cap_length(struct walk *w, unsigned int id, unsigned int at)
{
	switch (id) {
	case PCI_CAP_ID_PM:
		return PCI_PM_SIZEOF;
	case PCI_CAP_ID_AGP:
		return PCI_AGP_SIZEOF;
	case PCI_CAP_ID_VPD:
		return PCI_CAP_VPD_SIZEOF;
	case PCI_CAP_ID_MSI:
		return msi_length(w, at);
	case PCI_CAP_ID_PCIX:
		return pcix_length(w, at);
	case PCI_CAP_ID_HT:
		return (fetch(w, at + 3, 1) & HT_3BIT_CAP_MASK) ?
			       HT_CAP_SIZEOF_SHORT :
			       HT_CAP_SIZEOF_LONG;
	case PCI_CAP_ID_VNDR:
		return fetch(w, at + PCI_CAP_FLAGS, 1);
	case PCI_CAP_ID_EXP:
		return express_length(w);
	case PCI_CAP_ID_MSIX:
		return PCI_CAP_MSIX_SIZEOF;
	case PCI_CAP_ID_SATA:
		return (fetch(w, at + PCI_SATA_REGS, 1) & PCI_SATA_REGS_MASK) ==
				       PCI_SATA_REGS_INLINE ?
			       PCI_SATA_SIZEOF_LONG :
			       PCI_SATA_SIZEOF_SHORT;
	case PCI_CAP_ID_AF:
		return PCI_CAP_AF_SIZEOF;
	default:
		return 0;
	}
}

static unsigned int vc_length(struct walk *w, unsigned int at)
{
	__u32 count = fetch(w, at + PCI_VC_PORT_CAP1, 4) & PCI_VC_CAP1_EVCC;
	__u32 cap2 = fetch(w, at + PCI_VC_PORT_CAP2, 4);
	unsigned int len, phases = 0;

	if (cap2 & PCI_VC_CAP2_128_PHASE)
		phases = 128;
	else if (cap2 & PCI_VC_CAP2_64_PHASE)
		phases = 64;
	else if (cap2 & PCI_VC_CAP2_32_PHASE)
		phases = 32;
	len = PCI_CAP_VC_BASE_SIZEOF + (1 + count) * PCI_CAP_VC_PER_VC_SIZEOF;
	/* Four bits a phase. */
	return phases ? (len + 15) / 16 * 16 + phases / 2 : len;
}

static unsigned int acs_length(struct walk *w, unsigned int at)
{
	unsigned int bits;

	if (!(fetch(w, at + PCI_ACS_CAP, 1) & PCI_ACS_EC))
		return 8;
	bits = fetch(w, at + PCI_ACS_EGRESS_BITS, 1);
	return 8 + (bits ? (bits + 31) / 32 * 4 : 256 / 8);
}

static unsigned int tph_length(struct walk *w, unsigned int at)
{
	__u32 cap = fetch(w, at + PCI_TPH_CAP, 4);

	if ((cap & PCI_TPH_CAP_LOC_MASK) != PCI_TPH_LOC_CAP)
		return PCI_TPH_BASE_SIZEOF;
	return PCI_TPH_BASE_SIZEOF +
	       ((cap & PCI_TPH_CAP_ST_MASK) >> PCI_TPH_CAP_ST_SHIFT) * 2 + 2;
}

static unsigned int ecap_length(struct walk *w, unsigned int id,
				unsigned int at)
{
	switch (id) {
	case PCI_EXT_CAP_ID_ERR:
		/* What follows is of root ports. */
		return PCI_ERR_ROOT_COMMAND;
	case PCI_EXT_CAP_ID_VC:
	case PCI_EXT_CAP_ID_VC9:
	case PCI_EXT_CAP_ID_MFVC:
		return vc_length(w, at);
	case PCI_EXT_CAP_ID_DSN:
		return PCI_EXT_CAP_DSN_SIZEOF;
	case PCI_EXT_CAP_ID_PWR:
		return PCI_EXT_CAP_PWR_SIZEOF;
	case PCI_EXT_CAP_ID_VNDR:
	case PCI_EXT_CAP_ID_DVSEC:
		return fetch(w, at + PCI_DVSEC_HEADER1, 4) >> 20;
	case PCI_EXT_CAP_ID_ACS:
		return acs_length(w, at);
	case PCI_EXT_CAP_ID_ARI:
		return PCI_EXT_CAP_ARI_SIZEOF;
	case PCI_EXT_CAP_ID_ATS:
		return PCI_EXT_CAP_ATS_SIZEOF;
	case PCI_EXT_CAP_ID_SRIOV:
		return PCI_EXT_CAP_SRIOV_SIZEOF;
	case PCI_EXT_CAP_ID_MCAST:
		return PCI_EXT_CAP_MCAST_ENDPOINT_SIZEOF;
	case PCI_EXT_CAP_ID_PRI:
		return PCI_EXT_CAP_PRI_SIZEOF;
	case PCI_EXT_CAP_ID_REBAR:
		return 4 + ((fetch(w, at + PCI_REBAR_CTRL, 1) &
			     PCI_REBAR_CTRL_NBAR_MASK) >>
			    PCI_REBAR_CTRL_NBAR_SHIFT) *
				   8;
	case PCI_EXT_CAP_ID_DPA:
		return PCI_DPA_BASE_SIZEOF + 1 +
		       (fetch(w, at + PCI_DPA_CAP, 1) &
			PCI_DPA_CAP_SUBSTATE_MASK);
	case PCI_EXT_CAP_ID_TPH:
		return tph_length(w, at);
	case PCI_EXT_CAP_ID_LTR:
		return PCI_EXT_CAP_LTR_SIZEOF;
	default:
		return 0;
	}
}

/*
 * Note a capability of which vfio takes @bytes, none if it hides it.  The head of an
 * extended one stays as the anchor of the chain if it is the first.
 */
static void add_cap(struct walk *w, unsigned int id, unsigned int at, bool ext,
		    unsigned int bytes)
{
	struct vg_layout *layout = w->layout;
	struct vg_layout_cap *cap;
	__u16 place;

	if (w->err || layout->nr == VG_LAYOUT_CAPS)
		return;
	cap = &layout->caps[layout->nr++];
	cap->offset = at;
	cap->id = id;
	cap->ext = ext;
	cap->hidden = !bytes;
	if (!bytes && ext && !w->anchored)
		bytes = CAP_BYTES;
	w->anchored |= ext;
	/*
	 * vfio reads all of it, and gives up where nothing can be read.  That is not
	 * where a device's space ends: what is behind reads as ones on most hosts.
	 */
	if (at + bytes > VG_CONFIG_BYTES) {
		w->err = -ERANGE;
		return;
	}
	/* What is called as bytes in no capability are belongs to none. */
	place = (id & NO_CAP) == NO_CAP ? 0 : layout->nr;
	cap->length = place ? bytes : 0;
	memset(layout->ids + at, id, bytes);
	for (; bytes--; at++)
		layout->map[at] = place;
}

static void walk_caps(struct walk *w)
{
	unsigned int at, id, steps = (EXT_CONFIG - HEADER_BYTES) / CAP_BYTES;

	if (!(fetch(w, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return;
	at = fetch(w, PCI_CAPABILITY_LIST, 1);
	while (at && steps-- && !w->err) {
		id = fetch(w, at, 1);
		add_cap(w, id, at, false, cap_length(w, id, at));
		at = fetch(w, at + PCI_CAP_LIST_NEXT, 1);
	}
}

static void walk_ecaps(struct walk *w)
{
	unsigned int steps = (w->layout->size - EXT_CONFIG) / CAP_BYTES;
	unsigned int at = EXT_CONFIG, id;
	__u32 head;

	while (steps-- && at >= EXT_CONFIG && !w->err) {
		head = fetch(w, at, 4);
		id = PCI_EXT_CAP_ID(head);
		add_cap(w, id, at, true, ecap_length(w, id, at));
		at = PCI_EXT_CAP_NEXT(head);
	}
}

int vg_layout_read(int fd, unsigned int size, struct vg_layout *layout)
{
	struct walk w = { .fd = fd, .layout = layout };

	memset(layout, 0, sizeof(*layout));
	memset(layout->ids + HEADER_BYTES, NO_CAP,
	       sizeof(layout->ids) - HEADER_BYTES);
	layout->size = size < VG_CONFIG_BYTES ? size : VG_CONFIG_BYTES;
	if (!vg_layout_answers(fd))
		return -ENXIO;
	find_express(&w);
	walk_caps(&w);
	if (w.extended)
		walk_ecaps(&w);
	return w.err;
}

void vg_layout_find(const struct vg_layout *layout, unsigned int offset,
		    struct vg_spot *spot)
{
	const struct vg_layout_cap *cap;
	unsigned int i;

	memset(spot, 0, sizeof(*spot));
	spot->where = VG_WHERE_UNASSIGNED;
	spot->id = layout->ids[offset];
	spot->ext = offset >= EXT_CONFIG;
	if (offset < HEADER_BYTES) {
		spot->where = VG_WHERE_HEADER;
	} else if (layout->map[offset]) {
		spot->where = vg_cap_is_vendor(spot->id, spot->ext) ?
				      VG_WHERE_VENDOR :
				      VG_WHERE_CAPS;
		spot->cap = &layout->caps[layout->map[offset] - 1];
	} else {
		for (i = 0; i < layout->nr; i++) {
			cap = &layout->caps[i];
			if (cap->ext == (offset >= EXT_CONFIG) &&
			    cap->offset <= offset &&
			    (!spot->before ||
			     cap->offset > spot->before->offset))
				spot->before = cap;
		}
	}
}

unsigned int vg_layout_piece(const struct vg_layout *layout,
			     unsigned int offset, unsigned int size)
{
	unsigned int n = 1;

	/* vfio knows no two of one capability, nor where the header ends. */
	while (n < size && (offset + n) % 4 &&
	       layout->ids[offset + n] == layout->ids[offset])
		n++;
	if (n >= 4 && !(offset % 4))
		return 4;
	return n >= 2 && !(offset % 2) ? 2 : 1;
}

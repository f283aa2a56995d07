// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of PCI capabilities.
 *
 * "hidden" follows the length tables of drivers/vfio/pci/vfio_pci_config.c: a
 * capability of length 0 there, or beyond their end, is taken out of the chain
 * the guest walks, and its bytes count as unassigned.
 */
#include <string.h>

#include "policy/caps.h"

/* For the columns ext and hidden. */
#define STANDARD false
#define EXTENDED true
#define SHOWN false
#define HIDDEN true

const struct vg_cap vg_caps[] = {
	{ "null", 0x00, STANDARD, HIDDEN, "Null" },
	{ "pm", 0x01, STANDARD, SHOWN, "Power Management" },
	{ "agp", 0x02, STANDARD, SHOWN, "Accelerated Graphics Port" },
	{ "vpd", 0x03, STANDARD, SHOWN, "Vital Product Data" },
	{ "slotid", 0x04, STANDARD, HIDDEN, "Slot Identification" },
	{ "msi", 0x05, STANDARD, SHOWN, "Message Signalled Interrupts" },
	{ "chswp", 0x06, STANDARD, HIDDEN, "CompactPCI Hot Swap" },
	{ "pcix", 0x07, STANDARD, SHOWN, "PCI-X" },
	{ "ht", 0x08, STANDARD, SHOWN, "HyperTransport" },
	{ "vndr", 0x09, STANDARD, SHOWN, "Vendor-Specific" },
	{ "dbg", 0x0a, STANDARD, HIDDEN, "Debug Port" },
	{ "ccrc", 0x0b, STANDARD, HIDDEN, "CompactPCI Resource Control" },
	{ "shpc", 0x0c, STANDARD, HIDDEN, "Standard Hot-Plug Controller" },
	{ "ssvid", 0x0d, STANDARD, HIDDEN, "Bridge Subsystem Vendor ID" },
	{ "agp3", 0x0e, STANDARD, HIDDEN, "AGP 8x" },
	{ "secdev", 0x0f, STANDARD, HIDDEN, "Secure Device" },
	{ "exp", 0x10, STANDARD, SHOWN, "PCI Express" },
	{ "msix", 0x11, STANDARD, SHOWN, "MSI-X" },
	{ "sata", 0x12, STANDARD, SHOWN, "SATA Data and Index" },
	{ "af", 0x13, STANDARD, SHOWN, "Advanced Features" },
	{ "ea", 0x14, STANDARD, HIDDEN, "Enhanced Allocation" },
	{ "enull", 0x00, EXTENDED, HIDDEN, "Null, extended" },
	{ "aer", 0x01, EXTENDED, SHOWN, "Advanced Error Reporting" },
	{ "vc", 0x02, EXTENDED, SHOWN, "Virtual Channel" },
	{ "dsn", 0x03, EXTENDED, SHOWN, "Device Serial Number" },
	{ "pb", 0x04, EXTENDED, SHOWN, "Power Budgeting" },
	{ "rclink", 0x05, EXTENDED, HIDDEN, "Root Complex Link Declaration" },
	{ "rcilink", 0x06, EXTENDED, HIDDEN, "Root Complex Internal Link" },
	{ "rcecoll", 0x07, EXTENDED, HIDDEN, "Root Complex Event Collector" },
	{ "mfvc", 0x08, EXTENDED, SHOWN, "Multi-Function Virtual Channel" },
	{ "vc9", 0x09, EXTENDED, SHOWN, "Virtual Channel, second id" },
	{ "rcrb", 0x0a, EXTENDED, HIDDEN, "Root Complex Register Block" },
	{ "vsec", 0x0b, EXTENDED, SHOWN, "Vendor-Specific, extended" },
	{ "cac", 0x0c, EXTENDED, HIDDEN, "Configuration Access Correlation" },
	{ "acs", 0x0d, EXTENDED, SHOWN, "Access Control Services" },
	{ "ari", 0x0e, EXTENDED, SHOWN, "Alternative Routing-ID" },
	{ "ats", 0x0f, EXTENDED, SHOWN, "Address Translation Services" },
	{ "sriov", 0x10, EXTENDED, SHOWN, "Single Root I/O Virtualization" },
	{ "mriov", 0x11, EXTENDED, HIDDEN, "Multi Root I/O Virtualization" },
	{ "mcast", 0x12, EXTENDED, SHOWN, "Multicast" },
	{ "pri", 0x13, EXTENDED, SHOWN, "Page Request Interface" },
	{ "rebar", 0x15, EXTENDED, SHOWN, "Resizable BAR" },
	{ "dpa", 0x16, EXTENDED, SHOWN, "Dynamic Power Allocation" },
	{ "tph", 0x17, EXTENDED, SHOWN, "TPH Requester" },
	{ "ltr", 0x18, EXTENDED, SHOWN, "Latency Tolerance Reporting" },
	{ "secpci", 0x19, EXTENDED, HIDDEN, "Secondary PCI Express" },
	{ "pmux", 0x1a, EXTENDED, HIDDEN, "Protocol Multiplexing" },
	{ "pasid", 0x1b, EXTENDED, HIDDEN, "Process Address Space ID" },
	{ "lnr", 0x1c, EXTENDED, HIDDEN, "LN Requester" },
	{ "dpc", 0x1d, EXTENDED, HIDDEN, "Downstream Port Containment" },
	{ "l1ss", 0x1e, EXTENDED, HIDDEN, "L1 PM Substates" },
	{ "ptm", 0x1f, EXTENDED, HIDDEN, "Precision Time Measurement" },
	{ "frs", 0x21, EXTENDED, HIDDEN, "FRS Queueing" },
	{ "rtr", 0x22, EXTENDED, HIDDEN, "Readiness Time Reporting" },
	{ "dvsec", 0x23, EXTENDED, SHOWN, "Designated Vendor-Specific" },
	{ "vfrebar", 0x24, EXTENDED, HIDDEN, "VF Resizable BAR" },
	{ "dlf", 0x25, EXTENDED, HIDDEN, "Data Link Feature" },
	{ "pl16g", 0x26, EXTENDED, HIDDEN, "Physical Layer 16 GT/s" },
	{ "margin", 0x27, EXTENDED, HIDDEN, "Lane Margining at the Receiver" },
	{ "hid", 0x28, EXTENDED, HIDDEN, "Hierarchy ID" },
	{ "npem", 0x29, EXTENDED, HIDDEN, "Native PCIe Enclosure Management" },
	{ "pl32g", 0x2a, EXTENDED, HIDDEN, "Physical Layer 32 GT/s" },
	{ "aprot", 0x2b, EXTENDED, HIDDEN, "Alternate Protocol" },
	{ "sfi", 0x2c, EXTENDED, HIDDEN, "System Firmware Intermediary" },
	{ "doe", 0x2e, EXTENDED, HIDDEN, "Data Object Exchange" },
	{ "dev3", 0x2f, EXTENDED, HIDDEN, "Device 3" },
	{ "ide", 0x30, EXTENDED, HIDDEN, "Integrity and Data Encryption" },
	{ "pl64g", 0x31, EXTENDED, HIDDEN, "Physical Layer 64 GT/s" },
	{ NULL, 0, false, false, NULL },
};

const char *const vg_cap_names[] = {
	"null",	   "pm",     "agp",    "vpd",	 "slotid", "msi",    "chswp",
	"pcix",	   "ht",     "vndr",   "dbg",	 "ccrc",   "shpc",   "ssvid",
	"agp3",	   "secdev", "exp",    "msix",	 "sata",   "af",     "ea",
	"enull",   "aer",    "vc",     "dsn",	 "pb",	   "rclink", "rcilink",
	"rcecoll", "mfvc",   "vc9",    "rcrb",	 "vsec",   "cac",    "acs",
	"ari",	   "ats",    "sriov",  "mriov",	 "mcast",  "pri",    "rebar",
	"dpa",	   "tph",    "ltr",    "secpci", "pmux",   "pasid",  "lnr",
	"dpc",	   "l1ss",   "ptm",    "frs",	 "rtr",	   "dvsec",  "vfrebar",
	"dlf",	   "pl16g",  "margin", "hid",	 "npem",   "pl32g",  "aprot",
	"sfi",	   "doe",    "dev3",   "ide",	 "pl64g",  NULL
};

const struct vg_cap *vg_cap_by_name(const char *name, unsigned int len)
{
	const struct vg_cap *cap;

	for (cap = vg_caps; cap->name; cap++)
		if (strlen(cap->name) == len && !memcmp(cap->name, name, len))
			return cap;
	return NULL;
}

const struct vg_cap *vg_cap_by_id(__u16 id, bool ext)
{
	const struct vg_cap *cap;

	for (cap = vg_caps; cap->name; cap++)
		if (cap->id == id && cap->ext == ext)
			return cap;
	return NULL;
}

bool vg_cap_is_vendor(__u16 id, bool ext)
{
	return ext ? id == 0x0b || id == 0x23 : id == 0x09;
}

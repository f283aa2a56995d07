// SPDX-License-Identifier: GPL-2.0-only
/* What the numbers of bpf/vfioguard.h are called, everywhere. */
#include <stddef.h>

#include "util/words.h"

static const char *const verdicts[VG_VERDICTS] = {
	[VG_ALLOW] = "allowed",
	[VG_BLOCK] = "blocked",
	[VG_WOULD_BLOCK] = "would-block",
};

static const char *const reasons[VG_REASONS] = {
	[VG_REASON_DEFAULT] = "default",
	[VG_REASON_DEVICE] = "allowlist-device",
	[VG_REASON_VENDOR] = "allowlist-vendor",
	[VG_REASON_NATIVE] = "module-parameters",
	[VG_REASON_RULE] = "rule",
};

/* By enum vfio_pci_config_region; a newer kernel may have more. */
static const char *const regions[] = {
	[0] = "header",
	[1] = "capability",
	[2] = "extended-capability",
	[3] = "vendor-capability",
	[4] = "unassigned",
	[5] = "virtual",
};

static const char *word(const char *const *words, size_t n, __u8 i)
{
	return i < n ? words[i] : "unknown";
}

#define WORD(words, i) word(words, sizeof(words) / sizeof(words[0]), i)

const char *vg_verdict_word(__u8 verdict)
{
	return WORD(verdicts, verdict);
}

const char *vg_reason_word(__u8 reason)
{
	return WORD(reasons, reason);
}

const char *vg_access_word(__u8 access)
{
	return access == VG_WRITE ? "write" : "read";
}

const char *vg_region_word(__u8 region)
{
	return WORD(regions, region);
}

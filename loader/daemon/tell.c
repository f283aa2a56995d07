// SPDX-License-Identifier: GPL-2.0-only
#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/audit_sink.h"
#include "daemon/tell.h"
#include "maps/devices.h"
#include "util/log.h"
#include "util/printable.h"
#include "util/slot.h"

/* In every record.  Not for ausearch -k, which reads kernel records only. */
#define KEY "key=\"vfioguard\""
/* Of a path, which may be longer than a record; encoded, it has twice as many. */
#define NAME_BYTES 320

static const char *mode_word(enum vg_mode mode)
{
	return mode == VG_MODE_MONITOR ? "monitor" : "enforce";
}

void vg_tell_policy(const char *op, const char *path,
		    const struct vg_config *config, bool ok)
{
	char shown[NAME_BYTES], *name;

	name = audit_encode_nv_string(
		"policy", vg_shorten(path, shown, sizeof(shown)), 0);
	if (ok)
		vg_info("policy generation %llu is in force (%s, %s)",
			config->generation, config->name,
			mode_word(config->mode));
	vg_audit_message(AUDIT_USER_MAC_POLICY_LOAD, ok, 0,
			 "op=%s %s generation=%llu enforcing=%d " KEY, op,
			 name ? name : "policy=?", config->generation,
			 config->mode == VG_MODE_ENFORCE);
	free(name);
}

void vg_tell_mode(enum vg_mode old, enum vg_mode now)
{
	vg_info("mode is %s, was %s", mode_word(now), mode_word(old));
	vg_audit_message(AUDIT_USER_MAC_STATUS, true, 0,
			 "op=change-mode enforcing=%d old_enforcing=%d " KEY,
			 now == VG_MODE_ENFORCE, old == VG_MODE_ENFORCE);
}

void vg_tell_detached(enum vg_mode mode)
{
	vg_error("the policy was detached by someone else; only the kernel's "
		 "module parameters filter now");
	vg_audit_message(AUDIT_USER_MAC_STATUS, true, 0,
			 "op=detached enforcing=0 old_enforcing=%d " KEY,
			 mode == VG_MODE_ENFORCE);
}

void vg_tell_list_change(const struct vg_list_change *change)
{
	const char *op = !change->was ? "allowlist-add" :
			 !change->is  ? "allowlist-remove" :
					"allowlist-change";
	char device[8] = "*", text[64];

	if (change->id.device != VG_ANY_DEVICE)
		snprintf(device, sizeof(device), "%04x", change->id.device);
	vg_flags_format(change->flags, text, sizeof(text));
	vg_info("%s %04x:%s: %s", op, change->id.vendor, device,
		change->is ? text : "not on the list any more");
	vg_audit_message(AUDIT_USER_MAC_CONFIG_CHANGE, true, 0,
			 "op=%s ids=%04x:%s entry=0x%x old-entry=0x%x " KEY, op,
			 change->id.vendor, device, change->flags,
			 change->old_flags);
}

static const struct {
	const char *op; /* in the record */
	const char *text;
} attempts[VG_LOCK_OPS] = {
	[VG_LOCK_MAP_WRITE] = { "lock-map-write", "write to map" },
	[VG_LOCK_MAP_FREEZE] = { "lock-map-freeze", "freeze map" },
	[VG_LOCK_MAP_MMAP] = { "lock-map-mmap", "map for writing the map" },
	[VG_LOCK_MAP_INNER] = { "lock-map-inner",
				"make what could hold a map of the policy:" },
	[VG_LOCK_LINK_OPEN] = { "lock-link-open", "open link" },
	[VG_LOCK_LINK_WRITE] = { "lock-link-write", "detach or update link" },
	[VG_LOCK_PROG_MAPS] = { "lock-prog-maps",
				"use a map of the policy in program" },
	[VG_LOCK_PROG_EXTEND] = { "lock-prog-extend",
				  "load what could replace a function, program" },
	[VG_LOCK_PROG_SKIP] = { "lock-prog-skip",
				"load what could pass the lock by, program" },
	[VG_LOCK_PROG_ITERATE] = { "lock-prog-iterate",
				   "load what could write to maps, program" },
	[VG_LOCK_UNLINK] = { "lock-unlink", "remove pin" },
	[VG_LOCK_RENAME] = { "lock-rename", "rename" },
	[VG_LOCK_SETATTR] = { "lock-setattr", "change owner or mode of" },
	[VG_LOCK_UMOUNT] = { "lock-umount", "unmount the pins" },
	[VG_LOCK_MOUNT] = { "lock-mount",
			    "hide or move the pins by a mount at" },
	[VG_LOCK_PTRACE] = { "lock-ptrace", "get at the memory of" },
	[VG_LOCK_SYSCTL] = { "lock-sysctl", "write sysctl" },
	[VG_LOCK_ROLE] = { "lock-role", "be the daemon" },
	[VG_LOCK_KILL] = { "lock-kill", "signal" },
	[VG_LOCK_DAEMON] = { "lock-daemon", "is the daemon" },
	[VG_LOCK_LOCKED] = { "lock", "locked the policy until the next boot" },
	[VG_LOCK_SUMMARY] = { "lock-summary", "attempts" },
};

static void say_attempt(const struct vg_attempt *a, const char *object)
{
	const char *text = attempts[a->op].text;

	if (a->op == VG_LOCK_SUMMARY)
		vg_warn("the policy is locked: %llu more attempts to change it "
			"were refused",
			a->unreported);
	else if (a->op < VG_LOCK_REFUSED)
		vg_warn("the policy is locked: refused to let %s[%u] uid %u %s "
			"%s",
			a->comm, a->tgid, a->uid, text, object);
	else if (a->op == VG_LOCK_KILL)
		vg_warn("%s[%u] uid %u sent signal %u to the daemon", a->comm,
			a->tgid, a->uid, a->number);
	else
		vg_info("%s[%u] uid %u %s", a->comm, a->tgid, a->uid, text);
}

void vg_tell_attempt(const struct vg_attempt *attempt)
{
	bool ok = attempt->op >= VG_LOCK_REFUSED &&
		  attempt->op != VG_LOCK_SUMMARY;
	char object[VG_LOCK_NAME_LEN + 1] = "", comm[17] = "";
	char *o, *c;

	if (attempt->op >= VG_LOCK_OPS)
		return;
	/* A name of the kernel's may fill its room. */
	memcpy(object, attempt->object, sizeof(attempt->object));
	memcpy(comm, attempt->comm, sizeof(attempt->comm));
	say_attempt(attempt, object);
	o = audit_encode_nv_string("object", object[0] ? object : "?", 0);
	c = audit_encode_nv_string("ocomm", comm, 0);
	vg_audit_message(
		ok ? AUDIT_USER_MAC_STATUS : AUDIT_USER_MAC_CONFIG_CHANGE, ok,
		0,
		"op=%s %s number=%u unreported=%llu opid=%u ouid=%u "
		"oauid=%u oses=%u %s " KEY,
		attempts[attempt->op].op, o ? o : "object=?", attempt->number,
		attempt->unreported, attempt->tgid, attempt->uid,
		attempt->loginuid, attempt->sessionid, c ? c : "ocomm=?");
	free(o);
	free(c);
}

void vg_tell_flood(const struct vg_flood *flood)
{
	char slot[VG_SLOT_LEN];

	vg_slot_format(flood->slot, slot);
	vg_warn("%s [%04x:%04x]: %llu more events of registers 0x%03x to "
		"0x%03x within %llu s, for %llu accesses; see vfioguard events",
		slot, flood->vendor, flood->device, flood->events, flood->first,
		flood->last, (flood->ended - flood->began) / 1000000000ULL + 1,
		flood->events + flood->unreported);
	vg_audit_message(AUDIT_ANOM_MAX_MAC, false, flood->events,
			 "op=summary device=\"%s\" ids=%04x:%04x events=%llu "
			 "accesses=%llu first=0x%x last=0x%x seconds=%llu " KEY,
			 slot, flood->vendor, flood->device, flood->events,
			 flood->events + flood->unreported, flood->first,
			 flood->last,
			 (flood->ended - flood->began) / 1000000000ULL + 1);
}

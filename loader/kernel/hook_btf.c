// SPDX-License-Identifier: GPL-2.0-only
/* BTF is described in Documentation/bpf/btf.rst of the kernel. */
#include <fcntl.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/hook_btf.h"

#define BTF_DIR "/sys/kernel/btf/"

/* The two parts of a BTF blob. */
struct parts {
	const char *types;
	size_t types_len;
	const char *strings;
	size_t strings_len;
	size_t first_string; /* offset of strings[0]; a module's go on here */
};

static const struct btf_header *header_of(const void *data, size_t size)
{
	const struct btf_header *header = data;

	if (size < sizeof(*header) || header->magic != BTF_MAGIC ||
	    header->hdr_len < sizeof(*header) || header->hdr_len > size)
		return NULL;
	return header;
}

static bool split(const void *data, size_t size, struct parts *parts)
{
	const struct btf_header *header = header_of(data, size);
	size_t room;

	if (!header)
		return false;
	room = size - header->hdr_len;
	if (header->type_off > room ||
	    header->type_len > room - header->type_off ||
	    header->str_off > room || !header->str_len ||
	    header->str_len > room - header->str_off)
		return false;
	parts->types = (const char *)data + header->hdr_len + header->type_off;
	parts->types_len = header->type_len;
	parts->strings = (const char *)data + header->hdr_len + header->str_off;
	parts->strings_len = header->str_len;
	return !parts->strings[header->str_len - 1];
}

/* What stands at @offset; none of the hook's names is the kernel's own. */
static bool is_named(const struct parts *parts, __u32 offset, const char *name)
{
	return offset >= parts->first_string &&
	       offset - parts->first_string < parts->strings_len &&
	       !strcmp(parts->strings + (offset - parts->first_string), name);
}

/* Bytes that follow a type; false for a kind that is newer than this. */
static bool tail_of(const struct btf_type *type, size_t *len)
{
	size_t n = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		*len = 0;
		return true;
	case BTF_KIND_INT:
		*len = sizeof(__u32);
		return true;
	case BTF_KIND_VAR:
		*len = sizeof(struct btf_var);
		return true;
	case BTF_KIND_DECL_TAG:
		*len = sizeof(struct btf_decl_tag);
		return true;
	case BTF_KIND_ARRAY:
		*len = sizeof(struct btf_array);
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		*len = n * sizeof(struct btf_member);
		return true;
	case BTF_KIND_ENUM:
		*len = n * sizeof(struct btf_enum);
		return true;
	case BTF_KIND_ENUM64:
		*len = n * sizeof(struct btf_enum64);
		return true;
	case BTF_KIND_FUNC_PROTO:
		*len = n * sizeof(struct btf_param);
		return true;
	case BTF_KIND_DATASEC:
		*len = n * sizeof(struct btf_var_secinfo);
		return true;
	default:
		return false;
	}
}

/* The bit that an enumerator stands for, 0 if there is none of that name. */
static __u32 region_bit(const struct parts *parts, const struct btf_type *type,
			const char *name)
{
	const struct btf_enum *e = (const struct btf_enum *)(type + 1);
	__u32 i;

	for (i = 0; i < BTF_INFO_VLEN(type->info); i++)
		if (is_named(parts, e[i].name_off, name) && e[i].val >= 0 &&
		    e[i].val < 32)
			return 1u << e[i].val;
	return 0;
}

static bool read_regions(const struct parts *parts, const struct btf_type *type,
			 struct vg_hook *hook)
{
	__u32 end;

	hook->header = region_bit(parts, type, "VFIO_PCI_CONFIG_HEADER");
	hook->cap = region_bit(parts, type, "VFIO_PCI_CONFIG_CAP");
	hook->ext_cap = region_bit(parts, type, "VFIO_PCI_CONFIG_EXT_CAP");
	hook->vendor = region_bit(parts, type, "VFIO_PCI_CONFIG_VENDOR");
	hook->unassigned =
		region_bit(parts, type, "VFIO_PCI_CONFIG_UNASSIGNED");
	/* One past the last kind, so all the bits below are regions. */
	end = region_bit(parts, type, "__VFIO_PCI_CONFIG_REGIONS");
	hook->all = end - 1;
	return hook->header && hook->cap && hook->ext_cap && hook->vendor &&
	       hook->unassigned && end;
}

static bool find(const struct parts *parts, struct vg_hook *hook)
{
	unsigned int ops = 0, values = 0;
	const struct btf_type *type;
	bool regions = false;
	size_t at = 0, len;

	/* To its end: what is there twice is no hook. */
	while (parts->types_len - at >= sizeof(*type)) {
		type = (const struct btf_type *)(parts->types + at);
		at += sizeof(*type);
		if (!tail_of(type, &len) || len > parts->types_len - at)
			break;
		at += len;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT) {
			ops += is_named(parts, type->name_off,
					"vfio_pci_config_ops");
			values +=
				is_named(parts, type->name_off,
					 "bpf_struct_ops_vfio_pci_config_ops");
		} else if (BTF_INFO_KIND(type->info) == BTF_KIND_ENUM &&
			   !regions &&
			   is_named(parts, type->name_off,
				    "vfio_pci_config_region")) {
			regions = read_regions(parts, type, hook);
		}
	}
	hook->twice = ops > 1 || values > 1;
	return ops == 1 && regions && !hook->twice;
}

bool vg_hook_btf_find(const void *data, size_t size, const void *base,
		      size_t base_size, struct vg_hook *hook)
{
	const struct btf_header *header;
	struct parts parts = {};

	if (base) {
		header = header_of(base, base_size);
		if (!header)
			return false;
		parts.first_string = header->str_len;
	}
	return split(data, size, &parts) && find(&parts, hook);
}

/* The whole file, or its first @limit bytes.  NULL: it can't be read. */
static void *read_btf(const char *path, size_t limit, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data = NULL;
	struct stat st;
	ssize_t n = 1;

	*size = 0;
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st)) {
		if ((size_t)st.st_size < limit)
			limit = st.st_size;
		data = malloc(limit);
	}
	while (data && *size < limit && n > 0) {
		n = read(fd, data + *size, limit - *size);
		if (n > 0)
			*size += n;
	}
	close(fd);
	return data;
}

bool vg_hook_btf_probe(struct vg_hook *hook)
{
	size_t size, base_size;
	void *data, *base;
	bool found;

	hook->twice = false;
	data = read_btf(BTF_DIR "vfio_pci_core", SIZE_MAX, &size);
	if (!data) {
		/* Built in, or there is none. */
		data = read_btf(BTF_DIR "vmlinux", SIZE_MAX, &size);
		found = data && vg_hook_btf_find(data, size, NULL, 0, hook);
		free(data);
		return found;
	}
	base = read_btf(BTF_DIR "vmlinux", sizeof(struct btf_header),
			&base_size);
	found = base && vg_hook_btf_find(data, size, base, base_size, hook);
	free(base);
	free(data);
	return found;
}

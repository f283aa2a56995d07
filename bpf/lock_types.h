/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types, as far as the lock uses them: see kernel_types.h.
 */
#ifndef VFIOGUARD_LOCK_TYPES_H
#define VFIOGUARD_LOCK_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)

typedef struct {
	long long counter;
} atomic64_t;

typedef struct {
	unsigned int val;
} kuid_t;

struct list_head {
	struct list_head *next;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct super_block {
	struct list_head s_mounts;
};

/* As in Linux 7.3; libbpf takes what is before the ___ for the name. */
struct super_block___own_list {
	struct mount *s_mounts;
};

struct inode {
	struct super_block *i_sb;
	void *i_private;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct mnt_namespace;
struct mnt_idmap;
struct kernel_siginfo;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_mounts;
	struct list_head mnt_child;
	struct list_head mnt_instance;
	struct list_head mnt_share;
	struct mount *mnt_master;
	struct mnt_namespace *mnt_ns;
	int mnt_group_id;
};

struct mount___own_list {
	struct mount *mnt_next_for_sb;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct inode *f_inode;
	const void *f_op;
	void *private_data;
	struct path f_path;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct cred {
	kuid_t uid;
};

struct task_struct {
	int pid;
	int tgid;
	int exit_state;
	__u64 start_boottime;
	struct task_struct *group_leader;
	struct task_struct *real_parent;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	const struct cred *cred;
	char comm[16];
	kuid_t loginuid;
	unsigned int sessionid;
};

struct bpf_map {
	struct bpf_map *inner_map_meta;
	enum bpf_map_type map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 id;
	char name[16];
	atomic64_t writecnt;
};

struct bpf_prog_aux {
	__u32 id;
	__u32 used_map_cnt;
	__u32 max_rdwr_access;
	enum bpf_prog_type saved_dst_prog_type;
	struct bpf_map **used_maps;
	const char *attach_func_name;
	char name[16];
};

struct bpf_prog {
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	struct bpf_prog_aux *aux;
};

struct bpf_link {
	atomic64_t refcnt;
	__u32 id;
	enum bpf_link_type type;
};

struct bpf_struct_ops_link {
	struct bpf_link link;
	struct bpf_map *map;
};

#pragma clang attribute pop

#endif

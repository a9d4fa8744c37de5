/*
 * ext2.h - the ext2 format as it lies on disk: shared by kernel, mkfs and host tests.
 *
 * Little-endian, fixed width. Block 0 is the first of the device; the superblock stands at byte
 * 1024 whatever the block size. Group g covers blocks first_data_block + g * blocks_per_group on;
 * with sparse_super, groups 0, 1 and powers of 3, 5 and 7 begin with a copy of the superblock and
 * of the group descriptors.
 */
#ifndef ABI_EXT2_H
#define ABI_EXT2_H

#include <stdint.h>

enum {
    EXT2_MAGIC = 0xEF53,
    EXT2_SUPER_OFFSET = 1024,

    EXT2_VALID_FS = 1, /* s_state: cleanly unmounted */
    EXT2_ERROR_FS = 2, /* s_state: damage was seen */

    EXT2_REV_GOOD_OLD = 0,
    EXT2_REV_DYNAMIC = 1,
    EXT2_OLD_INODE_SIZE = 128,
    EXT2_OLD_FIRST_INO = 11,

    EXT2_FEATURE_COMPAT_DIR_PREALLOC = 1,
    EXT2_FEATURE_COMPAT_HAS_JOURNAL = 4,
    EXT2_FEATURE_COMPAT_EXT_ATTR = 8,
    EXT2_FEATURE_COMPAT_RESIZE_INODE = 0x10,
    EXT2_FEATURE_COMPAT_DIR_INDEX = 0x20,
    EXT2_FEATURE_INCOMPAT_FILETYPE = 2,
    EXT2_FEATURE_INCOMPAT_RECOVER = 4,
    EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER = 1,
    EXT2_FEATURE_RO_COMPAT_LARGE_FILE = 2,

    EXT2_BAD_INO = 1,
    EXT2_ROOT_INO = 2,

    EXT2_NDIR_BLOCKS = 12,
    EXT2_IND_BLOCK = 12,
    EXT2_DIND_BLOCK = 13,
    EXT2_TIND_BLOCK = 14,
    EXT2_N_BLOCKS = 15,

    EXT2_NAME_MAX = 255,
    EXT2_LINK_MAX = 32000,
    EXT2_FAST_SYMLINK_MAX = 59, /* bytes of target that fit in i_block, with a NUL */

    EXT2_FT_UNKNOWN = 0,
    EXT2_FT_REG_FILE = 1,
    EXT2_FT_DIR = 2,
    EXT2_FT_CHRDEV = 3,
    EXT2_FT_BLKDEV = 4,
    EXT2_FT_FIFO = 5,
    EXT2_FT_SOCK = 6,
    EXT2_FT_SYMLINK = 7,

    EXT2_INDEX_FL = 0x1000, /* i_flags: directory with a hashed index */
    EXT2_IMMUTABLE_FL = 0x10,
    EXT2_APPEND_FL = 0x20,
};

struct ext2_super_block {
    uint32_t s_inodes_count;
    uint32_t s_blocks_count;
    uint32_t s_r_blocks_count; /* kept for the superuser */
    uint32_t s_free_blocks_count;
    uint32_t s_free_inodes_count;
    uint32_t s_first_data_block; /* 1 with 1 KiB blocks, else 0 */
    uint32_t s_log_block_size;   /* block size = 1024 << this */
    uint32_t s_log_frag_size;
    uint32_t s_blocks_per_group;
    uint32_t s_frags_per_group;
    uint32_t s_inodes_per_group;
    uint32_t s_mtime;
    uint32_t s_wtime;
    uint16_t s_mnt_count;
    int16_t s_max_mnt_count;
    uint16_t s_magic;
    uint16_t s_state;
    uint16_t s_errors;
    uint16_t s_minor_rev_level;
    uint32_t s_lastcheck;
    uint32_t s_checkinterval;
    uint32_t s_creator_os;
    uint32_t s_rev_level;
    uint16_t s_def_resuid;
    uint16_t s_def_resgid;
    /* from here on only with EXT2_REV_DYNAMIC */
    uint32_t s_first_ino;
    uint16_t s_inode_size;
    uint16_t s_block_group_nr; /* group of this copy */
    uint32_t s_feature_compat;
    uint32_t s_feature_incompat;  /* unknown bits: do not mount */
    uint32_t s_feature_ro_compat; /* unknown bits: do not write */
    uint8_t s_uuid[16];
    char s_volume_name[16];
    char s_last_mounted[64];
    uint32_t s_algorithm_usage_bitmap;
    uint8_t s_prealloc_blocks;
    uint8_t s_prealloc_dir_blocks;
    uint16_t s_reserved_gdt_blocks;
    uint8_t s_journal_uuid[16];
    uint32_t s_journal_inum;
    uint32_t s_journal_dev;
    uint32_t s_last_orphan;
    uint32_t s_hash_seed[4];
    uint8_t s_def_hash_version;
    uint8_t s_jnl_backup_type;
    uint16_t s_desc_size;
    uint32_t s_default_mount_opts;
    uint32_t s_first_meta_bg;
    uint32_t s_mkfs_time;
    uint32_t s_reserved[189];
};
_Static_assert(sizeof(struct ext2_super_block) == 1024, "ext2_super_block");

struct ext2_group_desc {
    uint32_t bg_block_bitmap;
    uint32_t bg_inode_bitmap;
    uint32_t bg_inode_table;
    uint16_t bg_free_blocks_count;
    uint16_t bg_free_inodes_count;
    uint16_t bg_used_dirs_count;
    uint16_t bg_pad;
    uint32_t bg_reserved[3];
};
_Static_assert(sizeof(struct ext2_group_desc) == 32, "ext2_group_desc");

struct ext2_disk_inode {
    uint16_t i_mode; /* ABI_S_IF* and permissions, as in abi/fs.h */
    uint16_t i_uid;
    uint32_t i_size;
    uint32_t i_atime;
    uint32_t i_ctime;
    uint32_t i_mtime;
    uint32_t i_dtime;
    uint16_t i_gid;
    uint16_t i_links_count;
    uint32_t i_blocks; /* of 512 bytes, maps included */
    uint32_t i_flags;
    uint32_t i_osd1;
    uint32_t
        i_block[EXT2_N_BLOCKS]; /* or the target of a short symbolic link, or a device number */
    uint32_t i_generation;
    uint32_t i_file_acl;
    uint32_t i_size_high; /* of a regular file, with large_file */
    uint32_t i_faddr;
    uint16_t i_osd2_frag;
    uint16_t i_osd2_blocks_high;
    uint16_t i_uid_high;
    uint16_t i_gid_high;
    uint32_t i_osd2_reserved;
};
_Static_assert(sizeof(struct ext2_disk_inode) == 128, "ext2_disk_inode");

/* A directory's blocks are chains of these, each block filled to its end. inode 0: unused. */
struct ext2_dir_entry {
    uint32_t inode;
    uint16_t rec_len; /* to the next entry; a multiple of 4 */
    uint8_t name_len;
    uint8_t file_type; /* EXT2_FT_*, with the filetype feature */
    char name[];       /* name_len bytes, no NUL */
};
_Static_assert(sizeof(struct ext2_dir_entry) == 8, "ext2_dir_entry");

#define EXT2_DIR_REC_LEN(name_len) ((8u + (name_len) + 3u) & ~3u)

#endif

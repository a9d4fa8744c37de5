/*
 * dirent.h - reading directories. Replaces picolibc's, which ends in #error.
 */
#ifndef _DIRENT_H_
#define _DIRENT_H_

#include <sys/types.h>

#define DT_UNKNOWN 0
#define DT_FIFO    1
#define DT_CHR     2
#define DT_DIR     4
#define DT_BLK     6
#define DT_REG     8
#define DT_LNK     10

struct dirent {
    ino_t d_ino;
    off_t d_off; /* where seekdir() goes to read the entry after this one */
    unsigned short d_reclen;
    unsigned char d_type; /* DT_* */
    char d_name[256];
};

typedef struct duality_dir DIR;

DIR *opendir(const char *path);
DIR *fdopendir(int fd);
struct dirent *readdir(DIR *dir); /* NULL at the end (errno kept) or on error */
int closedir(DIR *dir);
void rewinddir(DIR *dir);
void seekdir(DIR *dir, long where);
long telldir(DIR *dir);
int dirfd(DIR *dir);

int alphasort(const struct dirent **a, const struct dirent **b);
int scandir(const char *path, struct dirent ***list, int (*keep)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **));

#endif

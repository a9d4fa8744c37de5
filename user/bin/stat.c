/*
 * stat.c - everything the system knows about a file; -L follows a symbolic link.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static unsigned char opt[128];

static void print_time(const char *name, const struct timespec *t)
{
    char text[40];
    struct tm *tm = gmtime(&t->tv_sec);

    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", tm);
    printf("%8s: %s.%09ld\n", name, text, t->tv_nsec);
}

static const char *kind(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "regular file";
    case S_IFDIR:
        return "directory";
    case S_IFLNK:
        return "symbolic link";
    case S_IFCHR:
        return "character device";
    case S_IFBLK:
        return "block device";
    case S_IFIFO:
        return "pipe";
    default:
        return "something";
    }
}

static int show(const char *path)
{
    char mode[11], target[1024];
    struct stat st;
    ssize_t n;

    if (opt['L'] ? stat(path, &st) : lstat(path, &st))
        return tool_errno(path);
    tool_mode(st.st_mode, mode);
    printf("    File: %s", path);
    if (S_ISLNK(st.st_mode) && (n = readlink(path, target, sizeof(target))) >= 0)
        printf(" -> %.*s", (int)n, target);
    printf("\n    Type: %s\n", kind(st.st_mode));
    printf("    Size: %lld\n", (long long)st.st_size);
    printf("  Blocks: %lld of 512, I/O in %ld\n", (long long)st.st_blocks, (long)st.st_blksize);
    printf("   Inode: %lu\n", st.st_ino);
    printf("   Links: %u\n", st.st_nlink);
    printf("    Mode: %04o %s\n", (unsigned)st.st_mode & 07777, mode);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        printf("  Device: %lu, %lu\n", st.st_rdev >> 8, st.st_rdev & 255);
    print_time("Access", &st.st_atim);
    print_time("Modify", &st.st_mtim);
    print_time("Change", &st.st_ctim);
    return 0;
}

int main(int argc, char **argv)
{
    int i = tool_flags(argc, argv, "L", "[-L] PATH...", opt), bad = 0;

    if (i == argc)
        tool_usage("[-L] PATH...");
    for (; i < argc; i++)
        bad |= show(argv[i]);
    return bad;
}

/*
 * x6dir.c - a course-style program about directories: entries of 16 bytes, names of 14, "." and
 * "..".
 */
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "kernel/fs.h"
#include "user/user.h"

#define FILES 60

void check(int ok, char *what)
{
    if (!ok) {
        printf("x6dir: %s: wrong\n", what);
        exit(1);
    }
}

void name_of(char *name, int i)
{
    strcpy(name, "file00");
    name[4] += i / 10;
    name[5] += i % 10;
}

void make_files(void)
{
    char name[DIRSIZ];
    int i, fd;

    for (i = 0; i < FILES; i++) {
        name_of(name, i);
        fd = open(name, O_CREATE | O_RDWR);
        check(fd >= 0, "create");
        close(fd);
    }
}

/* Reads the current directory, some entries at a time: dots, files, others. */
void count_entries(int at_once, int *dots, int *files, int *others)
{
    struct dirent de[7];
    int fd = open(".", 0), n, i;

    check(fd >= 0, "open of a directory");
    *dots = *files = *others = 0;
    while ((n = read(fd, de, at_once * sizeof(de[0]))) > 0)
        for (i = 0; i < n / sizeof(de[0]); i++) {
            if (de[i].inum == 0)
                continue;
            if (de[i].name[0] == '.')
                ++*dots;
            else if (memcmp(de[i].name, "file", 4) == 0)
                ++*files;
            else
                ++*others;
        }
    check(n == 0, "end of a directory");
    close(fd);
}

void list(void)
{
    int at_once, dots, files, others;

    for (at_once = 1; at_once <= 7; at_once++) {
        count_entries(at_once, &dots, &files, &others);
        check(dots == 2 && files == FILES && others == 0, "entries");
    }
}

void long_names(void)
{
    struct stat st;
    int fd, dots, files, others;

    check(mkdir("12345678901234") == 0, "mkdir of 14");
    check(mkdir("12345678901234/123456789012345") == 0, "mkdir of 15");
    fd = open("123456789012345/123456789012345/123456789012345", O_CREATE | O_RDWR);
    check(fd >= 0, "create by long names");
    close(fd);
    check(stat("12345678901234/12345678901234/12345678901234", &st) == 0 && st.type == T_FILE,
          "stat by short names");
    check(mkdir("12345678901234/12345678901234") == -1, "mkdir twice");
    check(mkdir("123456789012345/12345678901234") == -1, "mkdir twice by a long name");
    check(unlink("12345678901234/12345678901234") == -1, "unlink of a full directory");
    check(unlink("123456789012345/12345678901234/12345678901234") == 0, "unlink of the file");
    check(unlink("12345678901234/12345678901234") == 0, "unlink of a directory");
    count_entries(1, &dots, &files, &others);
    check(others == 1, "long names are one entry");
    check(unlink("12345678901234") == 0, "unlink of the last one");
}

void dots(void)
{
    struct stat here, there;

    check(mkdir("sub") == 0 && chdir("sub") == 0, "chdir");
    check(stat("..", &here) == 0 && chdir("..") == 0 && stat(".", &there) == 0, "stat of dots");
    check(here.ino == there.ino && here.type == T_DIR, "dots");
    check(unlink("sub/.") == -1 && unlink("sub/..") == -1, "unlink of dots");
    check(open("sub", O_WRONLY) == -1, "directory open for writing");
    check(open("sub", O_CREATE | O_RDWR) == -1, "create over a directory");
    check(link("sub", "link") == -1, "link to a directory");
    check(unlink("sub") == 0 && chdir("sub") == -1, "unlink of an empty directory");
    check(stat("/", &here) == 0 && here.ino == ROOTINO, "root");
    check(mkdir("") == -1 && open("", O_CREATE) == -1, "empty name");
}

int main(void)
{
    char name[DIRSIZ];
    int i;

    check(mkdir("/x6dir.d") == 0 && chdir("/x6dir.d") == 0, "mkdir");
    make_files();
    list();
    long_names();
    dots();
    for (i = 0; i < FILES; i++) {
        name_of(name, i);
        check(unlink(name) == 0, "unlink");
    }
    check(chdir("/") == 0 && unlink("/x6dir.d") == 0, "cleaning up");
    printf("x6dir: ok\n");
    return 0;
}

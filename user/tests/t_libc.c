/*
 * t_libc.c - the C runtime: streams, errno, environment, memory functions, directories, signals,
 * jumps, processes with exec and pipes.
 *
 * One line per failure, last line "t_libc: N passed, M failed"; status 1 if one failed. Works in
 * a directory of its own below /tmp.
 */
#include <dirent.h>
#include <duality/errno.h>
#include <duality/sys.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static int passed, failed;

#define EXPECT(a, b)                                                                               \
    do {                                                                                           \
        long long got_ = (long long)(a), want_ = (long long)(b);                                   \
        if (got_ == want_) {                                                                       \
            passed++;                                                                              \
        } else {                                                                                   \
            failed++;                                                                              \
            printf("%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #a, got_, want_);          \
        }                                                                                          \
    } while (0)

#define EXPECT_TEXT(a, b)                                                                          \
    do {                                                                                           \
        const char *got_ = (a), *want_ = (b);                                                      \
        if (got_ && strcmp(got_, want_) == 0) {                                                    \
            passed++;                                                                              \
        } else {                                                                                   \
            failed++;                                                                              \
            printf("%s:%d: %s is '%s', not '%s'\n", __FILE__, __LINE__, #a, got_ ? got_ : "NULL",  \
                   want_);                                                                         \
        }                                                                                          \
    } while (0)

static void test_format(void)
{
    volatile size_t size = 4; /* not known to the compiler, which would warn */
    char text[128];

    snprintf(text, sizeof(text), "%d %lld %zu %x %5s|%-5s| %c %.3f %g %%", -1, 1LL << 40,
             sizeof(text), 255, "ab", "cd", 'z', 3.14159, 1e10);
    EXPECT_TEXT(text, "-1 1099511627776 128 ff    ab|cd   | z 3.142 1e+10 %");
    EXPECT(snprintf(text, size, "abcdef"), 6);
    EXPECT_TEXT(text, "abc");
    EXPECT(strtol("0x1f", NULL, 0), 31);
    EXPECT(strtod("2.5e2", NULL) == 250.0, 1);
}

/* Every length and alignment of the word-wise functions against plain loops. */
static void test_memory(void)
{
    static unsigned char a[256], b[256], want[256];
    int wrong = 0;

    for (size_t to = 0; to < 9; to++)
        for (size_t from = 0; from < 9; from++)
            for (size_t len = 0; len < 130; len++) {
                for (int i = 0; i < 256; i++)
                    a[i] = (unsigned char)(i * 7), b[i] = want[i] = (unsigned char)i;
                for (size_t i = 0; i < len; i++)
                    want[to + i] = a[from + i];
                memcpy(b + to, a + from, len);
                wrong += memcmp(b, want, 256) != 0;
                for (int i = 0; i < 256; i++)
                    b[i] = want[i] = (unsigned char)i;
                for (size_t i = 0; i < len; i++)
                    want[to + i] = (unsigned char)(from + i);
                memmove(b + to, b + from, len);
                wrong += memcmp(b, want, 256) != 0;
                memset(b + to, 0x5a, len);
                for (size_t i = 0; i < len; i++)
                    wrong += b[to + i] != 0x5a;
                b[to + len] = 0;
                wrong += strlen((char *)b + to) != len;
            }
    EXPECT(wrong, 0);
    EXPECT(memcmp("abcdefgh1", "abcdefgh2", 9) < 0, 1);
    EXPECT(memcmp("\x80", "\x01", 1) > 0, 1);
}

static void test_streams(void)
{
    char line[64], *grown = NULL;
    size_t room = 0;
    FILE *f = fopen("f", "w+");

    EXPECT(f != NULL, 1);
    for (int i = 0; i < 3000; i++)
        fprintf(f, "line %d\n", i);
    EXPECT(ftell(f), 28890);
    EXPECT(fseek(f, 0, SEEK_SET), 0);
    EXPECT_TEXT(fgets(line, sizeof(line), f), "line 0\n");
    EXPECT(ftell(f), 7);
    EXPECT(ungetc('X', f), 'X');
    EXPECT(getc(f), 'X');
    EXPECT(fseek(f, -10, SEEK_END), 0);
    EXPECT(getline(&grown, &room, f), 10);
    EXPECT_TEXT(grown, "line 2999\n");
    EXPECT(getc(f), EOF);
    EXPECT(feof(f) != 0, 1);
    EXPECT(fclose(f), 0);
    free(grown);
    f = fopen("f", "a");
    fputs("more", f);
    fclose(f);
    f = fopen("f", "r");
    EXPECT(fread(line, 1, 5, f), 5);
    EXPECT(fseek(f, -4, SEEK_END), 0);
    EXPECT(fread(line, 2, 8, f), 2);
    EXPECT(memcmp(line, "more", 4), 0);
    fclose(f);
    errno = 0;
    EXPECT(fopen("none", "r") == NULL, 1);
    EXPECT(errno, ENOENT);
    EXPECT_TEXT(strerror(EPAGERDEAD), "pager died");
    EXPECT_TEXT(errno_name(ENOPAGER), "ENOPAGER");
}

static void test_popen(void)
{
    char line[32] = "";
    FILE *f = popen("echo from child; exit 3", "r");

    EXPECT(f != NULL, 1);
    EXPECT_TEXT(fgets(line, sizeof(line), f), "from child\n");
    EXPECT(WEXITSTATUS(pclose(f)), 3);
    EXPECT(WEXITSTATUS(system("exit 5")), 5);
    setenv("T_LIBC", "seen", 1);
    EXPECT(system("test \"$T_LIBC\" = seen"), 0);
    unsetenv("T_LIBC");
    EXPECT(getenv("T_LIBC") == NULL, 1);
}

/* What is still in a stream's buffer at exit() must reach the file. */
static void test_exit_flush(void)
{
    struct stat st;
    int status;

    fflush(NULL);
    if (fork() == 0) {
        FILE *f = fopen("left", "w");

        fputs("not closed", f);
        exit(0);
    }
    wait(&status);
    EXPECT(status, 0);
    EXPECT(stat("left", &st), 0);
    EXPECT(st.st_size, 10);
}

static void test_directories(void)
{
    struct dirent *d, **list;
    int count = 0, n;
    char name[16];
    DIR *dir;

    EXPECT(mkdir("d", 0755), 0);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "d/%02d", i);
        close(open(name, O_CREAT | O_WRONLY, 0644));
    }
    dir = opendir("d");
    EXPECT(dir != NULL, 1);
    for (; (d = readdir(dir)); count++)
        if (d->d_name[0] != '.')
            EXPECT(d->d_type, DT_REG);
    EXPECT(count, 42);
    rewinddir(dir);
    EXPECT(readdir(dir) != NULL, 1);
    EXPECT(closedir(dir), 0);
    n = scandir("d", &list, NULL, alphasort);
    EXPECT(n, 42);
    EXPECT_TEXT(n == 42 ? list[41]->d_name : "", "39");
    EXPECT(rmdir("d"), -1);
    EXPECT(errno, ENOTEMPTY);
}

static volatile int caught;
static void *volatile caught_addr;
static sigjmp_buf back;

static void on_signal(int sig)
{
    caught = sig;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)context;
    caught = sig;
    caught_addr = info->si_addr;
    siglongjmp(back, 1);
}

static void on_skip(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    (void)info;
    caught = sig;
    u->pc += 4;
}

static void test_signals(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    double before = 1.5, after;
    sigset_t set, old;

    EXPECT(sigaction(SIGUSR1, &act, NULL), 0);
    __asm__ volatile("fmv.d fs3, %0" : : "f"(before) : "fs3");
    EXPECT(raise(SIGUSR1), 0);
    __asm__ volatile("fmv.d %0, fs3" : "=f"(after));
    EXPECT(caught, SIGUSR1);
    EXPECT(after == before, 1);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    EXPECT(sigprocmask(SIG_BLOCK, &set, &old), 0);
    caught = 0;
    raise(SIGUSR1);
    EXPECT(caught, 0);
    EXPECT(sigpending(&set), 0);
    EXPECT(sigismember(&set, SIGUSR1), 1);
    EXPECT(sigprocmask(SIG_SETMASK, &old, NULL), 0);
    EXPECT(caught, SIGUSR1);
    signal(SIGALRM, on_signal);
    alarm(1);
    EXPECT(pause(), -1);
    EXPECT(errno, EINTR);
    EXPECT(caught, SIGALRM);
    EXPECT(kill(getpid(), 99), -1);
    EXPECT(errno, EINVAL);
}

static void test_faults(void)
{
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0);

    EXPECT(page != MAP_FAILED, 1);
    sigaction(SIGSEGV, &act, NULL);
    for (int round = 0; round < 2; round++) { /* twice: siglongjmp must open the mask again */
        caught = 0;
        if (sigsetjmp(back, 1) == 0)
            *(volatile char *)(page + 5) = 1;
        EXPECT(caught, SIGSEGV);
        EXPECT((char *)caught_addr - page, 5);
    }
    act.sa_sigaction = on_skip;
    sigaction(SIGILL, &act, NULL);
    caught = 0;
    __asm__ volatile(".word 0xffffffff"); /* no instruction; the handler skips it */
    EXPECT(caught, SIGILL);
    signal(SIGSEGV, SIG_DFL);
    signal(SIGILL, SIG_DFL);
}

static void test_children(void)
{
    int fds[2], status;
    struct pollfd p;
    char c = 0;
    pid_t pid;

    EXPECT(pipe(fds), 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        usleep(50000);
        _exit(write(fds[1], "x", 1) == 1 ? 7 : 8);
    }
    p = (struct pollfd){.fd = fds[0], .events = POLLIN};
    EXPECT(poll(&p, 1, 0), 0);
    EXPECT(poll(&p, 1, 5000), 1);
    EXPECT(p.revents, POLLIN);
    EXPECT(read(fds[0], &c, 1), 1);
    EXPECT(c, 'x');
    EXPECT(waitpid(pid, &status, 0), pid);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 7, 1);
    pid = fork();
    if (pid == 0)
        abort();
    EXPECT(waitpid(pid, &status, 0), pid);
    EXPECT(WIFSIGNALED(status), 1);
    EXPECT(WTERMSIG(status), SIGABRT);
    EXPECT(waitpid(pid, &status, 0), -1);
    EXPECT(errno, ECHILD);
    pid = fork();
    if (pid == 0) {
        execl("/bin/nothing", "nothing", (char *)NULL);
        _exit(errno == ENOENT ? 0 : 1);
    }
    EXPECT(waitpid(pid, &status, 0), pid);
    EXPECT(status, 0);
    signal(SIGPIPE, SIG_IGN);
    close(fds[0]);
    EXPECT(write(fds[1], "x", 1), -1);
    EXPECT(errno, EPIPE);
    close(fds[1]);
}

static void test_descriptors(void)
{
    int fd = open("f", O_RDWR), other = dup2(fd, 20);
    struct stat st;

    EXPECT(other, 20);
    EXPECT(lseek(fd, 3, SEEK_SET), 3);
    EXPECT(lseek(other, 0, SEEK_CUR), 3);
    EXPECT(fcntl(other, F_SETFD, FD_CLOEXEC), 0);
    EXPECT(fcntl(other, F_GETFD), FD_CLOEXEC);
    EXPECT(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
    EXPECT(ftruncate(fd, 5), 0);
    EXPECT(fstat(fd, &st), 0);
    EXPECT(st.st_size, 5);
    EXPECT(pwrite(fd, "12", 2, 8), 2);
    EXPECT(fstat(fd, &st), 0);
    EXPECT(st.st_size, 10);
    EXPECT(symlink("f", "s"), 0);
    EXPECT(lstat("s", &st), 0);
    EXPECT(S_ISLNK(st.st_mode), 1);
    EXPECT(isatty(fd), 0);
    EXPECT(errno, ENOTTY);
    EXPECT(close(99), -1);
    EXPECT(errno, EBADF);
    EXPECT(read(fd, (void *)8, 4), -1);
    EXPECT(errno, EFAULT);
    close(fd);
    close(other);
}

static void test_heap(void)
{
    char *blocks[200], *top;
    int wrong = 0;

    for (int i = 0; i < 200; i++) {
        blocks[i] = malloc((size_t)i * 97 + 1);
        memset(blocks[i], i, (size_t)i * 97 + 1);
    }
    for (int i = 0; i < 200; i += 2)
        free(blocks[i]);
    for (int i = 1; i < 200; i += 2)
        for (int k = 0; k <= i * 97; k++)
            wrong += blocks[i][k] != (char)i;
    EXPECT(wrong, 0);
    top = sbrk(0);
    EXPECT(sbrk(8192) == top, 1);
    EXPECT(top[8191], 0);
    EXPECT((char *)sbrk(-8192) - top, 8192);
}

static void test_time(void)
{
    struct timespec before, after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    usleep(20000);
    clock_gettime(CLOCK_MONOTONIC, &after);
    EXPECT((after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec >=
               20000000,
           1);
    EXPECT(time(NULL) > 1500000000, 1);
    EXPECT(sysconf(_SC_NPROCESSORS_ONLN) >= 1, 1);
}

int main(void)
{
    char directory[32];

    snprintf(directory, sizeof(directory), "/tmp/t_libc.%d", getpid());
    if (mkdir(directory, 0755) || chdir(directory)) {
        perror(directory);
        return 1;
    }
    test_format();
    test_memory();
    test_streams();
    test_popen();
    test_exit_flush();
    test_directories();
    test_signals();
    test_faults();
    test_children();
    test_descriptors();
    test_heap();
    test_time();
    if (chdir("/") == 0) {
        char command[64];

        snprintf(command, sizeof(command), "rm -r %s", directory);
        EXPECT(system(command), 0);
    }
    printf("t_libc: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}

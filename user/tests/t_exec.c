/*
 * t_exec.c - programs started: arguments, environment, descriptors, signals, scripts; and every
 * malformed program file, after which the old program must still be there.
 *
 * The program starts itself with a first argument that says what to check ("args", "env", ...).
 * Bad files are made from its own image by changing one field.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <duality/sys.h>

#include "check.h"

#define SELF "/bin/t_exec"
#define BAD  "/t_exec.tmp"

extern char **environ;

/* --- the programs that are started --- */

static int be_args(int argc, char **argv)
{
    if (argc != 5 || strcmp(argv[2], "") || strcmp(argv[3], "two words") || strcmp(argv[4], "x"))
        return 1;
    return argv[5] ? 2 : 0;
}

static int be_env(void)
{
    if (!environ[0] || strcmp(environ[0], "A=1") || strcmp(environ[1], "B=two") || environ[2])
        return 1;
    return ((uintptr_t)environ & 7) == 0 ? 0 : 2;
}

/* argv[2]: a descriptor that must be open, argv[3]: one that must be closed */
static int be_fds(char **argv)
{
    struct stat st;

    if (fstat(atoi(argv[2]), &st))
        return 1;
    return fstat(atoi(argv[3]), &st) == -1 && errno == EBADF ? 0 : 2;
}

static int be_signals(void)
{
    struct sigaction sa;
    sigset_t set;
    stack_t ss;

    sigaction(SIGUSR1, NULL, &sa);
    if (sa.sa_handler != SIG_DFL)
        return 1;
    sigaction(SIGUSR2, NULL, &sa);
    if (sa.sa_handler != SIG_IGN)
        return 2;
    sigprocmask(SIG_SETMASK, NULL, &set);
    if (!sigismember(&set, SIGHUP))
        return 3;
    sigaltstack(NULL, &ss);
    return ss.ss_flags == SS_DISABLE ? 0 : 4;
}

static int bss_word[20000];
static int data_word = 77;

static int be_fresh(void)
{
    double zero = 0;

    __asm__ volatile("fmv.d.x %0, zero" : "=f"(zero));
    for (size_t i = 0; i < sizeof(bss_word) / sizeof(bss_word[0]); i++)
        if (bss_word[i])
            return 1;
    if (data_word != 77)
        return 2;
    char *p = malloc(100000);
    if (!p)
        return 3;
    memset(p, 1, 100000);
    return 0;
}

static int be(int argc, char **argv)
{
    if (!strcmp(argv[1], "args"))
        return be_args(argc, argv);
    if (!strcmp(argv[1], "env"))
        return be_env();
    if (!strcmp(argv[1], "fds"))
        return be_fds(argv);
    if (!strcmp(argv[1], "signals"))
        return be_signals();
    if (!strcmp(argv[1], "fresh"))
        return be_fresh();
    if (!strcmp(argv[1], "count"))
        return argc & 127;
    if (!strcmp(argv[1], "pid"))
        return getpid() == atoi(argv[2]) && gettid() == getpid() ? 0 : 1;
    if (!strcmp(argv[1], "script"))
        return argc == 5 && !strcmp(argv[2], BAD) && !strcmp(argv[3], "p") ? 0 : 1;
    return 99;
}

/* --- good starts --- */

TEST(arguments)
{
    CHECK_EQ(IN_CHILD(execl(SELF, "t", "args", "", "two words", "x", (char *)NULL)), 0);
}

TEST(environment)
{
    char *const argv[] = {"t", "env", NULL};
    char *const envp[] = {"A=1", "B=two", NULL};

    CHECK_EQ(IN_CHILD(execve(SELF, argv, envp); _exit(9)), 0);
}

TEST(descriptors)
{
    int keep = open("/", O_RDONLY);
    int drop = open("/", O_RDONLY | O_CLOEXEC);
    char a[8], b[8];

    sprintf(a, "%d", keep);
    sprintf(b, "%d", drop);
    CHECK_EQ(IN_CHILD(execl(SELF, "t", "fds", a, b, (char *)NULL)), 0);
    close(keep);
    close(drop);
}

static void on_usr1(int sig)
{
    (void)sig;
}

TEST(signals)
{
    static char alt[8192];

    CHECK_EQ(IN_CHILD({
                 stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)};
                 sigset_t set = 1 << SIGHUP;
                 sigaltstack(&ss, NULL);
                 signal(SIGUSR1, on_usr1);
                 signal(SIGUSR2, SIG_IGN);
                 sigprocmask(SIG_BLOCK, &set, NULL);
                 execl(SELF, "t", "signals", (char *)NULL);
             }),
             0);
}

TEST(fresh_memory)
{
    CHECK_EQ(IN_CHILD(data_word = 1; bss_word[9] = 1; execl(SELF, "t", "fresh", (char *)NULL)), 0);
}

TEST(keeps_pid)
{
    CHECK_EQ(IN_CHILD({
                 char pid[16];
                 sprintf(pid, "%d", getpid());
                 execl(SELF, "t", "pid", pid, (char *)NULL);
             }),
             0);
}

static void *spin(void *arg)
{
    for (;;)
        if (arg)
            sys_nanosleep(1000000, NULL);
    return NULL;
}

static void *exec_here(void *pid)
{
    execl(SELF, "t", "pid", (char *)pid, (char *)NULL);
    _exit(9);
}

/* exec ends the other threads, and works from any of them. */
TEST(other_threads_end)
{
    pthread_t t;

    CHECK_EQ(IN_CHILD({
                 char pid[16];
                 sprintf(pid, "%d", getpid());
                 pthread_create(&t, NULL, spin, NULL);
                 pthread_create(&t, NULL, spin, &t);
                 pthread_create(&t, NULL, exec_here, pid);
                 spin(NULL);
             }),
             0);
}

TEST(no_arguments)
{
    char *const none[] = {NULL};

    CHECK_EQ(IN_CHILD(sys_execve("/bin/true", none, none); _exit(9)), 0);
    CHECK_EQ(IN_CHILD(sys_execve("/bin/true", NULL, NULL); _exit(9)), 0);
}

TEST(many_arguments)
{
    enum { N = 3000 };
    static char *argv[N + 3];

    argv[0] = "t";
    argv[1] = "count";
    for (int i = 2; i < N; i++)
        argv[i] = "0123456789";
    CHECK_EQ(IN_CHILD(execv(SELF, argv); _exit(126)), EXITED(N & 127));
}

TEST(too_many_arguments)
{
    enum { N = 20000 };
    static char *argv[N + 1];
    char *big = malloc(ABI_ARG_MAX + 10);

    CHECK(big);
    memset(big, 'a', ABI_ARG_MAX + 9);
    big[ABI_ARG_MAX + 9] = '\0';
    for (int i = 0; i < N; i++)
        argv[i] = "x";
    CHECK_ERR(execv(SELF, argv), E2BIG);
    char *const one[] = {"t", big, NULL};
    CHECK_ERR(execv(SELF, one), E2BIG);
    free(big);
}

TEST(bad_pointers)
{
    char *const bad[] = {"t", (char *)16, NULL};
    char *const good[] = {"t", NULL};

    CHECK_RAW(sys_execve(wild(16), good, good), EFAULT);
    CHECK_RAW(sys_execve(SELF, bad, good), EFAULT);
    CHECK_RAW(sys_execve(SELF, good, bad), EFAULT);
    CHECK_RAW(sys_execve(SELF, wild(16), good), EFAULT);
    CHECK_RAW(sys_execve(SELF, wild(-64), good), EFAULT);
}

TEST(bad_paths)
{
    char *const argv[] = {"t", NULL};
    static char deep[5000];

    memset(deep, 'a', sizeof(deep) - 1);
    CHECK_ERR(execv("/no/such", argv), ENOENT);
    CHECK_ERR(execv("", argv), ENOENT);
    CHECK_ERR(execv("/bin", argv), EACCES);
    CHECK_ERR(execv("/bin/true/x", argv), ENOTDIR);
    CHECK_ERR(execv("/dev/null", argv), EACCES);
    CHECK_ERR(execv(deep, argv), ENAMETOOLONG);
}

/* --- files that are no programs --- */

static char *image;
static size_t image_size;

static int load_image(void)
{
    struct stat st;
    int fd = open(SELF, O_RDONLY);

    if (fd < 0 || fstat(fd, &st) || !(image = malloc((size_t)st.st_size)))
        return -1;
    image_size = (size_t)st.st_size;
    return read(fd, image, image_size) == (ssize_t)image_size ? close(fd) : -1;
}

static int write_file(const void *data, size_t len, int mode)
{
    int fd = open(BAD, O_WRONLY | O_CREAT | O_TRUNC, mode);

    if (fd < 0)
        return -1;
    if (write(fd, data, len) != (ssize_t)len)
        return -1;
    return close(fd) | chmod(BAD, mode);
}

/* The result of starting a file: 0 if it was started (in a child), else the errno. */
static int start_file(void)
{
    char *const argv[] = {"t", "count", NULL};
    int status = IN_CHILD(execv(BAD, argv); _exit(errno == ENOEXEC ? 200 : 201));

    if (status == EXITED(200))
        return ENOEXEC;
    return status == EXITED(2) ? 0 : 1000 + status;
}

/* Starts the image with `size` bytes at `offset` replaced. */
static int start_with(size_t offset, uint64_t value, size_t size)
{
    char saved[8];
    int result;

    memcpy(saved, image + offset, size);
    memcpy(image + offset, &value, size);
    result = write_file(image, image_size, 0755) ? -1 : start_file();
    memcpy(image + offset, saved, size);
    return result;
}

TEST(copy_of_self_runs)
{
    CHECK_EQ(start_with(0, 0x7f, 1), 0);
}

TEST(bad_header)
{
    static const struct {
        size_t offset, size;
        uint64_t value;
    } row[] = {
        {0, 1, 0x7e},                    /* magic */
        {4, 1, 1},                       /* 32 bits */
        {5, 1, 2},                       /* big endian */
        {6, 1, 0},                       /* version */
        {16, 2, 1},                      /* relocatable */
        {16, 2, 3},                      /* position independent */
        {16, 2, 4},                      /* core */
        {18, 2, 62},                     /* another machine */
        {20, 4, 2},                      /* version */
        {24, 8, 0},                      /* entry nowhere */
        {24, 8, 0x10001},                /* entry odd */
        {24, 8, ~0ul - 1},               /* entry in the kernel's half */
        {32, 8, 1ul << 40},              /* headers beyond the end */
        {32, 8, ~0ul - 63}, {54, 2, 32}, /* size of one */
        {56, 2, 0},                      /* none */
        {56, 2, 65},                     /* too many */
        {56, 2, 0xffff},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int got = start_with(row[i].offset, row[i].value, row[i].size);
        if (got != ENOEXEC)
            dprintf(1, "row %d:\n", (int)i);
        CHECK_EQ(got, ENOEXEC);
    }
}

/* Offset in the file of the field at `field` of the first LOAD segment (the text). */
static size_t text_field(size_t field)
{
    uint64_t phoff;

    memcpy(&phoff, image + 32, 8);
    return phoff + field;
}

TEST(bad_segments)
{
    static const struct {
        size_t field, size;
        uint64_t value;
    } row[] = {
        {0, 4, 3},           /* wants an interpreter */
        {0, 4, 4},           /* no segment holds the entry */
        {4, 4, 4},           /* not executable */
        {8, 8, ~0ul - 4095}, /* file offset */
        {8, 8, 1ul << 50},
        {8, 8, 0x1001},        /* offset against address */
        {16, 8, 0},            /* address 0 */
        {16, 8, 0x10008},      /* misaligned */
        {16, 8, ~0ul << 12},   /* kernel */
        {16, 8, 0x4000000000}, /* end of the user half */
        {16, 8, 0x3ffffff000}, /* over the stack */
        {32, 8, ~0ul},         /* bytes in the file */
        {32, 8, 1ul << 45},
        {40, 8, 0}, /* fewer in memory */
        {40, 8, ~0ul},
        {40, 8, 1ul << 38},
        {40, 8, 0x100000}, /* memory over the next segment */
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int got = start_with(text_field(row[i].field), row[i].value, row[i].size);
        if (got != ENOEXEC)
            dprintf(1, "row %d:\n", (int)i);
        CHECK_EQ(got, ENOEXEC);
    }
}

TEST(cut_short)
{
    static const size_t len[] = {0, 1, 3, 4, 63, 64, 100, 119, 4096, 8192};

    for (size_t i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
        CHECK_EQ(write_file(image, len[i], 0755), 0);
        CHECK_EQ(start_file(), ENOEXEC);
    }
}

/* Random damage to the headers: started or refused or killed, but never worse. */
TEST(random_damage)
{
    uint32_t seed = 12345;

    for (int i = 0; i < 100; i++) {
        seed = seed * 1103515245 + 12345;
        size_t offset = seed >> 8 & 255;
        seed = seed * 1103515245 + 12345;
        CHECK(start_with(offset, seed >> 16, 1) != -1);
    }
}

TEST(not_executable)
{
    char *const argv[] = {"t", NULL};

    CHECK_EQ(write_file(image, image_size, 0644), 0);
    CHECK_ERR(execv(BAD, argv), EACCES);
}

/* --- scripts --- */

static int start_script(const char *text)
{
    if (write_file(text, strlen(text), 0755))
        return -1;
    return IN_CHILD(execl(BAD, "s", "p", "q", (char *)NULL); _exit(errno == ENOEXEC  ? 200
                                                                   : errno == ENOENT ? 201
                                                                                     : 202));
}

TEST(scripts)
{
    CHECK_EQ(start_script("#!" SELF " script\nrest\n"), 0);
    CHECK_EQ(start_script("#!  " SELF "   script  \n"), 0);
    CHECK_EQ(start_script("#!" SELF " script"), EXITED(200));
    CHECK_EQ(start_script("#!\n"), EXITED(200));
    CHECK_EQ(start_script("#! \t \n"), EXITED(200));
    CHECK_EQ(start_script("#"), EXITED(200));
    CHECK_EQ(start_script("#!/no/such\n"), EXITED(201));
    CHECK_EQ(start_script("#!" BAD "\n"), EXITED(200));
    CHECK_EQ(start_script("plain text\n"), EXITED(200));
}

/* --- nothing is lost --- */

TEST(frames_come_back)
{
    struct info_memory before, after;

    CHECK_EQ(start_with(0, 0x7f, 1), 0);
    CHECK_EQ(sysinfo(INFO_MEMORY, 0, &before, sizeof(before)), (long)sizeof(before));
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(IN_CHILD(execl("/bin/true", "true", (char *)NULL)), 0);
        CHECK_EQ(start_with(40, 0, 8), start_with(40, 0, 8));
        CHECK_EQ(start_with(text_field(16), 0x3ffffff000, 8), ENOEXEC);
    }
    CHECK_EQ(sysinfo(INFO_MEMORY, 0, &after, sizeof(after)), (long)sizeof(after));
    long lost = (long)((before.free + before.cached + before.buffers) -
                       (after.free + after.cached + after.buffers));
    CHECK(lost < 64);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return be(argc, argv);
    if (load_image()) {
        dprintf(1, "FAIL cannot read %s\n", SELF);
        return 1;
    }
    RUN(arguments);
    RUN(environment);
    RUN(descriptors);
    RUN(signals);
    RUN(fresh_memory);
    RUN(keeps_pid);
    RUN(other_threads_end);
    RUN(no_arguments);
    RUN(many_arguments);
    RUN(too_many_arguments);
    RUN(bad_pointers);
    RUN(bad_paths);
    RUN(copy_of_self_runs);
    RUN(bad_header);
    RUN(bad_segments);
    RUN(cut_short);
    RUN(random_damage);
    RUN(not_executable);
    RUN(scripts);
    RUN(frames_come_back);
    unlink(BAD);
    return check_done("t_exec");
}

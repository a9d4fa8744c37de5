/*
 * uname.c - the name of the system (-a: release, build and machine too; -r -m: only that).
 */
#include <duality/tool.h>
#include <stdio.h>
#include <sys/utsname.h>

int main(int argc, char **argv)
{
    unsigned char opt[128];
    struct utsname name;

    if (tool_flags(argc, argv, "asrm", "[-asrm]", opt) != argc)
        tool_usage("[-asrm]");
    if (uname(&name))
        tool_die("uname");
    if (opt['a'])
        printf("%s %s %s %s %s\n", name.sysname, name.nodename, name.release, name.version,
               name.machine);
    else
        puts(opt['r'] ? name.release : opt['m'] ? name.machine : name.sysname);
    return 0;
}

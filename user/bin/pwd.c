/*
 * pwd.c - the working directory.
 */
#include <duality/tool.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char path[PATH_MAX];

    if (!getcwd(path, sizeof(path)))
        tool_die("working directory");
    puts(path);
    return 0;
}

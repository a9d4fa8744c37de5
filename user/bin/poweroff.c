/*
 * poweroff.c - writes everything and switches the machine off; a status other than 0 makes the
 * machine end with a failure.
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc > 2)
        tool_usage("[STATUS]");
    sync();
    poweroff(argc > 1 ? (int)tool_number(argv[1]) : 0);
    return tool_errno("poweroff");
}

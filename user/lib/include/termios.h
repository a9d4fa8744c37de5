/*
 * termios.h - the little of it that the console has: canonical mode, echo, signals.
 *
 * Other fields are kept as zero and ignored. tcsetattr()'s `when` is ignored: output is never
 * held back.
 */
#ifndef DUALITY_TERMIOS_H
#define DUALITY_TERMIOS_H

#include <sys/types.h>

typedef unsigned int tcflag_t;
typedef unsigned char cc_t;
typedef unsigned int speed_t;

#define NCCS  8
#define VMIN  0
#define VTIME 1

#define ICANON 1
#define ECHO   2
#define ISIG   4
#define IEXTEN 8

#define TCSANOW   0
#define TCSADRAIN 1
#define TCSAFLUSH 2

struct termios {
    tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
    cc_t c_cc[NCCS];
};

int tcgetattr(int fd, struct termios *t);
int tcsetattr(int fd, int when, const struct termios *t);

#endif

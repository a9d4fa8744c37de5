/*
 * signal.h - see <sys/signal.h>, where everything is.
 */
#ifndef _SIGNAL_H_
#define _SIGNAL_H_

#include <sys/signal.h>

#endif

/*
 * uart.h - the serial line (16550), buffered in both directions by interrupts. For console.c.
 */
#ifndef DEV_UART_H
#define DEV_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart_ops {
    void (*input)(unsigned char c); /* from the interrupt, in order, no lock held */
    void (*input_end)(void);        /* after a burst of input() */
    void (*output_room)(void);      /* from the interrupt: the ring has room again */
};

/* Finds the line in the board description and turns interrupts on. False: there is none; then
 * uart_write() throws everything away. */
bool uart_init(const struct uart_ops *ops);

/* Queues as much of buf as leaves `keep` bytes of the ring free; how much. Any lock below RANK_UART
 * may be held. */
size_t uart_write(const char *buf, size_t len, size_t keep);

/* Free bytes in the ring. */
size_t uart_room(void);

/* Sends everything queued, by polling, and waits until it is on the wire. */
void uart_drain(void);

#endif

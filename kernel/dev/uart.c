/*
 * uart.c - the serial line: a 16550 with its FIFOs.
 *
 * Owns the registers and the ring of bytes to send. Source: data sheet of the 16550. Lines of the
 * kernel's log are sent by polling, behind whatever is in the ring, so that order is kept.
 * Sending: bytes go to the ring; while the ring is not empty the "transmitter empty" interrupt is
 * on and each one moves up to a FIFO's worth. Receiving: the interrupt hands each byte up at
 * once, the ring for input being the line discipline's.
 * Lock: RANK_UART for the ring and the interrupt enable register; released before calling up.
 */
#include "dev/uart.h"

#include "arch/riscv/fdt.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/irq.h"
#include "dev/mmio.h"

enum { /* registers and their bits */
       DATA = 0,
       IER = 1,
       IER_RECEIVE = 1,
       IER_TRANSMIT = 2,
       IIR = 2,
       FCR = 2,
       FCR_ENABLE = 1,
       FCR_CLEAR = 6,
       LCR = 3,
       LCR_8BITS = 3,
       MCR = 4,
       MCR_READY = 0xb, /* DTR, RTS, interrupt line on */
       LSR = 5,
       LSR_DATA = 1,
       LSR_FIFO_EMPTY = 0x20,
       LSR_IDLE = 0x40,
};

enum { RING = 16384, FIFO = 16, INPUT_BURST = 256 };

static struct spinlock lock = SPINLOCK_INIT(RANK_UART);
static uint8_t *base;              /* [I] */
static const struct uart_ops *ops; /* [I] */
static char ring[RING];            /* [l] */
static uint32_t ring_in, ring_out; /* [l] free-running */
static uint8_t ier;                /* [l] what the register holds */
static bool drained;               /* [l] emptied by polling: writers were not told yet */

static uint8_t get(unsigned reg)
{
    return mmio_read8(base + reg);
}

static void put(unsigned reg, uint8_t v)
{
    mmio_write8(base + reg, v);
}

static void set_ier_locked(uint8_t v)
{
    if (v == ier)
        return;
    ier = v;
    put(IER, v);
}

/* Fills the FIFO if it is empty; asks for an interrupt while there is more. */
static void send_locked(void)
{
    if (get(LSR) & LSR_FIFO_EMPTY) {
        for (unsigned n = 0; n < FIFO && ring_out != ring_in; n++)
            put(DATA, (uint8_t)ring[ring_out++ % RING]);
    }
    set_ier_locked(ring_out == ring_in ? IER_RECEIVE : IER_RECEIVE | IER_TRANSMIT);
}

static void receive(void)
{
    unsigned n = 0;

    for (; n < INPUT_BURST && (get(LSR) & LSR_DATA); n++)
        ops->input(get(DATA));
    if (n)
        ops->input_end();
}

static void interrupt(void *arg)
{
    (void)arg;
    (void)get(IIR); /* acknowledges "transmitter empty" */
    receive();

    spin_lock(&lock);
    bool sending = ring_out != ring_in || drained;
    drained = false;
    send_locked();
    bool room = sending && ring_in - ring_out <= RING / 2;
    spin_unlock(&lock);
    if (room)
        ops->output_room();
}

size_t uart_write(const char *buf, size_t len, size_t keep)
{
    if (!base)
        return len;
    size_t n = 0;
    spin_lock(&lock);
    for (; n < len && RING - (ring_in - ring_out) > keep; n++)
        ring[ring_in++ % RING] = buf[n];
    if (n)
        send_locked();
    spin_unlock(&lock);
    return n;
}

size_t uart_room(void)
{
    spin_lock(&lock);
    size_t room = RING - (ring_in - ring_out);
    spin_unlock(&lock);
    return room;
}

static void drain_locked(void)
{
    while (ring_out != ring_in)
        send_locked();
    while (!(get(LSR) & LSR_IDLE))
        ;
}

void uart_drain(void)
{
    if (!base)
        return;
    spin_lock(&lock);
    drain_locked();
    spin_unlock(&lock);
}

static void poll_put_locked(char c)
{
    while (!(get(LSR) & LSR_FIFO_EMPTY))
        ;
    put(DATA, (uint8_t)c);
}

/* The sink of core/log.c. Any lock may be held: writers who wait for the room that this makes are
 * told by the interrupt asked for at the end. */
static void log_line(const char *text, size_t len)
{
    spin_lock(&lock);
    drained |= ring_out != ring_in;
    drain_locked();
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            poll_put_locked('\r');
        poll_put_locked(text[i]);
    }
    if (drained)
        set_ier_locked(IER_RECEIVE | IER_TRANSMIT);
    spin_unlock(&lock);
}

bool uart_init(const struct uart_ops *up)
{
    if (board.uart.reg.start == board.uart.reg.end)
        return false;
    ops = up;
    base = paddr_to_kva(board.uart.reg.start);
    put(IER, 0);
    put(LCR, LCR_8BITS); /* the speed stays as the firmware set it */
    put(FCR, FCR_ENABLE | FCR_CLEAR);
    put(MCR, MCR_READY);
    if (irq_register(board.uart.irq, interrupt, NULL) != 0)
        log_print("uart: no interrupt %u; there will be no input", board.uart.irq);
    spin_lock(&lock);
    set_ier_locked(IER_RECEIVE);
    spin_unlock(&lock);
    log_set_sink(log_line);
    return true;
}

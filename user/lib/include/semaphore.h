/*
 * semaphore.h - counting semaphores between the threads of a process.
 */
#ifndef DUALITY_SEMAPHORE_H
#define DUALITY_SEMAPHORE_H

#include <stdint.h>
#include <time.h>

typedef struct {
    uint32_t value;
} sem_t;

int sem_init(sem_t *s, int shared, unsigned value);
int sem_destroy(sem_t *s);
int sem_wait(sem_t *s);
int sem_trywait(sem_t *s);
int sem_post(sem_t *s);
int sem_getvalue(sem_t *s, int *value);

#endif

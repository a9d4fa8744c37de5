/*
 * list.h - intrusive circular doubly linked lists.
 *
 * A `struct list` is either a head or a link inside an element; an empty head and an element on no
 * list point at themselves, so list_del() may be repeated and list_empty(&e->link) tells whether e
 * is queued. The caller's lock guards the list. list_for_each_safe allows deleting `pos`.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/types.h"

struct list {
    struct list *next;
    struct list *prev;
};

#define LIST_INIT(name)                                                                            \
    {                                                                                              \
        &(name), &(name)                                                                           \
    }

static inline void list_init(struct list *l)
{
    l->next = l;
    l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

static inline void list_insert_between_(struct list *e, struct list *prev, struct list *next)
{
    e->prev = prev;
    e->next = next;
    prev->next = e;
    next->prev = e;
}

/* Puts e first. */
static inline void list_add(struct list *head, struct list *e)
{
    list_insert_between_(e, head, head->next);
}

/* Puts e last; with an element for head: just before it. */
static inline void list_add_tail(struct list *head, struct list *e)
{
    list_insert_between_(e, head->prev, head);
}

static inline void list_del(struct list *e)
{
    e->prev->next = e->next;
    e->next->prev = e->prev;
    list_init(e);
}

/* Moves every element of `from` to the end of `head`; `from` is empty afterwards. */
static inline void list_splice_tail(struct list *head, struct list *from)
{
    if (list_empty(from))
        return;
    from->next->prev = head->prev;
    head->prev->next = from->next;
    from->prev->next = head;
    head->prev = from->prev;
    list_init(from);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)

/* First and last element, NULL when empty. */
#define list_first(head, type, member)                                                             \
    (list_empty(head) ? (type *)NULL : container_of((head)->next, type, member))
#define list_last(head, type, member)                                                              \
    (list_empty(head) ? (type *)NULL : container_of((head)->prev, type, member))

/* pos and tmp are struct list *. */
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_safe(pos, tmp, head)                                                         \
    for (pos = (head)->next, tmp = pos->next; pos != (head); pos = tmp, tmp = pos->next)

#endif

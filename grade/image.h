/*
 * image.h - the disk image of a case: made by our mkfs, judged by the host's e2fsprogs.
 */
#ifndef GRADE_IMAGE_H
#define GRADE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "case.h"

/*
 * Runs argv to its end. *out gets what it wrote to its standard output (and error, if both), NUL
 * terminated. Returns its exit status, 127 if it could not be started.
 */
int host_run(char *const argv[], bool both, char **out, size_t *len);

/* Makes the case's image from BUILD/fs.list and its `put`s. False: *out says why. */
bool image_make(const char *build, const struct grade_case *c, const char *image, char **out);

/* True if e2fsck -fn finds nothing; else *out is what it said. */
bool image_fsck(const char *image, char **out);

bool image_exists(const char *image, const char *path);

/* Reads file `path` of the image. */
void image_read(const char *image, const char *path, char **data, size_t *len);

/* True if the image will have /bin/PROGRAM. */
bool image_has_program(const char *build, const char *program);

/* Reads a file of the host; false if that fails. */
bool host_read(const char *path, char **data, size_t *len);

#endif

/* What the contenders in C and C++ share: a corpus in memory, and a conversation about passes over
 * it. A line of the corpus is a blob: an array of records.
 *
 *   pass         goes through the corpus once; answers PROCESSOR_SECONDS RECORDS OUTPUT_BYTES
 *   write FILE   the same, and writes the output to a file; answers likewise
 *
 * Standard input that ends, ends the contender. */
#ifndef CONTENDER_H
#define CONTENDER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Bytes that may be read behind each blob. */
enum { CONTENDER_SLACK = 64 };

typedef struct {
  char *bytes;
  size_t count;
} contender_blob;

/* Output of one blob; used again for the next. */
typedef struct {
  char *bytes;
  size_t count;
  size_t capacity;
} contender_output;

/* Appends the lines of a blob's records; returns how many there were. Defined by the contender. */
static size_t contender_reshape(const contender_blob *blob, contender_output *output);

static inline void contender_need(contender_output *output, size_t more) {
  if (output->count + more <= output->capacity) return;
  output->capacity = 2 * (output->count + more);
  output->bytes = (char *)realloc(output->bytes, output->capacity);
  if (output->bytes == NULL) abort();
}

static inline void contender_append(contender_output *output, const char *bytes, size_t count) {
  contender_need(output, count);
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

/* The part of a JSON string, quotes included, that is an address: without a port and brackets.
 * Returns where it begins, and its length through `count`. */
static inline const char *contender_address(const char *token, size_t *count) {
  const char *text = token + 1;
  size_t length = *count - 2;
  if (length > 0 && text[0] == '[') {
    const char *end = (const char *)memchr(text, ']', length);
    if (end != NULL) {
      *count = (size_t)(end - text) - 1;
      return text + 1;
    }
  }
  const char *colon = (const char *)memchr(text, ':', length);
  if (colon != NULL &&
      memchr(colon + 1, ':', length - (size_t)(colon + 1 - text)) == NULL) {
    length = (size_t)(colon - text);
  }
  *count = length;
  return text;
}

static double contender_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static contender_blob *contender_blobs;
static size_t contender_blob_count;

static int contender_load(const char *path) {
  FILE *file = fopen(path, "r");
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  if (file == NULL) return perror(path), 1;
  while ((length = getline(&line, &capacity, file)) > 0) {
    if (line[length - 1] == '\n') length--;
    contender_blobs = (contender_blob *)realloc(
        contender_blobs, (contender_blob_count + 1) * sizeof(contender_blob));
    char *copy = (char *)calloc(1, (size_t)length + CONTENDER_SLACK);
    if (contender_blobs == NULL || copy == NULL) abort();
    memcpy(copy, line, (size_t)length);
    contender_blobs[contender_blob_count].bytes = copy;
    contender_blobs[contender_blob_count++].count = (size_t)length;
  }
  free(line);
  fclose(file);
  return 0;
}

static void contender_pass(contender_output *output, FILE *file) {
  size_t records = 0, bytes = 0;
  double begin = contender_seconds();
  for (size_t index = 0; index < contender_blob_count; index++) {
    output->count = 0;
    records += contender_reshape(&contender_blobs[index], output);
    bytes += output->count;
    if (file != NULL) fwrite(output->bytes, 1, output->count, file);
  }
  printf("%.9f %zu %zu\n", contender_seconds() - begin, records, bytes);
  fflush(stdout);
}

static int contender_main(int count, char **words) {
  char command[4096];
  contender_output output = {NULL, 0, 0};
  if (count < 2) return fprintf(stderr, "usage: %s CORPUS\n", words[0]), 64;
  if (contender_load(words[1]) != 0) return 1;
  contender_need(&output, 1 << 20);
  while (fgets(command, sizeof command, stdin) != NULL) {
    command[strcspn(command, "\n")] = 0;
    if (strcmp(command, "pass") == 0) {
      contender_pass(&output, NULL);
    } else if (strncmp(command, "write ", 6) == 0) {
      FILE *file = fopen(command + 6, "w");
      if (file == NULL) return perror(command + 6), 1;
      contender_pass(&output, file);
      fclose(file);
    } else {
      return fprintf(stderr, "unknown command: %s\n", command), 64;
    }
  }
  return 0;
}

#endif

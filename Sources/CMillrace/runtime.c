#define _GNU_SOURCE
#include "millrace.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void millrace_thread_set_name(const char *name) {
  char cut[16];
  strncpy(cut, name, sizeof cut - 1);
  cut[sizeof cut - 1] = '\0';
  pthread_setname_np(pthread_self(), cut);
}

static volatile sig_atomic_t signal_descriptor = -1;

static void forward_signal(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  ssize_t ignored = write(signal_descriptor, &byte, 1);
  (void)ignored;  // Nothing can be done about a failed write inside a handler.
  errno = saved;
}

int millrace_signals_to_descriptor(int descriptor, _Bool takes_hangup) {
  signal_descriptor = descriptor;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = forward_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGTERM, &action, NULL) != 0) return -1;
  if (sigaction(SIGINT, &action, NULL) != 0) return -1;
  if (takes_hangup && sigaction(SIGHUP, &action, NULL) != 0) return -1;
  action.sa_handler = SIG_IGN;
  return sigaction(SIGPIPE, &action, NULL);
}

size_t millrace_resident_bytes_peak(void) {
  FILE *status = fopen("/proc/self/status", "re");
  if (status) {
    char line[128];
    unsigned long kibibytes = 0;
    int found = 0;
    while (!found && fgets(line, sizeof line, status)) {
      found = sscanf(line, "VmHWM: %lu", &kibibytes) == 1;
    }
    fclose(status);
    if (found) return (size_t)kibibytes * 1024;
  }
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return (size_t)usage.ru_maxrss * 1024;
}

void millrace_bound_memory(void) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 2);
  // Stated, so that it stays: left alone, glibc raises it to the largest buffer ever freed.
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

void millrace_trim_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

#define _GNU_SOURCE
#include "millrace_children.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/// What the new process does: only async-signal-safe calls (POSIX.1-2017, 2.4.3), as other threads
/// may have held any lock when it was split off.
static void become(const char *program, char *const arguments[], char *const environment[],
                   const char *folder, const char *input, int output, int complaints, int trouble,
                   pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) goto failed;
  // A parent that ended before that call sends nothing any more.
  if (getppid() != parent) _exit(127);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int reading = open(input, O_RDONLY);
  if (reading < 0 || dup2(reading, 0) < 0 || dup2(output, 1) < 0 || dup2(complaints, 2) < 0)
    goto failed;
  // What others have opened without a mark is none of the child's (Linux 5.11; older ones go on).
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (chdir(folder) != 0) goto failed;
  execve(program, arguments, environment);
failed:;
  int code = errno;
  ssize_t ignored = write(trouble, &code, sizeof code);
  (void)ignored;  // A parent that is gone needs no reason.
  _exit(127);
}

static void close_both(int ends[2]) {
  if (ends[0] >= 0) close(ends[0]);
  if (ends[1] >= 0) close(ends[1]);
}

int millrace_start_child(const char *program, char *const arguments[], char *const environment[],
                         const char *folder, const char *input, struct millrace_child *child) {
  int output[2] = {-1, -1}, complaints[2] = {-1, -1}, trouble[2] = {-1, -1};
  int code = 0;
  if (pipe2(output, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0 ||
      pipe2(trouble, O_CLOEXEC) != 0) {
    code = errno;
    goto failed;
  }
  pid_t parent = getpid();
  pid_t process = fork();
  if (process == 0)
    become(program, arguments, environment, folder, input, output[1], complaints[1], trouble[1],
           parent);
  if (process < 0) {
    code = errno;
    goto failed;
  }
  close(trouble[1]);
  trouble[1] = -1;
  // Closed by a successful exec; otherwise it says what failed.
  ssize_t count;
  do count = read(trouble[0], &code, sizeof code);
  while (count < 0 && errno == EINTR);
  if (count == sizeof code) {
    waitpid(process, NULL, 0);
    goto failed;
  }
  close(trouble[0]);
  close(output[1]);
  close(complaints[1]);
  child->process = process;
  child->output = output[0];
  child->complaints = complaints[0];
  return 0;
failed:
  close_both(output);
  close_both(complaints);
  close_both(trouble);
  return code;
}

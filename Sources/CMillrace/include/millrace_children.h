#ifndef MILLRACE_CHILDREN_H
#define MILLRACE_CHILDREN_H

/// A child process: its number, and the ends of two pipes from which its outputs can be read.
struct millrace_child {
  int process;
  int output;
  int complaints;
};

/// Starts `program` in `folder`, with no signal blocked or ignored and no other file open, `input`
/// (a path) as its standard input, and `environment` and nothing more of that. The kernel kills it (SIGKILL) when the *thread* that called this
/// ends, however it ends (prctl(2), PR_SET_PDEATHSIG): to be called from a thread that waits for the
/// child. Both arrays end with NULL. Returns 0 or an error number; a program that cannot be executed
/// is such an error, too.
int millrace_start_child(const char *program, char *const arguments[], char *const environment[],
                         const char *folder, const char *input, struct millrace_child *child);

#endif

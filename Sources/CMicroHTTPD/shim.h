#ifndef MILLRACE_CMICROHTTPD_SHIM_H
#define MILLRACE_CMICROHTTPD_SHIM_H
#include <microhttpd.h>

// libmicrohttpd's calls are variadic and some of its constants are casts; Swift sees neither. Each
// wrapper below fixes the arguments the program uses and adds nothing.

// Starts a daemon on a socket that is bound and listening already, which the daemon then owns.
static inline struct MHD_Daemon *millrace_http_start(
    int listen_socket, unsigned int threads, unsigned int connections,
    unsigned int idle_seconds, MHD_AccessHandlerCallback handler,
    void *(*request_began)(void *, const char *, struct MHD_Connection *),
    MHD_RequestCompletedCallback request_ended,
    void *context, const char *certificate, const char *key) {
  // An array ends at the first MHD_OPTION_END; what is optional is filled in before it.
  struct MHD_OptionItem pool[4];
  unsigned int count = 0;
  unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_SUSPEND_RESUME;
  if (threads > 1) {
    pool[count++] = (struct MHD_OptionItem){
        MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL};
  }
  if (certificate != NULL && key != NULL) {
    flags |= MHD_USE_TLS;
    pool[count++] = (struct MHD_OptionItem){
        MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate};
    pool[count++] = (struct MHD_OptionItem){
        MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key};
  }
  pool[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
  return MHD_start_daemon(
      flags, 0, NULL, NULL,
      handler, context,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listen_socket,
      MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_URI_LOG_CALLBACK, request_began, context,
      MHD_OPTION_NOTIFY_COMPLETED, request_ended, context,
      MHD_OPTION_ARRAY, pool,
      MHD_OPTION_END);
}

// The socket of a connection, or -1.
static inline int millrace_http_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : (int)info->connect_fd;
}

static const uint64_t millrace_http_size_unknown = MHD_SIZE_UNKNOWN;
static const ssize_t millrace_http_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t millrace_http_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;

#endif

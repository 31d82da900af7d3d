// accept4 is GNU.
#define _GNU_SOURCE
#include "CTestProxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct millrace_tls_front {
  SSL_CTX *context;
  int listener;
  int port;
  int target_port;
  atomic_int handshakes;
  // The accepting thread and each connection hold one reference.
  atomic_int references;
};

struct connection {
  struct millrace_tls_front *front;
  int client;
};

static void release(struct millrace_tls_front *front) {
  if (atomic_fetch_sub(&front->references, 1) > 1) return;
  SSL_CTX_free(front->context);
  free(front);
}

static int connected(int port) {
  int target = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
      .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (target >= 0 && connect(target, (struct sockaddr *)&address, sizeof address) == 0) {
    return target;
  }
  if (target >= 0) close(target);
  return -1;
}

static int send_all(int target, const char *bytes, int count) {
  while (count > 0) {
    ssize_t sent = send(target, bytes, (size_t)count, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    bytes += sent;
    count -= (int)sent;
  }
  return 1;
}

// Hands bytes on in both directions until one side ends.
static void relay(SSL *tls, int client, int target) {
  char buffer[16384];
  for (;;) {
    struct pollfd both[2] = {{.fd = client, .events = POLLIN}, {.fd = target, .events = POLLIN}};
    if (SSL_pending(tls) == 0 && poll(both, 2, -1) < 0) return;
    if (SSL_pending(tls) > 0 || both[0].revents != 0) {
      int count = SSL_read(tls, buffer, sizeof buffer);
      if (count <= 0 || !send_all(target, buffer, count)) return;
    }
    if (both[1].revents != 0) {
      ssize_t count = recv(target, buffer, sizeof buffer, 0);
      if (count <= 0 || SSL_write(tls, buffer, (int)count) <= 0) return;
    }
  }
}

static void *serve(void *argument) {
  struct connection *connection = argument;
  struct millrace_tls_front *front = connection->front;
  SSL *tls = SSL_new(front->context);
  SSL_set_fd(tls, connection->client);
  if (SSL_accept(tls) == 1) {
    atomic_fetch_add(&front->handshakes, 1);
    int target = connected(front->target_port);
    if (target >= 0) {
      relay(tls, connection->client, target);
      close(target);
    }
    SSL_shutdown(tls);
  }
  SSL_free(tls);
  close(connection->client);
  free(connection);
  release(front);
  return NULL;
}

static void start_thread(void *(*body)(void *), void *argument) {
  pthread_t thread;
  sigset_t broken_pipe, before;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  // The thread inherits the mask: OpenSSL writes to sockets without MSG_NOSIGNAL.
  pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  if (pthread_create(&thread, NULL, body, argument) != 0) abort();
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_detach(thread);
}

static void *accept_all(void *argument) {
  struct millrace_tls_front *front = argument;
  for (;;) {
    int client = accept4(front->listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) break;
    struct connection *connection = malloc(sizeof *connection);
    *connection = (struct connection){front, client};
    atomic_fetch_add(&front->references, 1);
    start_thread(serve, connection);
  }
  close(front->listener);
  release(front);
  return NULL;
}

static int listening(int *port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
    return -1;
  }
  *port = ntohs(address.sin_port);
  return listener;
}

struct millrace_tls_front *millrace_tls_front_start(
    const char *certificate, const char *key, const char *client_ca, int target_port) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (context == NULL || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
    return NULL;
  }
  if (client_ca != NULL) {
    if (SSL_CTX_load_verify_locations(context, client_ca, NULL) != 1) return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  }
  struct millrace_tls_front *front = calloc(1, sizeof *front);
  front->context = context;
  front->target_port = target_port;
  atomic_init(&front->references, 2);
  front->listener = listening(&front->port);
  if (front->listener < 0) return NULL;
  start_thread(accept_all, front);
  return front;
}

int millrace_tls_front_port(const struct millrace_tls_front *front) { return front->port; }

int millrace_tls_front_handshakes(const struct millrace_tls_front *front) {
  return atomic_load(&((struct millrace_tls_front *)front)->handshakes);
}

void millrace_tls_front_stop(struct millrace_tls_front *front) {
  // Wakes the accepting thread, which closes the socket.
  shutdown(front->listener, SHUT_RDWR);
  release(front);
}

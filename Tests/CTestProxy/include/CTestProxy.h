#ifndef MILLRACE_CTESTPROXY_H
#define MILLRACE_CTESTPROXY_H

/// A TLS front: accepts connections on a port of 127.0.0.1 and hands their plain bytes to another
/// port, for tests of proxies and servers that are reached through TLS.
struct millrace_tls_front;

/// Starts a front with a certificate and key in PEM. With `client_ca` every client must show a
/// certificate that the authorities in that file vouch for. Returns NULL when it cannot start.
struct millrace_tls_front *millrace_tls_front_start(
    const char *certificate, const char *key, const char *client_ca, int target_port);

/// The port it listens on.
int millrace_tls_front_port(const struct millrace_tls_front *front);

/// How many handshakes succeeded so far.
int millrace_tls_front_handshakes(const struct millrace_tls_front *front);

/// Stops accepting and frees the front once its connections have ended.
void millrace_tls_front_stop(struct millrace_tls_front *front);
#endif

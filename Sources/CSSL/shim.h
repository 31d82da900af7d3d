#ifndef MILLRACE_CSSL_SHIM_H
#define MILLRACE_CSSL_SHIM_H
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// What OpenSSL offers as macros, which Swift does not see.

static inline int millrace_ssl_require_tls12(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline int millrace_ssl_set_server_name(SSL *session, const char *name) {
  return (int)SSL_set_tlsext_host_name(session, name);
}

static inline size_t millrace_ssl_pending(BIO *bio) { return BIO_ctrl_pending(bio); }

// Reading from an empty memory is "later", not "the end".
static inline void millrace_ssl_never_ends(BIO *bio) { BIO_set_mem_eof_return(bio, -1); }

// A key that is encrypted is refused: without this, OpenSSL asks whoever sits at the terminal.
static inline int millrace_ssl_no_password(char *buffer, int size, int writing, void *data) {
  (void)buffer, (void)size, (void)writing, (void)data;
  return -1;
}
static inline void millrace_ssl_never_ask(SSL_CTX *context) {
  SSL_CTX_set_default_passwd_cb(context, millrace_ssl_no_password);
}

// Whole days until a certificate ends, rounded towards zero; negative when it has ended.
static inline int millrace_ssl_days_left(const X509 *certificate) {
  int days = 0, seconds = 0;
  if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate))) return 0;
  return days == 0 && seconds < 0 ? -1 : days;
}

// Whether an error is an alert that the peer sent: its reason is 1000 and the alert's number.
static inline int millrace_ssl_alert(unsigned long code) {
  int reason = ERR_GET_REASON(code);
  return ERR_GET_LIB(code) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET
      ? reason - SSL_AD_REASON_OFFSET : 0;
}
#endif

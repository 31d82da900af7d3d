#ifndef MILLRACE_COPENSSL_SHIM_H
#define MILLRACE_COPENSSL_SHIM_H
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Stacks are typed by macros, which Swift does not see.
static inline void millrace_openssl_free_certificates(STACK_OF(X509) *certificates) {
  sk_X509_pop_free(certificates, X509_free);
}

// The names of parameters must outlive the call that takes them, which Swift's strings do not.
static inline int millrace_openssl_hkdf_sha256(const unsigned char *key, size_t key_count,
                                               const unsigned char *salt, size_t salt_count,
                                               const unsigned char *info, size_t info_count,
                                               unsigned char *derived, size_t count) {
  EVP_KDF *algorithm = EVP_KDF_fetch(NULL, "HKDF", NULL);
  EVP_KDF_CTX *context = algorithm ? EVP_KDF_CTX_new(algorithm) : NULL;
  OSSL_PARAM parameters[5], *next = parameters;
  *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0);
  *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_count);
  // A part that is empty is one that is not given.
  if (salt_count > 0)
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count);
  if (info_count > 0)
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_count);
  *next = OSSL_PARAM_construct_end();
  int status = context ? EVP_KDF_derive(context, derived, count, parameters) : 0;
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(algorithm);
  return status;
}

// A context that makes digests under one key; NULL when there is no memory.
static inline EVP_MAC_CTX *millrace_openssl_hmac_sha256_new(const unsigned char *key,
                                                            size_t key_count) {
  EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
  EVP_MAC_CTX *context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
  EVP_MAC_free(algorithm);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
      OSSL_PARAM_construct_end()};
  if (context && EVP_MAC_init(context, key, key_count, parameters) == 1) return context;
  EVP_MAC_CTX_free(context);
  return NULL;
}
#endif

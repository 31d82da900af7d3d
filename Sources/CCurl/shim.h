#ifndef MILLRACE_CCURL_SHIM_H
#define MILLRACE_CCURL_SHIM_H
// The wrappers below are what checks types; libcurl's own checks need literal options.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// setopt and getinfo are variadic and thus invisible to Swift: one wrapper for each type.

static inline CURLcode millrace_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

/// libcurl copies the string; NULL restores the default.
static inline CURLcode millrace_curl_set_string(
    CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

/// libcurl keeps the list: it must outlive the transfer.
static inline CURLcode millrace_curl_set_headers(CURL *easy, struct curl_slist *headers) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

/// libcurl keeps the list of where to connect to (CURLOPT_CONNECT_TO): it must outlive the transfer.
static inline CURLcode millrace_curl_set_connections(CURL *easy, struct curl_slist *connections) {
  return curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connections);
}

/// Takes a copy of the bytes as the request's body.
static inline CURLcode millrace_curl_set_body(CURL *easy, const void *bytes, curl_off_t count) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
  return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

/// `buffer` has CURL_ERROR_SIZE bytes and outlives the transfer.
static inline CURLcode millrace_curl_set_error_buffer(CURL *easy, char *buffer) {
  return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}

/// Both callbacks get `context` as their last argument.
static inline CURLcode millrace_curl_set_receivers(
    CURL *easy, curl_write_callback header, curl_write_callback body, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
  return code;
}

/// The value of an information of type long; 0 when libcurl does not know it.
static inline long millrace_curl_get_long(CURL *easy, CURLINFO information) {
  long value = 0;
  return curl_easy_getinfo(easy, information, &value) == CURLE_OK ? value : 0;
}

/// The certificates that were shown; nothing when libcurl has none. Lives as long as the handle.
static inline const struct curl_certinfo *millrace_curl_get_certificates(CURL *easy) {
  struct curl_certinfo *value = NULL;
  return curl_easy_getinfo(easy, CURLINFO_CERTINFO, &value) == CURLE_OK ? value : NULL;
}

/// An information of type string; NULL when libcurl does not know it. Lives as long as the handle.
static inline const char *millrace_curl_get_string(CURL *easy, CURLINFO information) {
  char *value = NULL;
  return curl_easy_getinfo(easy, information, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode millrace_curl_multi_set_long(
    CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLcode millrace_curl_global_init(void) {
  return curl_global_init(CURL_GLOBAL_DEFAULT);
}
#endif

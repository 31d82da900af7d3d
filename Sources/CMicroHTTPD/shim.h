#ifndef MILLRACE_CMICROHTTPD_SHIM_H
#define MILLRACE_CMICROHTTPD_SHIM_H
#include <microhttpd.h>
#endif

#ifndef MILLRACE_CZSTD_SHIM_H
#define MILLRACE_CZSTD_SHIM_H
#include <zstd.h>
#include <zstd_errors.h>
#endif

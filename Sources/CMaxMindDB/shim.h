#ifndef MILLRACE_CMAXMINDDB_SHIM_H
#define MILLRACE_CMAXMINDDB_SHIM_H
#include <maxminddb.h>
#endif

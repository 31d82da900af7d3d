#ifndef MILLRACE_CYAML_SHIM_H
#define MILLRACE_CYAML_SHIM_H
#include <yaml.h>
#endif

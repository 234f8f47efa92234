/* SPDX-License-Identifier: MIT */
/* The table of services that plugins and the core's own transforms get. */
#ifndef DEID_ENGINE_HOST_H
#define DEID_ENGINE_HOST_H

#include <deid/plugin.h>

extern const struct deid_host host_services;

#endif

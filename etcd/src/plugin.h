// What the library of the engine looks for in this one, when cluster.downing.lease is "etcd".
#pragma once

#include <motet/config.h>
#include <motet/lease.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Has the cluster of a system keep its leases in etcd, as the settings cluster.etcd.* say. Returns MOTET_OK, or a code
 * and writes a sentence for it. */
__attribute__((visibility("default"))) int32_t motet_etcd_keep_leases(motet_system_t *system, motet_config_t *config,
                                                                      char *problem, size_t capacity);

#ifdef __cplusplus
}
#endif

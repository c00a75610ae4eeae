/* A seed node: the first member of a cluster, which others join. It prints what happens to the members.
 *
 *   seed [--key=value ...]     settings as in docs/configuration.md; also from MOTET_* in the environment
 */
#include "membership.h"
#include "program.h"

int main(int argc, char **argv) {
    motet_config_t *config = program_config(argc, argv, NULL, 0);
    const char *seeds = motet_config_get(config, "cluster.seed-nodes");
    int starts_cluster = seeds == NULL || *seeds == '\0';
    motet_system_t *system = program_start(config);
    motet_config_free(config);
    membership_print(system);
    if (starts_cluster) {
        char address[256];
        motet_system_address(system, address, sizeof address);
        program_check(motet_cluster_join(system, address));
    }
    program_ready(system);
    program_wait(system);
    return 0;
}

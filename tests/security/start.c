/* Starts a node with the settings of a file, says its address, and closes it; or says why it cannot. */
#include <motet/motet.h>

#include <stdio.h>

int main(int argc, char **argv) {
    motet_config_t *config = motet_config_new();
    motet_system_t *system = NULL;
    char address[512];
    motet_error_t *error = argc == 2 ? motet_config_load_file(config, argv[1]) : NULL;
    if (error == NULL) {
        error = motet_system_start(config, &system);
    }
    motet_config_free(config);
    if (error != NULL) {
        fprintf(stderr, "%s: %s\n", motet_code_name(motet_error_code(error)), motet_error_message(error));
        motet_error_free(error);
        return 1;
    }
    motet_system_address(system, address, sizeof address);
    puts(address);
    motet_error_free(motet_system_close(system, 10000));
    motet_system_free(system);
    return 0;
}

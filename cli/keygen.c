/* motet-keygen: makes the keys of a node.
 *
 *   motet-keygen FILE      writes the secret key to FILE and the public key to FILE.pub, and prints the latter
 */
#include <motet/error.h>
#include <motet/keys.h>

#include <stdio.h>
#include <string.h>

#define KEY_SIZE 64

/* Prints the content of FILE.pub. */
static int print_public_key(const char *file) {
    char name[4096];
    char key[KEY_SIZE + 2];
    int length = snprintf(name, sizeof name, "%s.pub", file);
    FILE *in = length > 0 && (size_t)length < sizeof name ? fopen(name, "r") : NULL;
    int printed = in != NULL && fgets(key, sizeof key, in) != NULL && printf("%s", key) > 0 && fflush(stdout) == 0;
    if (in != NULL) {
        fclose(in);
    }
    return printed;
}

int main(int argc, char **argv) {
    if (argc != 2 || argv[1][0] == '-' || argv[1][0] == '\0') {
        int asked = argc == 2 && strcmp(argv[1], "--help") == 0;
        fprintf(asked ? stdout : stderr,
                "usage: motet-keygen FILE\n"
                "Makes a pair of keys for remote.curve: the secret one in FILE, which only its "
                "owner may read,\nthe public one in FILE.pub and on standard output. Never "
                "overwrites a file.\n");
        return asked ? 0 : 2;
    }
    motet_error_t *error = motet_keys_create(argv[1]);
    if (error != NULL) {
        fprintf(stderr, "motet-keygen: %s\n", motet_error_message(error));
        motet_error_free(error);
        return 1;
    }
    if (!print_public_key(argv[1])) {
        fprintf(stderr, "motet-keygen: the keys are made, but %s.pub cannot be printed\n", argv[1]);
        return 1;
    }
    return 0;
}

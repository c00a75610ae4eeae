/* motet-wire: prints what nodes of Motet send each other, from hex or from a capture.
 *
 * Knows the C interface alone.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motet/wire.h>

#define MAGIC "MOTT"
#define HEADER_SIZE 40
#define SIZE_AT 36 /* of the field that tells how many bytes follow the header */

static void print(const uint8_t *data, size_t size) {
    int64_t length = motet_wire_describe(data, size, NULL, 0);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text == NULL) {
        fprintf(stderr, "motet-wire: out of memory\n");
        exit(1);
    }
    motet_wire_describe(data, size, text, (size_t)length + 1);
    fputs(text, stdout);
    free(text);
}

/* Prints a frame written as digits, with whatever space between them. Returns 0 when it is something else. */
static int print_hex(const char *hex) {
    uint8_t *bytes = malloc(strlen(hex) / 2 + 1);
    size_t digits = 0;
    int good = bytes != NULL;
    for (; good && *hex != '\0'; hex++) {
        if (isspace((unsigned char)*hex)) {
            continue;
        }
        if (!isxdigit((unsigned char)*hex)) {
            good = 0;
            break;
        }
        int digit = isdigit((unsigned char)*hex) ? *hex - '0' : tolower((unsigned char)*hex) - 'a' + 10;
        bytes[digits / 2] = (uint8_t)(digits % 2 == 0 ? digit << 4 : bytes[digits / 2] | digit);
        digits++;
    }
    good = good && digits > 0 && digits % 2 == 0;
    if (good) {
        print(bytes, digits / 2);
    }
    free(bytes);
    return good;
}

static uint8_t *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    *size = 0;
    for (size_t got = 1; file != NULL && got > 0; *size += got) {
        uint8_t *more = realloc(bytes, *size + 65536);
        if (more == NULL) {
            break;
        }
        bytes = more;
        got = fread(bytes + *size, 1, 65536, file);
    }
    if (file == NULL || ferror(file)) {
        fprintf(stderr, "motet-wire: cannot read %s: %s\n", path, strerror(errno));
        exit(1);
    }
    fclose(file);
    return bytes;
}

/* Prints every frame that stands whole in a file, whatever is around it. Returns how many. */
static long print_capture(const char *path) {
    size_t size;
    uint8_t *bytes = read_all(path, &size);
    long frames = 0;
    for (size_t at = 0; at + HEADER_SIZE <= size;) {
        if (memcmp(bytes + at, MAGIC, sizeof MAGIC - 1) != 0) {
            at++;
            continue;
        }
        const uint8_t *field = bytes + at + SIZE_AT;
        size_t body = field[0] | (size_t)field[1] << 8 | (size_t)field[2] << 16 | (size_t)field[3] << 24;
        if (body > size - at - HEADER_SIZE) {
            printf("byte %zu: a frame of %zu bytes, of which %zu are here\n", at, body + HEADER_SIZE, size - at);
            at++;
            continue;
        }
        printf("byte %zu: ", at);
        print(bytes + at, HEADER_SIZE + body);
        at += HEADER_SIZE + body;
        frames++;
    }
    free(bytes);
    return frames;
}

static int usage(void) {
    fprintf(stderr, "usage: motet-wire [<hex>]...         frames as hex; without any, one a line of standard input\n"
                    "       motet-wire --capture <file>  every frame in a file, such as one of tcpdump -w; one that\n"
                    "                                    was split among packets cannot be read\n");
    return 2;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--capture") == 0) {
        return print_capture(argv[2]) > 0 ? 0 : (fprintf(stderr, "motet-wire: no frame in %s\n", argv[2]), 1);
    }
    for (int i = 1; i < argc; i++) {
        if (!print_hex(argv[i])) {
            return usage();
        }
    }
    static char line[4 << 20];
    while (argc == 1 && fgets(line, sizeof line, stdin) != NULL) {
        if (!print_hex(line)) {
            fprintf(stderr, "motet-wire: not hex: %.60s\n", line);
            return 1;
        }
    }
    return 0;
}

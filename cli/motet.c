/* motet: runs a bare member of a cluster, and talks to running ones. See docs/command-line.md. */
#include <motet/motet.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Exit codes. */
enum { DONE = 0, REFUSED = 1, USAGE = 2, NO_NODE = 3, TOO_LATE = 4, DOWNED = 5, NOT_LET_IN = 6 };

static const char usage[] =
    "usage: motet COMMAND [OPTION...]\n"
    "\n"
    "  node                  run a member without actors of its own, until SIGTERM or until it leaves\n"
    "    --config FILE       settings, TOML\n"
    "    --set KEY=VALUE     a setting, over those of the file and of MOTET_* variables; may be repeated\n"
    "    --socket PATH       where the commands below reach it (setting control.socket)\n"
    "    --events            print the events of the cluster too, a line each\n"
    "  status                what a node is and sees\n"
    "  members               all members: address, status, reachable or not, roles, version, age\n"
    "  leader                the leader\n"
    "  unreachable           the members that cannot be reached\n"
    "  join ADDRESS[,...]    have the node join through these seeds; its own address starts a cluster\n"
    "  leave [ADDRESS]       have a member leave, by default the node itself\n"
    "  down ADDRESS          declare a member down\n"
    "  prepare-for-full-shutdown   prepare the end of the whole cluster\n"
    "    --socket PATH       the control socket of the node; default: the variable MOTET_CONTROL__SOCKET\n"
    "    --timeout SECONDS   how long to wait for it; default: 10\n"
    "\n"
    "  --json                JSON on standard output, errors included\n"
    "  --version, --help\n"
    "\n"
    "exit codes: 0 done; 1 refused, or could not start; 2 wrong usage; 3 no node at the socket; 4 no answer in time;\n"
    "            5 the node was declared down; 6 no cluster let the node in\n";

typedef struct options {
    const char *command;
    const char *address;
    const char *socket;
    const char *config;
    const char *settings[64];
    int setting_count;
    long timeout;
    int json;
    int events;
} options_t;

static void print_json_text(const char *text) {
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c < 0x20) {
            printf("\\u%04x", *c);
        } else {
            printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
        }
    }
    putchar('"');
}

/* Says what went wrong, frees the error, and returns the exit code. */
static int report(const options_t *options, motet_error_t *error, int exit_code) {
    int32_t code = motet_error_code(error);
    if (options->json) {
        printf("{\"error\":{\"code\":%d,\"name\":\"%s\",\"message\":", code, motet_code_name(code));
        print_json_text(motet_error_message(error));
        puts("}}");
    } else {
        fprintf(stderr, "motet: %s\n", motet_error_message(error));
    }
    motet_error_free(error);
    return exit_code;
}

static int wrong_usage(const char *what, const char *argument) {
    fprintf(stderr, "motet: %s%s%s%s\n\n%s", what, argument != NULL ? " \"" : "", argument != NULL ? argument : "",
            argument != NULL ? "\"" : "", usage);
    return USAGE;
}

/* Sends a command to a node and prints the reply. */
static int call(const options_t *options) {
    char command[4096];
    int size = snprintf(command, sizeof command, "%s%s%s%s", options->json ? "json " : "", options->command,
                        options->address != NULL ? " " : "", options->address != NULL ? options->address : "");
    if (size < 0 || (size_t)size >= sizeof command) {
        return wrong_usage("the address is too long", NULL);
    }
    motet_control_reply_t *reply = NULL;
    motet_error_t *error = motet_control_call(options->socket, command, options->timeout * 1000, &reply);
    if (error != NULL) {
        int32_t code = motet_error_code(error);
        return report(options, error, code == MOTET_E_TIMEOUT ? TOO_LATE : NO_NODE);
    }
    int done = motet_control_reply_code(reply) == MOTET_OK;
    const char *text = motet_control_reply_text(reply);
    size_t length = strlen(text);
    if (done || options->json) {
        fputs(text, stdout);
        if (length > 0 && text[length - 1] != '\n') {
            putchar('\n');
        }
    } else {
        fprintf(stderr, "motet: %s\n", text);
    }
    motet_control_reply_free(reply);
    if (fflush(stdout) != 0) {
        perror("motet: standard output");
        return REFUSED;
    }
    return done ? DONE : REFUSED;
}

/* Ctrl-C ends a node as SIGTERM does. */
static void end_by_sigterm(int number) {
    (void)number;
    raise(SIGTERM);
}

static motet_error_t *read_settings(const options_t *options, motet_config_t *config) {
    motet_error_t *error = motet_config_set(config, "shutdown.on-sigterm", "on");
    if (error == NULL && options->config != NULL) {
        error = motet_config_load_file(config, options->config);
    }
    if (error == NULL) {
        error = motet_config_load_environment(config);
    }
    for (int i = 0; error == NULL && i < options->setting_count; i++) {
        char key[512];
        const char *equal = strchr(options->settings[i], '=');
        snprintf(key, sizeof key, "%.*s", (int)(equal - options->settings[i]), options->settings[i]);
        error = motet_config_set(config, key, equal + 1);
    }
    if (error == NULL && options->socket != NULL) {
        error = motet_config_set(config, "control.socket", options->socket);
    }
    return error;
}

static void print_start(const options_t *options, motet_system_t *system) {
    char address[512];
    motet_system_address(system, address, sizeof address);
    if (options->json) {
        printf("{\"address\":");
        print_json_text(address);
        printf(",\"uid\":\"%llu\"}\n", (unsigned long long)motet_system_uid(system));
    } else {
        puts(address);
    }
    fflush(stdout);
}

/* Prints an event of the cluster: when it came, what it is called, and its body in JSON. */
static int32_t print_event(motet_context_t *context, const motet_message_t *message, void *state) {
    const options_t *options = state;
    const char *name = motet_system_type_name(motet_context_system(context), motet_message_type(message));
    motet_bytes_t *body = NULL;
    motet_error_t *error = motet_json_from_msgpack(motet_message_data(message), motet_message_size(message), &body);
    if (error != NULL) { /* what starts and stops an actor has no body */
        motet_error_free(error);
        return MOTET_E_UNHANDLED;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    printf(options->json ? "{\"time\":%lld.%06ld,\"event\":\"%s\",\"body\":%s}\n" : "%lld.%06ld %s %s\n",
           (long long)now.tv_sec, now.tv_nsec / 1000, name, (const char *)motet_bytes_data(body));
    fflush(stdout);
    motet_bytes_free(body);
    return MOTET_OK;
}

static motet_error_t *print_events(const options_t *options, motet_system_t *system) {
    motet_props_t *props = motet_props_new(print_event, (void *)options);
    motet_ref_t *printer = NULL;
    motet_error_t *error = motet_system_spawn(system, props, "events", &printer);
    motet_props_free(props);
    if (error == NULL) {
        error = motet_system_subscribe(system, printer, "cluster");
    }
    motet_ref_free(printer);
    return error;
}

static int exit_code_of(int32_t reason) {
    return reason == MOTET_SHUTDOWN_CLUSTER_DOWNING                       ? DOWNED
           : reason == MOTET_SHUTDOWN_CLUSTER_JOIN_UNSUCCESSFUL           ? NOT_LET_IN
           : reason == MOTET_SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED ? NOT_LET_IN
                                                                          : DONE;
}

static int run_node(const options_t *options) {
    motet_config_t *config = motet_config_new();
    motet_system_t *system = NULL;
    motet_error_t *error = read_settings(options, config);
    if (error == NULL) {
        error = motet_system_start(config, &system);
    }
    motet_config_free(config);
    if (error != NULL) {
        return report(options, error, REFUSED);
    }
    signal(SIGINT, end_by_sigterm);
    print_start(options, system);
    if (options->events) {
        error = print_events(options, system);
    }
    if (error == NULL) {
        error = motet_system_wait(system, -1);
    }
    int code = exit_code_of(motet_shutdown_reason(system));
    motet_system_free(system);
    return error != NULL ? report(options, error, REFUSED) : code;
}

/* Takes one option with a value. Returns the exit code, or -1 when all is well. */
static int take(options_t *options, const char *name, const char *value) {
    int node = strcmp(options->command, "node") == 0;
    char *end = NULL;
    if (value == NULL || *value == '\0') {
        return wrong_usage("a value is missing after", name);
    }
    if (strcmp(name, "--socket") == 0) {
        options->socket = value;
    } else if (node && strcmp(name, "--config") == 0) {
        options->config = value;
    } else if (node && strcmp(name, "--set") == 0) {
        const char *equal = strchr(value, '=');
        if (equal == NULL || equal == value || equal - value >= 512) {
            return wrong_usage("expected KEY=VALUE and not", value);
        }
        if (options->setting_count == sizeof options->settings / sizeof *options->settings) {
            return wrong_usage("too many settings; a file can hold more", NULL);
        }
        options->settings[options->setting_count++] = value;
    } else if (!node && strcmp(name, "--timeout") == 0) {
        options->timeout = strtol(value, &end, 10);
        if (*end != '\0' || options->timeout < 1 || options->timeout > 3600) {
            return wrong_usage("expected 1 to 3600 seconds and not", value);
        }
    } else {
        return wrong_usage("unknown option", name);
    }
    return -1;
}

/* Whether a command takes an address: 0 none, 1 perhaps, 2 always; -1: there is no such command. */
static int wants_address(const char *command) {
    static const struct {
        const char *name;
        int wants;
    } commands[] = {{"node", 0},   {"status", 0},      {"members", 0},
                    {"leader", 0}, {"unreachable", 0}, {"join", 2},
                    {"leave", 1},  {"down", 2},        {"prepare-for-full-shutdown", 0}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(command, commands[i].name) == 0) {
            return commands[i].wants;
        }
    }
    return -1;
}

static int read_options(options_t *options, int argc, char **argv) {
    int wants = wants_address(options->command);
    if (wants < 0) {
        return wrong_usage("unknown command", options->command);
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            options->json = 1;
        } else if (strcmp(argv[i], "--events") == 0 && strcmp(options->command, "node") == 0) {
            options->events = 1;
        } else if (argv[i][0] == '-') {
            int wrong = take(options, argv[i], argv[i + 1]);
            if (wrong >= 0) {
                return wrong;
            }
            i++;
        } else if (wants > 0 && options->address == NULL) {
            options->address = argv[i];
        } else {
            return wrong_usage("one argument too many:", argv[i]);
        }
    }
    if (wants == 2 && options->address == NULL) {
        return wrong_usage("an address is missing after", options->command);
    }
    return -1;
}

int main(int argc, char **argv) {
    options_t options = {.timeout = 10, .socket = getenv("MOTET_CONTROL__SOCKET")};
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return DONE;
    }
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        puts(motet_version_string());
        return DONE;
    }
    if (argc < 2) {
        return wrong_usage("a command is missing", NULL);
    }
    options.command = argv[1];
    int wrong = read_options(&options, argc, argv);
    if (wrong >= 0) {
        return wrong;
    }
    if (strcmp(options.command, "node") == 0) {
        return run_node(&options);
    }
    if (options.socket == NULL || *options.socket == '\0') {
        return wrong_usage("the socket of the node is missing: --socket PATH, or MOTET_CONTROL__SOCKET", NULL);
    }
    return call(&options);
}

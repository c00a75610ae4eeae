package motet

import (
	"fmt"
	"strings"

	"motet/internal/raw"
)

// Config says where the settings of a system come from. Later sources win: the defaults, then File, then the
// environment, then Settings. docs/configuration.md lists every key.
type Config struct {
	// File is the path of a TOML file, "" for none.
	File string
	// Environment has the variables MOTET_* read: cluster.seed-nodes is MOTET_CLUSTER__SEED_NODES.
	Environment bool
	// Settings are values by key, as text: "cluster.roles": "backend".
	Settings map[string]string
}

// ParseArguments reads settings from arguments of the form --key=value, as Config.Settings takes them.
func ParseArguments(arguments []string) (map[string]string, error) {
	settings := map[string]string{}
	for _, argument := range arguments {
		key, value, found := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		if !found || !strings.HasPrefix(argument, "--") {
			return nil, &Error{Code: CodeInvalid, Message: fmt.Sprintf("the argument %q is not of the form --key=value", argument)}
		}
		settings[key] = value
	}
	return settings, nil
}

// load makes a configuration of the C interface, to be freed with raw.Config_free.
func (c Config) load() (uintptr, error) {
	handle := raw.Config_new()
	if handle == 0 {
		return 0, ErrNoMemory
	}
	if err := c.fill(handle); err != nil {
		raw.Config_free(handle)
		return 0, err
	}
	return handle, nil
}

func (c Config) fill(handle uintptr) error {
	// A program in Go says so in its traces.
	if err := takeError(raw.Config_set(handle, "system.language", "go")); err != nil {
		return err
	}
	if c.File != "" {
		if err := takeError(raw.Config_load_file(handle, c.File)); err != nil {
			return err
		}
	}
	if c.Environment {
		if err := takeError(raw.Config_load_environment(handle)); err != nil {
			return err
		}
	}
	for key, value := range c.Settings {
		if err := checkText("the setting "+key, key+value); err != nil {
			return err
		}
		if err := takeError(raw.Config_set(handle, key, value)); err != nil {
			return err
		}
	}
	return nil
}

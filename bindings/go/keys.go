package motet

import "motet/internal/raw"

// CreateKeys makes a pair of keys, what a node proves who it is with when remote.curve.enabled is on: the secret one in a
// new file that only its owner may read, the public one in a new file beside it, with ".pub" behind the name. Nothing is
// ever overwritten: CodeNameTaken. docs/security.md says how keys are used.
func CreateKeys(secretFile string) error {
	if err := checkText("the name of a file", secretFile); err != nil {
		return err
	}
	return takeError(raw.Keys_create(secretFile))
}

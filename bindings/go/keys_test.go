package motet

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestCreatesKeysAndNeverOverwrites(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "node.key")
	if err := CreateKeys(secret); err != nil {
		t.Fatal(err)
	}
	about, err := os.Stat(secret)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", about, err)
	}
	if public, err := os.ReadFile(secret + ".pub"); err != nil || len(public) != 65 {
		t.Errorf("%q, %v", public, err)
	}
	var failed *Error
	if err := CreateKeys(secret); !errors.As(err, &failed) || failed.Code != CodeNameTaken {
		t.Errorf("again: %v", err)
	}
}

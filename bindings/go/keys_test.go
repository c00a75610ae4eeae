package motet

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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

func TestReloadsKeysOfARunningSystem(t *testing.T) {
	secret, peers := filepath.Join(t.TempDir(), "node.key"), filepath.Join(t.TempDir(), "peers")
	if err := CreateKeys(secret); err != nil {
		t.Fatal(err)
	}
	list := func(keys string) {
		if err := os.WriteFile(peers, []byte(keys+" *\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	public, err := os.ReadFile(secret + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	list(strings.TrimSpace(string(public)))
	system := start(t, map[string]string{
		"remote.curve.enabled": "on", "remote.curve.key-file": secret, "remote.curve.peers-file": peers})
	if err := system.ReloadKeys(); err != nil {
		t.Error(err)
	}
	list("nonsense")
	err = system.ReloadKeys()
	wantCode(t, err, ErrBadValue)
	if !strings.Contains(err.Error(), "remote.curve.peers-file") {
		t.Error(err)
	}
	wantCode(t, start(t, nil).ReloadKeys(), ErrBadState)
}

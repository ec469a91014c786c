package secret_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"observatoire/secret"
)

func TestValueIsNeverShown(t *testing.T) {
	v := secret.New("hunter2")
	encoded, err := json.Marshal(map[string]any{"v": v, "p": &v})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %s %q %#v %+v %x %d", v, v, v, v, struct{ V secret.Value }{v}, v, v) + string(encoded)
	if strings.Contains(shown, "hunter2") || strings.Contains(shown, "68756e74657232") {
		t.Errorf("shown: %s", shown)
	}
	if v.Reveal() != "hunter2" {
		t.Errorf("revealed %q", v.Reveal())
	}
}

func TestUnmarshalText(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("OBSERVATOIRE_TEST_SECRET", "from the environment")
	tests := map[string]struct {
		text, want, fault string
	}{
		"plain":           {"plain text", "plain text", ""},
		"environment":     {"${env:OBSERVATOIRE_TEST_SECRET}", "from the environment", ""},
		"file":            {"${file:" + write("good", "in a file\n") + "}", "in a file", ""},
		"empty file":      {"${file:" + write("empty", "\n") + "}", "", "missing or empty"},
		"large file":      {"${file:" + write("large", strings.Repeat("x", 1<<17)) + "}", "", "larger than"},
		"no such file":    {"${file:" + dir + "/none}", "", "no such file"},
		"unset variable":  {"${env:OBSERVATOIRE_TEST_UNSET}", "", "missing or empty"},
		"unknown kind":    {"${vault:x}", "", "want ${env:NAME}"},
		"not closed":      {"${env:X", "", "want ${env:NAME}"},
		"without a name":  {"${env:}", "", "want ${env:NAME}"},
		"without a colon": {"${X}", "", "want ${env:NAME}"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var v secret.Value
			err := v.UnmarshalText([]byte(test.text))
			if test.fault == "" && (err != nil || v.Reveal() != test.want) {
				t.Errorf("%q, %v; want %q", v.Reveal(), err, test.want)
			}
			if test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("error %v, want one with %q", err, test.fault)
			}
		})
	}
}

func ExampleValue() {
	token := secret.New("s3cr3t")
	fmt.Println(token)
	// Output: ***
}

package probes

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// published finds a folder of real documents in a folder shared/data beside
// this one or beside one above it.
func published(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		folder := filepath.Join(dir, "shared", "data", name)
		_, err := os.Stat(folder)
		if err == nil {
			return folder
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	reason := "no shared/data/" + name + " in this or a parent folder"
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// faulty are the published bodies that no answer can be held against, and why:
// the fault is the document's.
var faulty = map[string]string{
	"api-entreprise-v3.yml GET /v3/insee/sirene/etablissements/{siret}/successions 200":  `the type "date", which there is not`,
	"api-entreprise-v3.yml GET /v4/dgfip/unites_legales/{siren}/attestation_fiscale 200": `the type "date", which there is not`,
	"api-statut-etudiant-ecriture.json POST /inscription 200":                            `the type "date", which there is not`,
	"api-statut-etudiant-ecriture.json POST /inscription 400":                            `the type "json", which there is not`,
	"api-statut-etudiant-ecriture.json POST /inscription 401":                            `the type "json", which there is not`,
	"api-statut-etudiant-ecriture.json POST /inscription 404":                            `the type "json", which there is not`,
	"api-statut-etudiant-ecriture.json POST /inscription 500":                            `the type "json", which there is not`,
}

// Every published document loads; each of its operations is found by its own
// address; and each of its bodies of JSON has rules that judge an answer, but
// for those that are listed.
func TestPublishedContracts(t *testing.T) {
	found := make(map[string]bool)
	for _, folder := range []string{"openapi", filepath.Join("api-gouv-fr", "swaggers")} {
		root := published(t, folder)
		documents := 0
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			documents++
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			contract, err := loadContract(data)
			if err != nil {
				t.Errorf("%s: %v", entry.Name(), err)
				return nil
			}
			bodies := 0
			for _, op := range contract.operations {
				bodies += tryOperation(t, contract, op, entry.Name(), found)
			}
			t.Logf("%s: %d operations, %d bodies", entry.Name(), len(contract.operations), bodies)
			return nil
		})
		if err != nil || documents == 0 {
			t.Errorf("%s: %d documents, %v", folder, documents, err)
		}
	}
	for name := range faulty {
		if !found[name] {
			t.Errorf("%s is not faulty, or not there", name)
		}
	}
}

func tryOperation(t *testing.T, contract *contract, op *operation, file string, found map[string]bool) (bodies int) {
	for _, s := range op.servers {
		variable := strings.NewReplacer("{", "value-of-", "}", "", "%", "%25")
		path := variable.Replace("/" + strings.Join(append(s.base[:len(s.base):len(s.base)], op.path...), "/"))
		host := variable.Replace(s.host)
		if host == "" {
			host = "api.example"
		}
		if got, err := contract.find("", op.method, "https://"+host+path); err != nil || got != op {
			t.Errorf("%s: %s at %s%s: %v, %v", file, op, host, path, got, err)
		}
	}
	for status, r := range op.responses {
		for name, m := range r.content {
			if m.schema == nil || !isJSON(name) && name != "*/*" {
				continue
			}
			bodies++
			o := &Observation{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`[1, "a", {"a": null}]`)}
			err := m.check(o)
			where := file + " " + op.String() + " " + status
			if _, ours := errors.AsType[undecided](err); !ours {
				continue
			}
			found[where] = true
			if reason, ok := faulty[where]; !ok || !strings.Contains(err.Error(), reason) {
				t.Errorf("%q: %q,", where, err)
			}
		}
	}
	return bodies
}

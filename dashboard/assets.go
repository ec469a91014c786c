package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// chartScript is the chart library, bundled by dashboard/npm. It is not
// committed: a binary built without it has none.
const chartScript = "echarts.js"

// assetPath is below which files are served, each under a name that changes
// with its content.
const assetPath = "/static/"

//go:embed all:static
var static embed.FS

// types of files; nothing else in the folder is served.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// asset is one file, plain and compressed.
type asset struct {
	name, kind  string // name with its hash, such as "site.0123456789ab.css"
	plain, gzip []byte
}

// assets are the files that pages load. They are compressed once, at the start.
type assets struct {
	byFile map[string]*asset // such as "site.css"
	byName map[string]*asset
}

func newAssets() (*assets, error) {
	a := &assets{map[string]*asset{}, map[string]*asset{}}
	files, err := fs.ReadDir(static, "static")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	for _, file := range files {
		extension := path.Ext(file.Name())
		kind, known := assetTypes[extension]
		if !known {
			continue
		}
		content, err := fs.ReadFile(static, "static/"+file.Name())
		if err != nil {
			return nil, fmt.Errorf("dashboard: %w", err)
		}
		sum := sha256.Sum256(content)
		one := &asset{plain: content, kind: kind,
			name: strings.TrimSuffix(file.Name(), extension) + "." + hex.EncodeToString(sum[:6]) + extension}
		if one.gzip, err = compressed(content); err != nil {
			return nil, fmt.Errorf("dashboard: %s: %w", file.Name(), err)
		}
		a.byFile[file.Name()], a.byName[one.name] = one, one
	}
	return a, nil
}

func compressed(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (a *assets) has(file string) bool { return a.byFile[file] != nil }

// url returns the address of a file, or nothing when the binary has none.
func (a *assets) url(file string) string {
	if one := a.byFile[file]; one != nil {
		return assetPath + one.name
	}
	return ""
}

// ServeHTTP answers with a file for ever: its address changes with its content.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	one := a.byName[strings.TrimPrefix(r.URL.Path, assetPath)]
	if one == nil {
		plain(w, http.StatusNotFound, "not found\n")
		return
	}
	h := w.Header()
	h.Set("Content-Type", one.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	body := one.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = one.gzip
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

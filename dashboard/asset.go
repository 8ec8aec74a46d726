package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

//go:embed static
var static embed.FS

// indexName is the one page, which loads everything else.
const indexName = "index.html"

// mediaTypes are the kinds of files that there are. The types of the operating
// system are not asked: with nosniff a wrong one breaks the page.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// asset is one file, ready to be sent.
type asset struct {
	mediaType string
	plain     []byte
	gzipped   []byte // nil when it would not be smaller
	tag       string // of plain, hexadecimal
}

// newAsset compresses the file once, as well as gzip can.
func newAsset(name string, content []byte) (*asset, error) {
	mediaType, known := mediaTypes[path.Ext(name)]
	if !known {
		return nil, fmt.Errorf("dashboard: %s has no known media type", name)
	}
	sum := sha256.Sum256(content)
	a := &asset{mediaType: mediaType, plain: content, tag: hex.EncodeToString(sum[:8])}
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if compressed.Len() < len(content) {
		a.gzipped = compressed.Bytes()
	}
	return a, nil
}

// bundle is all files of one version of the dashboard.
type bundle struct {
	version string // of all files together: part of the assets' path
	index   *asset
	assets  map[string]*asset // by their path below assets/<version>/
}

// newBundle reads the files under static.
func newBundle(files fs.FS) (*bundle, error) {
	b := &bundle{assets: map[string]*asset{}}
	all := sha256.New()
	var index []byte
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(all, "%s %d\n%s", name, len(content), content)
		if name == indexName {
			index = content
			return nil
		}
		b.assets[name], err = newAsset(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the dashboard's files: %w", err)
	}
	b.version = hex.EncodeToString(all.Sum(nil)[:6])
	page := strings.NewReplacer("{modules}", b.preloads(), "{version}", b.version).Replace(string(index))
	b.index, err = newAsset(indexName, []byte(page))
	return b, err
}

// preloads are links to all modules, so that a browser does not learn of each
// from the one before. It loads one language only, when it knows which.
func (b *bundle) preloads() string {
	var links strings.Builder
	for _, name := range slices.Sorted(maps.Keys(b.assets)) {
		if path.Ext(name) == ".js" && path.Dir(name) != "language" {
			fmt.Fprintf(&links, `<link rel="modulepreload" href="assets/{version}/%s">`, name)
		}
	}
	return strings.ReplaceAll(links.String(), "{version}", b.version)
}

// find gives the asset that a path below assets/ names: <version>/<name>.
func (b *bundle) find(name string) *asset {
	version, name, _ := strings.Cut(name, "/")
	if version != b.version {
		return nil // of another version of the program: never mix their modules
	}
	return b.assets[name]
}

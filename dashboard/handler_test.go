package dashboard

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func ask(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://gate.example"+path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

// linked gives what the page itself names, relative to it.
func linked(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, match := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(text(t, ask(t, http.MethodGet, "/")), -1) {
		found = append(found, match[1])
	}
	require.NotEmpty(t, found)
	return found
}

func TestThePageIsServedAtAnyMount(t *testing.T) {
	t.Parallel()
	for _, mount := range []string{"/", "/voorpoort/", "/index.php/apps/openregister/", "/a%20b/", "/assets-of-mine/"} {
		resp := ask(t, http.MethodGet, mount)
		require.Equal(t, http.StatusOK, resp.StatusCode, mount)
		require.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		require.Equal(t, "no-cache", resp.Header.Get("Cache-Control"))
		for _, link := range linked(t) {
			require.NotRegexp(t, `^(/|[a-z]+:)`, link, "links must be relative")
			asset := ask(t, http.MethodGet, mount+link)
			require.Equal(t, http.StatusOK, asset.StatusCode, link)
			require.Contains(t, asset.Header.Get("Cache-Control"), "immutable")
		}
	}
}

func TestAPathWithoutItsSlashIsSentThere(t *testing.T) {
	t.Parallel()
	for path, location := range map[string]string{
		"/voorpoort":     "./voorpoort/",
		"/a/b%20c":       "./b%20c/",
		"//evil.example": "", // a dot in the last segment: not a page
		"//evil":         "./evil/",
		"/a/%2F%2Fevil":  "./evil/",
		"/a/javascript:": "./javascript:/",
	} {
		resp := ask(t, http.MethodGet, path)
		require.Equal(t, location, resp.Header.Get("Location"), path)
		if location != "" {
			require.Equal(t, http.StatusPermanentRedirect, resp.StatusCode)
		}
	}
}

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/x", "/favicon.ico", "/assets/no/such.js", "/" + linked(t)[0]} {
		h := ask(t, http.MethodGet, path).Header
		require.Equal(t, policy, h.Get("Content-Security-Policy"), path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", h.Get("Referrer-Policy"))
		require.Equal(t, "DENY", h.Get("X-Frame-Options"))
	}
}

func TestThePolicyAllowsNothingInline(t *testing.T) {
	t.Parallel()
	require.Equal(t, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", policy)
	page := text(t, ask(t, http.MethodGet, "/"))
	require.NotRegexp(t, `<script[^>]*>[^<]`, page)
	require.NotRegexp(t, `<style|\sstyle=|\son[a-z]+=`, page)
	require.NotContains(t, page, "{version}")
}

func TestNoModuleWritesMarkupOrEvaluatesText(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|dangerouslySetInnerHTML|\sstyle=|localStorage\.setItem\([^)]*token`)
	require.NoError(t, fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".js") || strings.Contains(name, "/library/") {
			return err
		}
		content, err := static.ReadFile(name)
		require.NotRegexp(t, forbidden, string(content), name)
		return err
	}))
}

func TestOnlyFilesThatThereAreAreServed(t *testing.T) {
	t.Parallel()
	version := strings.Split(linked(t)[0], "/")[1]
	for _, name := range []string{
		"assets/" + version + "/../../handler.go",
		"assets/" + version + "/..%2f..%2fhandler.go",
		"assets/" + version + "/page/",
		"assets/" + version + "/index.html",
		"assets/" + version + "/",
		"assets/0000/main.js", // of another version of the program
		"assets/main.js",
		"assets/",
		"page.js", ".git/config.lock", "favicon.ico",
	} {
		resp := ask(t, http.MethodGet, "/"+name)
		require.Equal(t, http.StatusNotFound, resp.StatusCode, name)
		require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	}
}

func TestOnlyReadingIsAnswered(t *testing.T) {
	t.Parallel()
	resp := ask(t, http.MethodPost, "/")
	require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
	require.Equal(t, "GET, HEAD", resp.Header.Get("Allow"))
	head := ask(t, http.MethodHead, "/")
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.Empty(t, text(t, head))
	require.NotEqual(t, "0", head.Header.Get("Content-Length"))
}

func TestFilesAreCompressedAheadAndTagged(t *testing.T) {
	t.Parallel()
	plain := ask(t, http.MethodGet, "/")
	packed := ask(t, http.MethodGet, "/", "Accept-Encoding", "br, gzip")
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
	require.NotEqual(t, plain.Header.Get("ETag"), packed.Header.Get("ETag"), "two forms, two strong tags")
	for _, resp := range []*http.Response{plain, packed} {
		require.Equal(t, "Accept-Encoding", resp.Header.Get("Vary"))
		require.Regexp(t, `^"[0-9a-f]{16}(-gzip)?"$`, resp.Header.Get("ETag"))
	}
	packedBody := text(t, packed)
	unpacked, err := gzip.NewReader(strings.NewReader(packedBody))
	require.NoError(t, err)
	body, err := io.ReadAll(unpacked)
	require.NoError(t, err)
	require.Equal(t, text(t, plain), string(body))

	again := ask(t, http.MethodGet, "/", "Accept-Encoding", "gzip", "If-None-Match", packed.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.StatusCode)
	require.Empty(t, text(t, again))
	require.Empty(t, again.Header.Get("Content-Encoding"))
	changed := ask(t, http.MethodGet, "/", "If-None-Match", `"0000000000000000"`)
	require.Equal(t, http.StatusOK, changed.StatusCode)
}

func TestTheFirstViewIsSmall(t *testing.T) {
	t.Parallel()
	// Everything that the browser could load at all, both languages included, and
	// a generous 300 bytes of headers for each file.
	const most = 150 << 10
	b, err := load()
	require.NoError(t, err)
	total := len(b.index.gzipped)
	for name, one := range b.assets {
		if strings.HasSuffix(name, ".txt") {
			continue
		}
		body := one.gzipped
		if body == nil {
			body = one.plain
		}
		total += len(body) + 300
	}
	t.Logf("all files together: %d bytes compressed", total)
	require.Less(t, total, most)
}

func TestAFileOfAnUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	_, err := newAsset("picture.bmp", []byte("x"))
	require.ErrorContains(t, err, "media type")
	small, err := newAsset("tiny.txt", []byte("x"))
	require.NoError(t, err)
	require.Nil(t, small.gzipped, "compressed it would be larger")
	large, err := newAsset("large.txt", bytes.Repeat([]byte("x"), 1000))
	require.NoError(t, err)
	require.Less(t, len(large.gzipped), 100)
}

func BenchmarkPage(b *testing.B) {
	h := Handler()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/voorpoort/", http.NoBody)
	r.Header.Set("Accept-Encoding", "gzip")
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

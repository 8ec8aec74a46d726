package e2e_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The addresses, the folder and the program of the pages of documentation.
const (
	pageGateway  = "127.0.0.1:8080"
	pageRegister = "127.0.0.1:9000"
	pageReceiver = "127.0.0.1:9001"
	pageStore    = "/var/lib/voorpoort"
	pageProgram  = "bin/voorpoort"
)

// writePages, set in the environment, has the pages rewritten with what the
// program answers now. Look at the difference before you believe it.
const writePages = "VOORPOORT_WRITE_PAGES"

// TestThePagesOfTheAPIAreTrue runs every command in the transcripts of the
// documentation of the management API and of the command line, as it is written,
// and compares what it prints with the page. Each page is a walk through a gateway that is new, with the
// Caddyfile of api.md.
func TestThePagesOfTheAPIAreTrue(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("curl")
	require.NoError(t, err, "the commands of the pages are for curl")
	pages, err := filepath.Glob("../docs/api*.md")
	require.NoError(t, err)
	require.Greater(t, len(pages), 4)
	for _, path := range append(pages, "../docs/console.md") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			w := newWalk(t, string(text))
			require.NotEmpty(t, w.page)
			if os.Getenv(writePages) != "" {
				require.NoError(t, os.WriteFile(path, []byte(w.rewritten(t)), 0o600))
				return
			}
			for _, difference := range w.differences(t, 20*time.Second) {
				t.Errorf("%s:%s", path, difference)
			}
		})
	}
}

// TestAPageThatIsNotTrueFails: a copy in which a name, a value or a status is
// another.
func TestAPageThatIsNotTrueFails(t *testing.T) {
	t.Parallel()
	const page = "```console\n$ curl -K vp.curl $API/webhooks/9\n" +
		`{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "Webhook not found", "error": "Webhook not found"}` +
		"\n404\n```\n"
	w := newWalk(t, page)
	for name, change := range map[string]struct{ from, to, want string }{
		"true":                {"", "", ""},
		"a name":              {`"detail"`, `"details"`, "3: /details is not there"},
		"a value":             {"about:blank", "about:something", `/type is "about:blank", not "about:something"`},
		"a kind":              {`: 404`, `: "404"`, "/status is 404, not 404"},
		"a status":            {"\n404\n", "\n200\n", "the status is 404, not 200"},
		"a member too few":    {`"type": "about:blank", `, "", "/type is not in the page"},
		"another command":     {"webhooks/9", "webhooks", "/results is not in the page"},
		"the rest is left to": {`, "error": "Webhook not found"}`, ", ...}", ""},
	} {
		w.page = strings.Replace(page, change.from, change.to, 1)
		differences := strings.Join(w.differences(t, 0), "\n")
		if change.want == "" {
			require.Empty(t, differences, name)
			continue
		}
		require.Contains(t, differences, change.want, name)
	}
}

// TestAnAnswerIsTypeset as the page had it: broken into lines, and without what
// was left out before.
func TestAnAnswerIsTypeset(t *testing.T) {
	t.Parallel()
	const real = `{"id":1,"list":[{"a":1,"b":2},{"a":3,"b":4}],"more":{"x":null}}` + "\n200\n"
	require.Equal(t, `{"id": 1, "list": [{"a": 1, "b": 2}, {"a": 3, "b": 4}], "more": {"x": null}}`+"\n200", typeset("", real))
	require.Equal(t, `{"id": 1, "list": [{"b": 2, ...}, ...], ...}`+"\n200", typeset(`{"id": 7, "list": [{"b": 0, ...}, ...], ...}`, real))
	long := strings.Repeat("x", 100)
	require.Equal(t, "{\n  \"a\": \""+long+"\",\n  \"b\": [1, 2]\n}", typeset("", `{"a":"`+long+`","b":[1,2]}`))
	require.Equal(t, "HTTP/1.1 200 OK\nETag: \"1\"\n...\n\n{}\n200",
		typeset("HTTP/1.1 200 OK\nETag: \"9\"\n...\n\n{}\n200", "HTTP/1.1 200 OK\r\nDate: now\r\nETag: \"1\"\r\n\r\n{}\n200\n"))
}

// walk is a page and the gateway that its commands are run against.
type walk struct {
	page    string
	folder  string // in which the commands run
	gateway *gateway
	like    likeness

	toReal, toPage *strings.Replacer
}

func newWalk(t testing.TB, page string) *walk {
	t.Helper()
	w := &walk{page: page, folder: t.TempDir(), gateway: &gateway{address: freeAddress(t), output: &lockedBuffer{}}}
	w.like.meanings = map[string]string{}
	g := w.gateway
	admin := freeAddress(t)
	g.URL, g.Admin = "http://"+g.address, "http://"+admin
	names := []string{
		pageGateway, g.address, pageRegister, pageRegisterOf(t), pageReceiver, pageReceiverOf(t),
		pageStore, filepath.Join(w.folder, "store"),
	}
	w.toReal = strings.NewReplacer(names...)
	slices.Reverse(names)
	w.toPage = strings.NewReplacer(names...)
	w.prepare(t, admin)
	g.environment = append(os.Environ(), "HOME="+w.folder, "XDG_DATA_HOME="+w.folder, "XDG_CONFIG_HOME="+w.folder, raceOptions)
	g.run(t)
	t.Cleanup(func() { g.stop(t) })
	return w
}

// prepare writes the files that api.md has: the Caddyfile, with what else this
// process needs and tokens of this run, and the curl configurations.
func (w *walk) prepare(t testing.TB, admin string) {
	t.Helper()
	text, err := os.ReadFile("../docs/api.md")
	require.NoError(t, err)
	caddyfile := w.toReal.Replace(blockOf(string(text), "caddyfile"))
	require.True(t, strings.HasPrefix(caddyfile, "{\n"), caddyfile)
	caddyfile = fmt.Sprintf("{\n\tadmin %s\n\tauto_https off\n\tpersist_config off\n\tgrace_period 2s\n", admin) + caddyfile[2:]
	settings := blockOf(string(text), "ini")
	require.Contains(t, settings, "<token>")
	for file, scopes := range map[string]string{"vp.curl": "token read,write,replay,read:payload ", "reader.curl": "token read "} {
		before, after, found := strings.Cut(caddyfile, scopes)
		require.True(t, found, scopes)
		_, after, _ = strings.Cut(after, "\n")
		caddyfile = before + scopes + fmt.Sprintf("%x", sha256.Sum256([]byte(file))) + "\n" + after
		w.write(t, file, strings.ReplaceAll(settings, "<token>", file))
	}
	w.write(t, "Caddyfile", caddyfile)
	w.gateway.file = filepath.Join(w.folder, "Caddyfile")
	program, err := filepath.Abs(binary)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(w.folder, "bin"), 0o700))
	require.NoError(t, os.Symlink(program, filepath.Join(w.folder, pageProgram)))
}

func (w *walk) write(t testing.TB, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600))
}

// pageRegisterOf is the register of the pages. It breaks off whatever is asked
// of it about lost things.
func pageRegisterOf(t testing.TB) string {
	t.Helper()
	s := newShelf(t)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/lost") {
			panic(http.ErrAbortHandler)
		}
		s.serve(w, r)
	}))
	t.Cleanup(front.Close)
	return strings.TrimPrefix(front.URL, "http://")
}

// pageReceiverOf is what the webhooks of the pages lead to: /namecheck forbids
// Felix, /full fails, and all else is taken.
func pageReceiverOf(t testing.TB) string {
	t.Helper()
	r := receiverWith(t, func(w http.ResponseWriter, c call) {
		switch path, _, _ := strings.Cut(c.URI, "?"); {
		case path == "/namecheck" && strings.Contains(c.Body, "Felix"):
			answerJSON(w, http.StatusForbidden, `{"detail":"Felix is taken"}`)
		case path == "/full":
			answerJSON(w, http.StatusServiceUnavailable, `{"error":"the disk is full"}`)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
	return strings.TrimPrefix(r.URL, "http://")
}

// run runs a command in the folder of the walk, and gives what it prints in the
// words of the page.
func (w *walk) run(t testing.TB, one transcript) string {
	t.Helper()
	if file, shows := strings.CutPrefix(one.command, "cat "); shows {
		w.write(t, file, w.toReal.Replace(one.output)+"\n")
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", w.toReal.Replace(w.like.asMeant(one.command)))
	command.Dir = w.folder
	command.Env = append(os.Environ(), "SITE="+w.gateway.URL, "API="+w.gateway.URL+"/gateway/api",
		"TOKEN=vp.curl",
		"VOORPOORT_ADDRESS="+w.gateway.URL+"/gateway", "VOORPOORT_TOKEN=vp.curl")
	out, _ := command.CombinedOutput() // what fails prints that
	return w.toPage.Replace(string(out))
}

// looks tells whether a command only looks, so that it may be run again.
func (one *transcript) looks() bool {
	for _, word := range []string{" -d ", " -X ", "lease=", "for ", " create ", " update ", " test ", " replay "} {
		if strings.Contains(one.command, word) {
			return false
		}
	}
	return true
}

// differences runs the page, and gives what is not as it says. What only looks is
// repeated for so long, since deliveries follow a write in their own time.
func (w *walk) differences(t testing.TB, patience time.Duration) []string {
	t.Helper()
	var all []string
	for _, one := range transcripts(w.page) {
		began := time.Now()
		for {
			w.like.differences = nil
			w.like.outputs(one.output, w.run(t, one))
			if len(w.like.differences) == 0 || !one.looks() || len(all) > 0 || time.Since(began) > patience {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		for _, difference := range w.like.differences {
			all = append(all, fmt.Sprintf("%d: %s", one.line+1, difference))
		}
	}
	return all
}

// rewritten runs the page and puts in what it prints.
func (w *walk) rewritten(t testing.TB) string {
	t.Helper()
	lines := strings.Split(w.page, "\n")
	var page []string
	at := 0
	for _, one := range transcripts(w.page) {
		time.Sleep(400 * time.Millisecond) // deliveries follow in their own time
		real := w.run(t, one)
		page = append(page, lines[at:one.line-1]...)
		page = append(page, strings.Split("$ "+w.like.asMeant(one.command), "\n")...)
		page = append(page, strings.Split(typeset(one.output, real), "\n")...)
		w.like.outputs(one.output, real) // for what has another name now
		at = one.to
	}
	return strings.Join(append(page, lines[at:]...), "\n")
}

package e2e_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a webhook of a terminal's gateway has and nobody may be shown.
const (
	signingSecret = "s3cret-of-signature-0123456789"
	headerSecret  = "s3cret-of-header-0123456789"
)

// The exit codes of the commands.
const (
	exitDone        = 0
	exitFailed      = 1
	exitWrongUsage  = 2
	exitNotAllowed  = 3
	exitNotFound    = 4
	exitUnreachable = 5
)

// terminal is somebody who types commands, beside a running gateway.
type terminal struct {
	*desk

	folder      string
	environment []string

	mu   sync.Mutex
	seen strings.Builder // all that was printed
}

// newTerminal starts a gateway and sits down before it, with the owner's token in
// the environment. At the end of the test nothing secret was printed.
func newTerminal(t testing.TB, s *storage, answer func(http.ResponseWriter, call)) *terminal {
	t.Helper()
	c := &terminal{desk: newDesk(t, s, answer, ""), folder: t.TempDir()}
	c.environment = []string{"VOORPOORT_ADDRESS=" + c.address(), "VOORPOORT_TOKEN=" + ownerToken}
	t.Cleanup(func() {
		for _, secret := range []string{ownerToken, readerToken, hashOf(ownerToken), signingSecret, headerSecret} {
			require.NotContains(t, c.seen.String(), secret)
		}
	})
	return c
}

// types runs a command, which ends with a code.
func (c *terminal) types(t testing.TB, code int, line ...string) string {
	t.Helper()
	return c.typesWith(t, nil, code, line...)
}

// typesWith does so with other variables.
func (c *terminal) typesWith(t testing.TB, environment []string, code int, line ...string) string {
	t.Helper()
	out, got := runWith(t, append(c.environment[:2:2], environment...), append([]string{"voorpoort"}, line...)...)
	require.Equal(t, code, got, "%q\n%s", line, out)
	c.note(out)
	return out
}

func (c *terminal) note(out string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen.WriteString(out)
}

// file writes one that a command reads, and gives its name.
func (c *terminal) file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(c.folder, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// printed reads what a command has printed for programs: one document.
func printed[T any](t testing.TB, out string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(out), &v), out)
	return v
}

// cells are the words of the line of a table that begins with a word.
func cells(t testing.TB, out, first string) []string {
	t.Helper()
	for line := range strings.Lines(out) {
		if words := strings.Fields(line); len(words) > 0 && words[0] == first {
			return words
		}
	}
	require.Fail(t, "no such line", "%s in\n%s", first, out)
	return nil
}

// TestCommandsEndWithTheirCodes, and say why on the way.
func TestCommandsEndWithTheirCodes(t *testing.T) {
	t.Parallel()
	c := newTerminal(t, localStorage(t), takes)
	noURL := c.file(t, "no-url.json", `{"name":"x","url":"ftp://x"}`)
	invalid := c.file(t, "invalid.json", `{"name":"x","url":"http://x","maxRetries":-1}`)
	broken := c.file(t, "broken.json", `{"name":`)
	for _, one := range []struct {
		code  int
		line  string
		words string
	}{
		{exitDone, "webhooks list", "NAME"},
		{exitFailed, "webhooks create --file " + noURL, "/url: "},
		{exitFailed, "webhooks create --file " + invalid, "/maxRetries: "},
		{exitFailed, "dead-letters replay --webhook 99", "/webhook: "},
		{exitFailed, "tail --topics gossip", "topic"},
		{exitWrongUsage, "webhooks create --file " + broken, "not JSON"},
		{exitWrongUsage, "webhooks create --file " + broken + ".not", "cannot be read"},
		{exitWrongUsage, "webhooks create", "--file"},
		{exitWrongUsage, "webhooks get", "usage"},
		{exitWrongUsage, "webhooks dance", "usage"},
		{exitWrongUsage, "webhooks list --colour", "unknown flag"},
		{exitWrongUsage, "dead-letters replay --seq 1", "--webhook"},
		{exitWrongUsage, "webhooks list --token-file " + broken + ".not", "cannot be read"},
		{exitWrongUsage, "webhooks list --address gopher://x", "http or https"},
		{exitNotFound, "webhooks get 99", "(404)"},
		{exitNotFound, "webhooks delete 99", "(404)"},
		{exitNotFound, "webhooks test 99", "(404)"},
		{exitNotFound, "deliveries show 99", "(404)"},
		{exitNotFound, "deliveries retry 99", "(404)"},
		{exitNotFound, "dead-letters discard 99 1", "(404)"},
		{exitUnreachable, "webhooks list --address http://127.0.0.1:1/gateway", "no gateway answers at http://127.0.0.1:1/gateway"},
		{exitUnreachable, "tail --address http://127.0.0.1:1/gateway", "no gateway answers"},
	} {
		require.Contains(t, c.types(t, one.code, strings.Fields(one.line)...), one.words, one.line)
	}
	require.Contains(t, c.typesWith(t, []string{"VOORPOORT_ADDRESS="}, exitWrongUsage, "webhooks", "list"), "--address")
}

// TestCommandsNeedATokenThatMay do what they do.
func TestCommandsNeedATokenThatMay(t *testing.T) {
	t.Parallel()
	c := newTerminal(t, localStorage(t), takes)
	c.typesWith(t, []string{"VOORPOORT_TOKEN="}, exitNotAllowed, "webhooks", "list")
	c.typesWith(t, []string{"VOORPOORT_TOKEN=wrong"}, exitNotAllowed, "webhooks", "list")
	c.typesWith(t, []string{"VOORPOORT_TOKEN=wrong"}, exitNotAllowed, "tail")
	reader := []string{"VOORPOORT_TOKEN=" + readerToken}
	c.typesWith(t, reader, exitDone, "webhooks", "list")
	require.Contains(t, c.typesWith(t, reader, exitNotAllowed, "webhooks", "delete", "1"), "write")
	require.Contains(t, c.typesWith(t, reader, exitNotAllowed, "dead-letters", "replay"), "replay")
	require.Contains(t, c.typesWith(t, reader, exitNotAllowed, "send-test", "--type", "a.b"), "write")

	file := c.file(t, "token", ownerToken+"\n")
	c.typesWith(t, []string{"VOORPOORT_TOKEN=wrong"}, exitDone, "webhooks", "list", "--token-file", file)
	c.typesWith(t, []string{"VOORPOORT_TOKEN="}, exitDone, "token", "new", "--scopes", "read,write")
}

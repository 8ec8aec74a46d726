package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The test binary plays the torture program with one variable set, and with the
// other the gateway under test.
const (
	playMain    = "VOORPOORT_TORTURE_MAIN"
	playGateway = "VOORPOORT_TORTURE_FAKE"
)

// asMain makes the test binary play the program, and end without the second that
// the race detector otherwise waits.
var asMain = []string{playMain + "=1", "GORACE=atexit_sleep_ms=10"}

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(playGateway) != "":
		playFake(os.Getenv(playGateway), os.Args)
	case os.Getenv(playMain) != "":
		flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ExitOnError)
		main()
	default:
		os.Exit(m.Run())
	}
}

// fakeGateway is a gateway in a few lines. It keeps nothing on disk.
type fakeGateway struct {
	kind     string
	register string
	hooks    []string
}

// The kinds of fakes.
const (
	patient   = "patient"   // tells everybody, however long it takes, and then answers
	forgetful = "forgetful" // answers, and tells everybody half a second later
	liar      = "liar"      // answers every tenth write without asking the register
	hasty     = "hasty"     // tells everybody before the register has agreed
	twice     = "twice"     // tells everybody twice
	panicky   = "panicky"   // as patient, and prints that it panics
)

// playFake runs `run --config <file>`.
func playFake(kind string, args []string) {
	raw, err := os.ReadFile(args[3])
	if err != nil {
		panic(err)
	}
	find := func(pattern string) (found []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(raw), -1) {
			found = append(found, match[1])
		}
		return found
	}
	g := fakeGateway{kind: kind, register: "http://" + find(`reverse_proxy (\S+)`)[0], hooks: find(`url (\S+)`)}
	if kind == panicky {
		fmt.Println("panic: not really")
	}
	admin := &http.Server{Addr: find(`admin (\S+)`)[0], Handler: http.HandlerFunc(fakeAdmin)}
	go func() { _ = admin.ListenAndServe() }()
	_ = http.ListenAndServe("127.0.0.1:"+find(`http://:(\d+) \{`)[0], g)
}

// fakeAdmin takes every configuration that is one, and tells what time the
// stepped clock has.
func fakeAdmin(w http.ResponseWriter, r *http.Request) {
	step, _ := os.ReadFile(os.Getenv(clockFile))
	seconds, _ := strconv.Atoi(string(step))
	w.Header().Set("Date", time.Now().Add(time.Duration(seconds)*time.Second).UTC().Format(http.TimeFormat))
	raw, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/load" && !bytes.Contains(raw, []byte("voorpoort {")) {
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (g fakeGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithoutCancel(r.Context())
	body, _ := io.ReadAll(r.Body)
	written := writeOf(r, body)
	if g.kind == liar && written.Number%10 == 0 {
		w.WriteHeader(http.StatusCreated)
		return
	}
	if g.kind == hasty {
		g.tell(ctx, written)
	}
	status, answer := g.forward(r, body)
	if written.Action == create {
		written.ID = idOf(answer)
	}
	if status/100 == 2 {
		switch g.kind {
		case forgetful:
			go func() {
				time.Sleep(500 * time.Millisecond)
				g.tell(ctx, written)
			}()
		case twice:
			g.tell(ctx, written)
			g.tell(ctx, written)
		case patient, panicky, liar:
			g.tell(ctx, written)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

func writeOf(r *http.Request, body []byte) write {
	w := write{Action: map[string]action{http.MethodPost: create, http.MethodPut: update, http.MethodDelete: remove}[r.Method]}
	_, _ = fmt.Sscan(r.URL.Query().Get("number"), &w.Number)
	if w.Action != create {
		w.ID = filepath.Base(r.URL.Path)
	}
	return w
}

func (g fakeGateway) forward(r *http.Request, body []byte) (int, []byte) {
	req, _ := http.NewRequest(r.Method, g.register+r.URL.RequestURI(), bytes.NewReader(body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, answer
}

func (g fakeGateway) tell(ctx context.Context, w write) {
	for _, hook := range g.hooks {
		for !g.send(ctx, hook, eventOf(w, "")) {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func (g fakeGateway) send(ctx context.Context, hook string, event []byte) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, hook, bytes.NewReader(event))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode/100 == 2
}

// fakeStage is a stage whose gateway is a fake.
func fakeStage(t *testing.T, kind string) *stage {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "gateway")
	script := fmt.Sprintf("#!/bin/sh\nexport %s=%s\nexec '%s' \"$@\"\n", playGateway, kind, os.Args[0])
	require.NoError(t, os.WriteFile(program, []byte(script), 0o700))
	return &stage{
		self: os.Args[0], env: asMain, gateway: program, dir: dir,
		letters: func(context.Context, *arena) ([]letter, error) { return nil, nil },
	}
}

// quick are settings for tests.
var quick = settings{Seed: 1, Rounds: 2, For: time.Second, Patience: 3 * time.Second, Clients: 4, Rate: 100, Parallel: 2}

// mild lets one receiver behave badly for a moment.
func mild(ctx context.Context, a *arena) error {
	for _, m := range badModes {
		a.faults++
		if err := a.behave(ctx, "r1", m); err != nil {
			return err
		}
		if err := rest(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return a.behave(ctx, "", well)
}

// still does nothing bad.
func still(ctx context.Context, a *arena) error {
	a.faults++
	return rest(ctx, time.Second)
}

func reportOf(results ...result) string {
	var out strings.Builder
	report(&out, results, quick)
	return out.String()
}

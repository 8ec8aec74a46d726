package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeGateway calls the interceptor so many times and forwards the body with
// something added.
func fakeGateway(t *testing.T, s *stage, calls int, extra string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range calls {
			resp, err := http.Post("http://"+s.at.Interceptor+"/merge", "application/json", http.NoBody)
			if err == nil {
				resp.Body.Close()
			}
		}
		resp, err := http.Post("http://"+s.at.Upstream+r.URL.Path, "application/json", io.MultiReader(r.Body, strings.NewReader(extra)))
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.Header().Set(receivedHeader, resp.Header.Get(receivedHeader))
		w.WriteHeader(resp.StatusCode)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// fakeStage has its helpers in this process.
func fakeStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{}
	for _, helper := range []struct {
		handler http.Handler
		address *string
	}{{upstream(), &s.at.Upstream}, {interceptor(), &s.at.Interceptor}, {auth(), &s.at.Auth}, {newReceiver(), &s.at.Receiver}} {
		server := httptest.NewServer(helper.handler)
		t.Cleanup(server.Close)
		*helper.address = server.Listener.Addr().String()
	}
	return s
}

func TestProbe(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		calls    int
		extra    string
		scenario scenario
		message  string
	}{
		{"passes on", 0, "", scenario{Name: "s"}, ""},
		{"merges", 1, " ", scenario{Name: "s", Calls: 1, Merges: true}, ""},
		{"does not call", 0, "", scenario{Name: "s", Calls: 1}, "0 calls, not 1"},
		{"does not merge", 1, "", scenario{Name: "s", Calls: 1, Merges: true}, "the upstream got 2048"},
		{"changes what it should not", 0, " ", scenario{Name: "s"}, "the upstream got 2049"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := fakeStage(t)
			tc.scenario.Path = "/"
			err := s.probe(t.Context(), tc.scenario, fakeGateway(t, s, tc.calls, tc.extra))
			if tc.message == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, errNotDone)
			require.ErrorContains(t, err, tc.message)
		})
	}
}

func TestProbeOfAGatewayThatRefuses(t *testing.T) {
	t.Parallel()
	s := fakeStage(t)
	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	err := s.probe(t.Context(), scenario{Name: "s", Path: "/"}, refusing.Listener.Addr().String())
	require.ErrorContains(t, err, "status 404")
}

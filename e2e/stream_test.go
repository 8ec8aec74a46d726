package e2e_test

import (
	"bufio"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is not one message with one answer cannot be judged.
func TestStreamsAreRefusedWhereTheGateIs(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for name, fields := range map[string][]string{
		"WebSocket":            {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="},
		"any upgrade":          {"Connection: keep-alive, upgrade", "Upgrade: foo/2"},
		"two upgrades":         {"Connection: Upgrade", "Upgrade: h2c, websocket"},
		"two upgrade fields":   {"Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"},
		"Upgrade alone":        {"Upgrade: websocket"},
		"Connection alone":     {"Connection: Upgrade"},
		"a part of the object": {"Content-Range: bytes 0-4/100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"POST", "PUT", "DELETE"} {
				o := s.send(t, message(method, minoes, aCat, append(fields, asJSON)...))
				if name == "a part of the object" {
					o.refused(t, http.StatusBadRequest, "partial_content")
					continue
				}
				o.refused(t, http.StatusBadRequest, "streaming")
			}
		})
	}
	for _, typ := range []string{
		"application/grpc", "application/grpc+proto", "application/grpc-web", "Application/GRPC; x=y", "application/connect+json",
		"text/event-stream", "multipart/x-mixed-replace; boundary=b",
	} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			s.send(t, message("POST", cats, aCat, "Content-Type: "+typ)).refused(t, http.StatusUnsupportedMediaType, "streaming")
			s.send(t, message("POST", "/public", aCat, "Content-Type: "+typ)).untouched(t, "POST", "/public", aCat)
		})
	}
	t.Run("CONNECT", func(t *testing.T) {
		t.Parallel()
		s.send(t, message("CONNECT", cats, "")).refused(t, http.StatusBadRequest, "streaming")
		require.Empty(t, s.send(t, message("CONNECT", "http://{host}"+cats, "")).Arrived)
	})
}

// A WebSocket beside the intercepted routes is the register's business.
func TestAWebSocketElsewherePassesThrough(t *testing.T) {
	t.Parallel()
	besiegeEach(t, "", func(t *testing.T, s *siege) {
		probe := newProbe()
		connection, reader := s.dial(t)
		s.write(t, connection, probe, message("GET", "/socket", "", "Connection: Upgrade", "Upgrade: websocket",
			"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="))
		response, err := http.ReadResponse(reader, nil)
		require.NoError(t, err)
		defer response.Body.Close()
		require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
		for _, text := range []string{"miaow", "miaow again"} {
			s.write(t, connection, probe, text)
			echo := make([]byte, len(text))
			_, err = io.ReadFull(reader, echo)
			require.NoError(t, err)
			require.Equal(t, text, string(echo))
		}
		require.Equal(t, []string{"websocket"}, s.register.probed(probe)[0].values("Upgrade"))
	})
}

// With an upgrade to HTTP/2 a client would talk to the register through the
// gate without being looked at, on any route. The offer is not passed on.
func TestNoTunnelOfHTTP2ToTheRegister(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for _, target := range []string{"/public", cats, minoes} {
		for _, method := range []string{"GET", "OPTIONS", "PROPFIND", "POST"} {
			for _, offer := range []string{"h2c", "H2C", "h2", "websocket, h2c", "HTTP/2.0", "TLS/1.0"} {
				t.Run(method+" "+target+" "+offer, func(t *testing.T) {
					t.Parallel()
					probe := newProbe()
					connection, reader := s.dial(t)
					s.write(t, connection, probe, message(method, target, "", "Connection: Upgrade, HTTP2-Settings", "Upgrade: "+offer, "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"))
					response, err := http.ReadResponse(bufio.NewReader(reader), nil)
					require.NoError(t, err)
					defer response.Body.Close()
					for _, a := range s.register.probed(probe) {
						require.Empty(t, a.values("Http2-Settings"))
						if offer != "websocket, h2c" {
							require.Empty(t, a.values("Upgrade"))
							require.NotEqual(t, http.StatusSwitchingProtocols, response.StatusCode)
							continue
						}
						require.Equal(t, []string{"websocket"}, a.values("Upgrade"))
					}
				})
			}
		}
	}
}

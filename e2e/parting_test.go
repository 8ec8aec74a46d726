package e2e_test

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAClientThatLeavesTakesNothingWithIt: it goes while the register is at work,
// before or after that has written. The gateway hears the register out, so that
// nothing is in doubt: not even of a POST, which no question could settle.
func TestAClientThatLeavesTakesNothingWithIt(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		d := newDepot(t, s, []subscription{{name: "late"}, {name: "early"}}, "")
		for name, play := range map[string]string{"late": "wait-after", "early": "wait-first"} {
			path := objectsOf(name)
			sendAndLeave(t, d, path, play)
			close(d.shelf.cue(path).proceed)
		}
		for _, name := range []string{"late", "early"} {
			f := d.told(t, name, 1)[0].fact(t)
			require.Equal(t, "object.created", f.Type)
			require.False(t, f.Recovered)
			require.Len(t, d.shelf.writes(objectsOf(name)), 1)
		}
		require.Empty(t, d.logged("a write whose answer was not seen is settled"))
		d.stop(t)
		hasNoHolds(t, s.open(t))
	})
}

// sendAndLeave sends a POST and is gone for the gateway too when it returns, with
// the write in the register's hands.
func sendAndLeave(t *testing.T, d *depot, path, play string) {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", d.address)
	require.NoError(t, err)
	_, err = connection.Write([]byte(strings.Join([]string{
		http.MethodPost + " " + path + " HTTP/1.1", "Host: " + d.address, "X-Play: " + play, "X-Cue: " + path,
		"Content-Type: application/json", "Content-Length: " + strconv.Itoa(len(writtenBody)), "", writtenBody,
	}, "\r\n")))
	require.NoError(t, err)
	<-d.shelf.cue(path).reached
	require.NoError(t, connection.Close())
	time.Sleep(100 * time.Millisecond) // the gateway's reading of the connection ends
}

package push

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// rawReceiver reads a request's head and gives the connection to a function.
func rawReceiver(t *testing.T, behave func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if request, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					_, _ = io.Copy(io.Discard, request.Body)
					behave(c)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func bothClients(t *testing.T, test func(*testing.T, webhook.Client)) {
	t.Helper()
	for _, client := range []webhook.Client{webhook.ClientVoorpoort, webhook.ClientNetHTTP} {
		t.Run(string(client), func(t *testing.T) {
			t.Parallel()
			test(t, client)
		})
	}
}

// hostileSender sends with little patience.
func hostileSender(t *testing.T, client webhook.Client, url string, opt Options) *Sender {
	t.Helper()
	return newSender(t, hookTo(t, url, func(w *webhook.Webhook) { w.Client, w.Timeout = client, 300*time.Millisecond }), opt)
}

func requireFailed(t *testing.T, result delivery.Result, reason delivery.Reason, text string) {
	t.Helper()
	require.Equal(t, reason, result.Reason, result.Error)
	require.Equal(t, text, result.Error)
	require.Equal(t, testEvent, string(result.Request))
	require.Less(t, result.Duration, 5*time.Second)
}

func TestHostileReceivers(t *testing.T) {
	t.Parallel()
	const broken = "broken: the connection broke off or the answer is not acceptable HTTP"
	for name, test := range map[string]struct {
		behave func(net.Conn)
		reason delivery.Reason
		texts  []string
	}{
		"hangs": {
			func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
			delivery.ReasonTimeout,
			[]string{"timeout: no answer within 300ms"},
		},
		"drips a head": {
			func(c net.Conn) {
				for range 200 {
					if _, err := io.WriteString(c, "H"); err != nil {
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
			},
			// net/http may see that it is no HTTP before the time is up.
			"",
			[]string{"timeout: no answer within 300ms", "broken: the answer is not acceptable HTTP", broken},
		},
		"garbage": {
			func(c net.Conn) { _, _ = io.WriteString(c, "\x00\x01 hunter2\r\n\r\n") },
			delivery.ReasonBroken,
			[]string{"broken: the answer is not acceptable HTTP", broken},
		},
		"closes": {
			func(net.Conn) {},
			delivery.ReasonBroken,
			[]string{broken},
		},
		"resets": {
			func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) },
			delivery.ReasonBroken,
			[]string{"broken: the connection broke off: connection reset by peer", broken},
		},
		"a head without end": {
			func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
				for i := range 100_000 {
					if _, err := io.WriteString(c, "X-"+strconv.Itoa(i)+": "+strings.Repeat("a", 1000)+"\r\n"); err != nil {
						return
					}
				}
			},
			delivery.ReasonBroken,
			[]string{"broken: the answer is not acceptable HTTP", broken},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := rawReceiver(t, test.behave)
			bothClients(t, func(t *testing.T, client webhook.Client) {
				result := send(t, hostileSender(t, client, url+"/?token=hunter2hunter2", Options{}))
				require.Contains(t, test.texts, result.Error)
				if test.reason != "" {
					require.Equal(t, test.reason, result.Reason)
				}
				require.NotContains(t, result.Error, "hunter2")
				require.Zero(t, result.Status)
				require.Equal(t, url+"/", result.URL)
				require.Less(t, result.Duration, 5*time.Second)
				require.Equal(t, testEvent, string(result.Request))
			})
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		bothClients(t, func(t *testing.T, client webhook.Client) {
			second := newReceiver(t, nil)
			first := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, second.URL, status)
			})
			result := send(t, hostileSender(t, client, first.URL, Options{}))
			requireFailed(t, result, delivery.ReasonRedirect,
				"redirect: status "+strconv.Itoa(status)+": redirects are not followed; change the webhook's url")
			require.Len(t, first.requests(), 1)
			require.Empty(t, second.requests(), "the second server sees nothing")
		})
	}
}

// SW-43: reading stops at the limit, whatever the length is said to be.
func TestAnAnswerOfAGigabyte(t *testing.T) {
	t.Parallel()
	for _, length := range []string{"Content-Length: 1073741824", "Transfer-Encoding: chunked"} {
		for _, status := range []int{200, 500} {
			bothClients(t, func(t *testing.T, client webhook.Client) {
				var written atomic.Int64
				url := rawReceiver(t, func(c net.Conn) {
					_, _ = io.WriteString(c, "HTTP/1.1 "+strconv.Itoa(status)+" x\r\n"+length+"\r\n\r\n")
					chunk := "8000\r\n" + strings.Repeat("a", 32<<10) + "\r\n"
					for written.Load() < 1<<30 {
						n, err := io.WriteString(c, chunk)
						written.Add(int64(n))
						if err != nil {
							return
						}
					}
				})
				s := newSender(t, hookTo(t, url, func(w *webhook.Webhook) { w.Client = client }), Options{})
				result := send(t, s)
				require.Equal(t, status, result.Status)
				require.Len(t, result.Response, delivery.MaxResponseText)
				require.Less(t, written.Load(), int64(64<<20), "socket buffers, not a gigabyte")
				require.Less(t, result.Duration, 4*time.Second)
			})
		}
	}
}

func TestHowMuchOfAnAnswerIsKept(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{-1: 0, 0: delivery.MaxResponseText, 10: 10, 1 << 30: delivery.MaxResponseText} {
		r := newReceiver(t, answering(http.StatusOK, strings.Repeat("a", 40<<10)))
		s := newSender(t, hookTo(t, r.URL, nil), Options{MaxResponse: limit})
		for range 3 {
			result := send(t, s)
			requireDelivered(t, result)
			require.Len(t, result.Response, want)
		}
		for _, got := range r.requests() {
			require.Equal(t, r.requests()[0].RemoteAddr, got.RemoteAddr, "the rest is read, so the connection can be used again")
		}
	}
}

// The head of a 2xx is the receiver's word: it took the message.
func TestABodyThatBreaksOffChangesNothing(t *testing.T) {
	t.Parallel()
	for name, behave := range map[string]func(net.Conn){
		"cut": func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") },
		"drip": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for range 200 {
				if _, err := io.WriteString(c, "1\r\na\r\n"); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := rawReceiver(t, behave)
			bothClients(t, func(t *testing.T, client webhook.Client) {
				result := send(t, hostileSender(t, client, url, Options{}))
				requireDelivered(t, result)
				require.NotEmpty(t, result.Response)
				require.Less(t, result.Duration, 5*time.Second)
			})
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	bothClients(t, func(t *testing.T, client webhook.Client) {
		result := send(t, hostileSender(t, client, free, Options{}))
		requireFailed(t, result, delivery.ReasonRefused, "unreachable: connection refused")
	})
}

func TestTheEngineMayStopACall(t *testing.T) {
	t.Parallel()
	url := rawReceiver(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	bothClients(t, func(t *testing.T, client webhook.Client) {
		s := newSender(t, hookTo(t, url, func(w *webhook.Webhook) { w.Client = client }), Options{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		requireFailed(t, s.Send(ctx, lease(testEvent)), delivery.ReasonBroken, "broken: the call was given up before there was an answer")
	})
}

// However receivers behave, no goroutine and no connection is left behind.
func TestNothingIsLeftBehind(t *testing.T) { //nolint:paralleltest // it counts goroutines
	url := rawReceiver(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	before := runtime.NumGoroutine()
	for _, client := range []webhook.Client{webhook.ClientVoorpoort, webhook.ClientNetHTTP} {
		s, err := New(hookTo(t, url, func(w *webhook.Webhook) { w.Client, w.Timeout = client, 20*time.Millisecond }), Options{})
		require.NoError(t, err)
		for range 10 {
			require.Equal(t, delivery.ReasonTimeout, send(t, s).Reason)
		}
		s.Close()
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

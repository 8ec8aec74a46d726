package push

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/transport"
	"github.com/voorpoort/voorpoort/webhook"
)

// certificate is a certificate with its key in PEM.
type certificate struct {
	*x509.Certificate
	key       *ecdsa.PrivateKey
	cert, pem string
}

// issue makes a certificate, signed by another or by itself.
func issue(t *testing.T, by *certificate, template *x509.Certificate) *certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template.SerialNumber, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(time.Hour)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	raw, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	return &certificate{
		Certificate: parsed, key: key,
		cert: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		pem:  string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})),
	}
}

func newAuthority(t *testing.T, name string) *certificate {
	t.Helper()
	return issue(t, nil, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
}

// secureReceiver answers over TLS and wants a client certificate of an
// authority, if one is given.
func secureReceiver(t *testing.T, server *certificate, clients *certificate) *receiver {
	t.Helper()
	r := new(receiver)
	r.Server = httptest.NewUnstartedServer(r.recording(nil))
	r.Config.ErrorLog = log.New(io.Discard, "", 0)
	pair, err := tls.X509KeyPair([]byte(server.cert), []byte(server.pem))
	require.NoError(t, err)
	r.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if clients != nil {
		r.TLS.ClientAuth, r.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		r.TLS.ClientCAs.AddCert(clients.Certificate)
	}
	r.EnableHTTP2 = true
	r.StartTLS()
	t.Cleanup(r.Close)
	return r
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t, "ours")
	server := issue(t, authority, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	client := issue(t, authority, &x509.Certificate{Subject: pkix.Name{CommonName: "gateway"}})
	stranger := issue(t, newAuthority(t, "theirs"), &x509.Certificate{Subject: pkix.Name{CommonName: "stranger"}})

	bothClients(t, func(t *testing.T, kind webhook.Client) {
		r := secureReceiver(t, server, authority)
		sendAs := func(who *certificate, ca string) delivery.Result {
			h := hookTo(t, r.URL, func(w *webhook.Webhook) {
				w.Client, w.TLS.CA = kind, ca
				if who != nil {
					w.TLS.ClientCertificate, w.TLS.ClientKey = who.cert, webhook.NewSecret(who.pem)
				}
			})
			return send(t, newSender(t, h, Options{}))
		}
		requireDelivered(t, sendAs(client, authority.cert))
		require.Equal(t, "gateway", r.only(t).TLS.PeerCertificates[0].Subject.CommonName)
		require.Equal(t, testEvent, string(r.only(t).body))
		if kind == webhook.ClientNetHTTP {
			require.Equal(t, "HTTP/2.0", r.only(t).Proto)
		}

		for _, who := range []*certificate{nil, stranger} {
			result := sendAs(who, authority.cert)
			if kind == webhook.ClientNetHTTP && result.Reason == delivery.ReasonBroken {
				continue // it sometimes sees that the connection ended, and not why
			}
			require.Equal(t, delivery.ReasonTLS, result.Reason, result.Error)
			require.True(t, strings.HasPrefix(result.Error, "tls: the receiver refused the handshake: "), result.Error)
		}
		result := sendAs(client, stranger.cert)
		require.Equal(t, delivery.ReasonTLS, result.Reason)
		require.Equal(t, "tls: x509: certificate signed by unknown authority", result.Error)
		require.Len(t, r.requests(), 1)
	})
}

func TestOtherFailuresOfTLS(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t, "ours")
	elsewhere := issue(t, authority, &x509.Certificate{DNSNames: []string{"elsewhere.example"}})
	r := secureReceiver(t, elsewhere, nil)
	plain := newReceiver(t, nil)
	bothClients(t, func(t *testing.T, kind webhook.Client) {
		h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.Client, w.TLS.CA = kind, authority.cert })
		result := send(t, newSender(t, h, Options{}))
		require.Equal(t, delivery.ReasonTLS, result.Reason)
		require.Contains(t, result.Error, "tls: x509: cannot validate certificate for 127.0.0.1")

		h = hookTo(t, r.URL, func(w *webhook.Webhook) {
			w.Client, w.TLS.CA, w.TLS.ServerName = kind, authority.cert, "elsewhere.example"
		})
		requireDelivered(t, send(t, newSender(t, h, Options{})))

		h = hookTo(t, strings.Replace(plain.URL, "http:", "https:", 1), func(w *webhook.Webhook) { w.Client = kind })
		result = send(t, newSender(t, h, Options{}))
		require.Equal(t, delivery.ReasonTLS, result.Reason)
		require.Equal(t, "tls: the receiver does not speak TLS", result.Error)
	})
}

func TestTheGuardStopsTheCall(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	bothClients(t, func(t *testing.T, kind webhook.Client) {
		h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.Client = kind })
		result := send(t, newSender(t, h, Options{Guard: transport.Egress{}.Guard}))
		requireFailed(t, result, delivery.ReasonGuarded, "egress: address in 127.0.0.0/8 (loopback) is not allowed")

		secretive := func(context.Context, netip.AddrPort) error { return errors.New("hunter2") }
		result = send(t, newSender(t, h, Options{Guard: secretive}))
		requireFailed(t, result, delivery.ReasonGuarded, "egress: the address is not allowed")
	})
	require.Empty(t, r.requests())

	bothClients(t, func(t *testing.T, kind webhook.Client) {
		h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.Client = kind })
		allow := transport.Egress{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
		requireDelivered(t, send(t, newSender(t, h, Options{Guard: allow.Guard})))
	})
}

func TestAProxyIsUsed(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked.Store(r.URL.String() + " " + string(body))
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(proxy.Close)
	h := hookTo(t, "http://receiver.invalid/in", func(w *webhook.Webhook) { w.Proxy = webhook.NewAddress(proxy.URL) })
	result := send(t, newSender(t, h, Options{}))
	requireDelivered(t, result)
	require.Equal(t, "http://receiver.invalid/in "+testEvent, asked.Load())

	proxy.Close()
	result = send(t, newSender(t, h, Options{}))
	require.Equal(t, delivery.ReasonRefused, result.Reason)
	require.Equal(t, "unreachable: connection refused", result.Error)
}

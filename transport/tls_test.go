package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority issues certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)

	return &authority{cert: cert, key: key, pool: pool}
}

func (a *authority) issue(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			cert.IPAddresses = append(cert.IPAddresses, ip)
		} else {
			cert.DNSNames = append(cert.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, &key.PublicKey, a.key)
	require.NoError(t, err)

	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serveTLS is serve behind TLS.
func serveTLS(t testing.TB, cfg *tls.Config, handle func(*peer)) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := serveOn(t, tls.NewListener(l, cfg), handle)
	srv.url = "https://" + srv.addr

	return srv
}

// serveScheme is serve for either scheme, with the options that reach it.
func serveScheme(t testing.TB, scheme string, handle func(*peer)) (*server, Options) {
	t.Helper()
	if scheme == "http" {
		return serve(t, handle), Options{}
	}
	ca := newAuthority(t)
	cfg := &tls.Config{
		Certificates:                []tls.Certificate{ca.issue(t, "127.0.0.1")},
		DynamicRecordSizingDisabled: true, // what is written at once is one record
	}

	return serveTLS(t, cfg, handle), Options{TLS: &tls.Config{RootCAs: ca.pool}}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t), newAuthority(t)
	ours, theirs := ca.issue(t, "client"), other.issue(t, "client")
	tests := []struct {
		name   string
		server tls.Config
		cert   []string // names in the server's certificate
		client tls.Config
		ok     bool
	}{
		{name: "good", cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool}, ok: true},
		{name: "server name given", cert: []string{"interceptor.test"}, client: tls.Config{RootCAs: ca.pool, ServerName: "interceptor.test"}, ok: true},
		{name: "offers h2 too", server: tls.Config{NextProtos: []string{"h2", "http/1.1"}}, cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool, NextProtos: []string{"h2"}}, ok: true},
		{name: "wrong name", cert: []string{"other.test"}, client: tls.Config{RootCAs: ca.pool}},
		{name: "unknown authority", cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: other.pool}},
		{name: "no protocol in common", server: tls.Config{NextProtos: []string{"gopher"}}, cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool}},
		{name: "too old", server: tls.Config{MaxVersion: tls.VersionTLS12}, cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool, MinVersion: tls.VersionTLS13}},
		{name: "TLS 1.2", server: tls.Config{MaxVersion: tls.VersionTLS12}, cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool}, ok: true},
		{
			name: "client certificate", server: tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool},
			cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{ours}}, ok: true,
		},
		{
			name: "no client certificate", server: tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool, MaxVersion: tls.VersionTLS12},
			cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool},
		},
		{
			name: "wrong client certificate", server: tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool, MaxVersion: tls.VersionTLS12},
			cert: []string{"127.0.0.1"}, client: tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{theirs}},
		},
	}
	for i := range tests {
		tt := &tests[i]
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := tt.server.Clone()
			cfg.Certificates = []tls.Certificate{ca.issue(t, tt.cert...)}
			srv := serveTLS(t, cfg, func(p *peer) {
				for req, _ := p.request(); req != nil; req, _ = p.request() {
					p.send(okAnswer)
				}
			})
			tr := newTransport(t, Options{TLS: &tt.client})
			r := do(tr, newRequest(t, http.MethodPost, srv.url, "body"))
			if !tt.ok {
				var dial *DialError
				require.ErrorAs(t, r.headErr, &dial)
				require.Equal(t, DialTLS, dial.Op)

				return
			}
			require.NoError(t, r.err())
			require.NotNil(t, r.resp.TLS)
			requireGood(t, tr, srv.url)
			require.Equal(t, int64(1), srv.conns.Load())
		})
	}
}

// TestTLSClientCertificate13 is the case in which the client has finished its
// handshake when the server refuses it: TLS 1.3 without a certificate.
func TestTLSClientCertificate13(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	srv := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ca.pool, MinVersion: tls.VersionTLS13,
	}, func(p *peer) { p.request() })
	r := do(newTransport(t, Options{TLS: &tls.Config{RootCAs: ca.pool}}), newRequest(t, http.MethodPost, srv.url, "x"))
	require.Error(t, r.headErr)
}

func TestTLSHandshakeTimeout(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { _, _ = p.Read(make([]byte, 1<<16)); _, _ = p.Read(make([]byte, 1)) })
	tr := newTransport(t, Options{TLSHandshakeTimeout: 30 * time.Millisecond})
	r := do(tr, newRequest(t, http.MethodGet, "https://"+srv.addr, ""))
	var dial *DialError
	require.ErrorAs(t, r.headErr, &dial)
	require.Equal(t, DialTLS, dial.Op)
	require.True(t, dial.Timeout())
}

package webhook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority is a certificate authority for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{certificate, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// issue gives a certificate and its key as PEM.
func (a *authority) issue(t *testing.T, name string) (certificatePEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

// mutualServer is a receiver that has a certificate for inner.example and wants
// one from its clients.
func (a *authority) mutualServer(t *testing.T) string {
	t.Helper()
	certificatePEM, keyPEM := a.issue(t, "inner.example")
	pair, err := tls.X509KeyPair([]byte(certificatePEM), []byte(keyPEM))
	require.NoError(t, err)
	clients := x509.NewCertPool()
	clients.AddCert(a.certificate)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.TLS.PeerCertificates[0].Subject.CommonName))
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func tryCall(t *testing.T, settings TLS, url string) error {
	t.Helper()
	w := interceptor("n")
	w.URL, w.TLS = NewAddress(url), settings
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: compile(t, w).TLS}}
	response, err := client.Get(url)
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	return err
}

func TestTLSCalls(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	url := a.mutualServer(t)
	certificate, key := a.issue(t, "gateway")
	file := func(name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	good := TLS{CA: a.pem, ClientCertificate: certificate, ClientKey: NewSecret(key), ServerName: "inner.example"}
	require.NoError(t, tryCall(t, good, url), "inline PEM")

	files := TLS{
		CA: file("ca.pem", a.pem), ClientCertificate: file("c.pem", certificate), ClientKey: NewSecret(file("k.pem", key)),
		ServerName: "inner.example",
	}
	require.NoError(t, tryCall(t, files, url), "files")

	otherName := good
	otherName.ServerName = "other.example"
	require.ErrorContains(t, tryCall(t, otherName, url), "inner.example")

	otherCA := good
	otherCA.CA = newAuthority(t).pem
	require.ErrorContains(t, tryCall(t, otherCA, url), "unknown authority")

	require.ErrorContains(t, tryCall(t, TLS{}, url), "certificate")
	require.ErrorContains(t, tryCall(t, TLS{CA: a.pem, ServerName: "inner.example"}, url), "certificate required")
	require.NoError(t, tryCall(t, TLS{InsecureSkipVerify: true, ClientCertificate: certificate, ClientKey: NewSecret(key)}, url))
}

func TestTLSFaults(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	certificate, key := a.issue(t, "gateway")
	_, otherKey := a.issue(t, "gateway")
	const missing = "is neither PEM nor a file that can be read: no such file or directory"
	tests := []struct {
		settings TLS
		want     string
	}{
		{TLS{CA: "/nowhere/ca.pem"}, "/tls/ca: " + missing},
		{TLS{CA: "-----BEGIN CERTIFICATE-----\nx"}, "/tls/ca: holds no PEM certificate"},
		{TLS{CA: key}, "/tls/ca: holds no PEM certificate"},
		{TLS{CA: a.pem, InsecureSkipVerify: true}, "/tls/insecureSkipVerify: trusts any certificate, so ca would have no effect; leave one of them out"},
		{TLS{ClientCertificate: certificate}, "/tls/clientKey: is required with clientCertificate"},
		{TLS{ClientKey: NewSecret(key)}, "/tls/clientCertificate: is required with clientKey"},
		{TLS{ClientCertificate: "/nowhere", ClientKey: NewSecret(key)}, "/tls/clientCertificate: " + missing},
		{TLS{ClientCertificate: certificate, ClientKey: NewSecret("MIGHAgEAMBMG")}, "/tls/clientKey: " + missing},
		{TLS{ClientCertificate: certificate, ClientKey: NewSecret(otherKey)}, "/tls/clientCertificate: is not a PEM certificate and private key that belong together"},
	}
	for _, tt := range tests {
		w := interceptor("n")
		w.URL, w.TLS = NewAddress("https://hooks.example/"), tt.settings
		_, err := Compile(w, Defaults{})
		require.Equal(t, []string{tt.want}, fieldErrors(t, err))
	}

	w := interceptor("n")
	w.TLS.ServerName = "x"
	_, err := Compile(w, Defaults{})
	require.Equal(t, []string{"/tls: needs a url that begins with https://"}, fieldErrors(t, err))
}

func TestTLSLeastVersion(t *testing.T) {
	t.Parallel()
	require.Equal(t, uint16(tls.VersionTLS12), compileJSON(t, `"tls":{"serverName":"x"}`).TLS.MinVersion)
	require.Nil(t, compileJSON(t, `"tls":{}`).TLS)
}

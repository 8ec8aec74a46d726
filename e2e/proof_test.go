package e2e_test

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// openssl runs the program, which judges what the gateway has signed.
func openssl(t *testing.T, input string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	command := exec.CommandContext(context.Background(), "openssl", args...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	require.NoError(t, err, "openssl %v: %s", args, out)
	return string(out)
}

// TestOpensslVerifiesDeliveries: the asymmetric signature of Standard Webhooks and
// the token of the ZGW APIs, as they arrive at a receiver.
func TestOpensslVerifiesDeliveries(t *testing.T) {
	t.Parallel()
	seed := []byte("een zaadje van precies 32 bytes!")
	const clientSecret = "een-geheim-van-de-zaakregistratie"
	r, shelf, folder := receiving(t), newShelf(t), t.TempDir()
	start(t, globals(localStorage(t).words,
		fmt.Sprintf("webhook signed {\nurl %s/signed\nevents object.created\nsecret whsk_%s\n}\n", r.URL, base64.StdEncoding.EncodeToString(seed)),
		fmt.Sprintf("webhook zgw {\nurl %s/zgw\nevents object.created\nzgw_jwt {\nclient_id gateway\nsecret %s\n}\n}\n", r.URL, clientSecret),
	), inFrontOf(shelf)).writes(t)

	call := r.await(t, "/signed", 1)[0]
	public, err := x509.MarshalPKIXPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	require.NoError(t, err)
	write := func(name string, content []byte) string {
		file := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		return file
	}
	key := write("public.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	version, encoded, _ := strings.Cut(call.Header.Get("Webhook-Signature"), ",")
	require.Equal(t, "v1a", version)
	signature, err := base64.StdEncoding.DecodeString(encoded)
	require.NoError(t, err)
	signed := call.Header.Get("Webhook-Id") + "." + call.Header.Get("Webhook-Timestamp") + "." + call.Body
	require.Contains(t, openssl(t, "", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin",
		"-in", write("message", []byte(signed)), "-sigfile", write("signature", signature)), "Signature Verified Successfully")

	token, isBearer := strings.CutPrefix(r.await(t, "/zgw", 1)[0].Header.Get("Authorization"), "Bearer ")
	require.True(t, isBearer)
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	mac := openssl(t, parts[0]+"."+parts[1], "dgst", "-sha256", "-hmac", clientSecret)
	want, err := hex.DecodeString(strings.TrimSpace(mac[strings.LastIndex(mac, " ")+1:]))
	require.NoError(t, err)
	require.Equal(t, base64.RawURLEncoding.EncodeToString(want), parts[2])
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	require.Contains(t, string(claims), `"client_id":"gateway"`)
}

// writes makes a write that is told.
func (g *gateway) writes(t testing.TB) {
	t.Helper()
	require.Equal(t, http.StatusCreated, insist(t, http.MethodPost, g.URL+objectsOf("cats"), `{"naam":"Zoë"}`).Status)
}

// TestReceiversThatDemandACertificate get that of the webhook; without it, and
// under another authority, nothing arrives and the log says why.
func TestReceiversThatDemandACertificate(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	client := ours.issue(t, "gateway")
	arrived := make(chan string, 100)
	r := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		arrived <- req.URL.Path + " " + req.TLS.PeerCertificates[0].Subject.CommonName
		w.WriteHeader(http.StatusNoContent)
	}))
	r.TLS = &tls.Config{
		Certificates: []tls.Certificate{ours.issue(t, "127.0.0.1").Certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ours.pool, MinVersion: tls.VersionTLS12,
	}
	r.StartTLS()
	t.Cleanup(r.Close)
	hook := func(name, words string) string {
		return fmt.Sprintf("webhook %s {\nurl %s/%s\nevents object.created\nretry off\ntls {\n%s\n}\n}\n", name, r.URL, name, words)
	}
	storage := localStorage(t)
	g := start(t, globals(storage.words,
		hook("known", fmt.Sprintf("ca %s\nclient_certificate %s %s", ours.file, client.file, client.keyFile)),
		hook("anonymous", "ca "+ours.file),
		hook("stranger", fmt.Sprintf("ca %s\nclient_certificate %s %s", theirs.file, client.file, client.keyFile)),
	), inFrontOf(newShelf(t)))
	g.writes(t)
	require.Equal(t, "/known gateway", <-arrived)
	g.stop(t)
	store := storage.open(t)
	for name, reasons := range map[string][]string{
		"anonymous": {"tls", "broken"}, // a server of TLS 1.3 says no behind the handshake, and may have hung up
		"stranger":  {"tls"},
	} {
		rows := attempts(t, store, name)
		require.Len(t, rows, 1, name)
		require.Contains(t, reasons, string(rows[0].Reason), rows[0].Error)
	}
	require.Empty(t, arrived, "from nobody else")
}

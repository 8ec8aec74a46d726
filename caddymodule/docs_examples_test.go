package caddymodule

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	"github.com/stretchr/testify/require"
)

// TestTheExamplesWork loads every Caddyfile and every JSON configuration of the
// documents. An example that is a part of one is put where it belongs.
func TestTheExamplesWork(t *testing.T) {
	files, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	secrets := secretFiles(t)
	count := 0
	for _, file := range append(files, "../README.md") {
		for i, example := range examples(readText(t, file)) {
			t.Run(fmt.Sprintf("%s-%d", filepath.Base(file), i+1), func(t *testing.T) {
				for _, variable := range regexp.MustCompile(`\{env\.([A-Z0-9_]+)\}`).FindAllStringSubmatch(example.text, -1) {
					t.Setenv(variable[1], secretFor(variable[1]))
				}
				text := strings.ReplaceAll(example.text, "/run/secrets/", secrets+"/")
				switch {
				case example.language == "caddyfile":
					loadsSomewhere(t, text)
				case strings.Contains(text, `"apps"`):
					require.NoError(t, provisionConfig([]byte(text)), text)
				default:
					require.True(t, json.Valid([]byte(text)), text)
				}
			})
			count++
		}
	}
	require.Greater(t, count, 10)
}

// secretFor is a value that a variable of an example may have, by its name.
func secretFor(variable string) string {
	switch {
	case strings.HasSuffix(variable, "_SHA256"):
		return hashOf("token")
	case strings.HasSuffix(variable, "_HASH"): // bcrypt, of a password
		return "$2a$04$CSGcWrMLZjT1xR9tSGFy1OpdXn5kucU/LHLIt7DpSk0Hhoqd.7NYa"
	}
	return anySecret
}

// anySecret is fit for every signature scheme.
const anySecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

type example struct{ language, text string }

// examples gives the fenced blocks of Caddyfile and JSON, without the
// indentation of the list that they may stand in.
func examples(document string) []example {
	var found []example
	for _, block := range regexp.MustCompile("(?ms)^( *)```(caddyfile|json)\n(.*?)^ *```$").FindAllStringSubmatch(document, -1) {
		text := regexp.MustCompile("(?m)^"+block[1]).ReplaceAllString(block[3], "")
		found = append(found, example{language: block[2], text: text})
	}
	return found
}

// loadsSomewhere loads an example in one of the places where its words belong: a
// site, the global options, the block of our own, or as it is.
func loadsSomewhere(t *testing.T, text string) {
	t.Helper()
	const site = "\n:8080 {\n\tvoorpoort openregister\n\treverse_proxy localhost:9000\n}\n"
	var faults []string
	for _, place := range []string{
		":8080 {\n%s\n}\n",
		"{\n%s\n}\n" + site,
		"{\nvoorpoort {\n%s\n}\n}\n" + site,
		"%s",
	} {
		config, err := adaptText(fmt.Sprintf(place, text))
		if err == nil {
			err = provisionConfig(config)
		}
		if err == nil {
			return
		}
		faults = append(faults, err.Error())
	}
	t.Fatalf("%s\nfits nowhere:\n%s", text, strings.Join(faults, "\n"))
}

func adaptText(text string) ([]byte, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	return config, err
}

// provisionConfig does what `caddy validate` does.
func provisionConfig(config []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(config))
	decoder.DisallowUnknownFields()
	parsed := new(caddy.Config)
	if err := decoder.Decode(parsed); err != nil {
		return err
	}
	if parsed.AppsRaw["voorpoort"] == nil && !bytes.Contains(config, []byte(`"handler":`)) {
		return fmt.Errorf("nothing in it")
	}
	return caddy.Validate(parsed)
}

// secretFiles makes the files that the examples have below /run/secrets.
func secretFiles(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "example"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certificatePEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	for name, content := range map[string][]byte{
		"ca.pem": certificatePEM, "client.pem": certificatePEM,
		"client.key":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		"kadaster-new": []byte(anySecret), "kadaster-old": []byte(anySecret),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	return folder
}

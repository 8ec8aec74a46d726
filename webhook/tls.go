package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
)

// maxPEM keeps a path such as /dev/zero from filling the memory.
const maxPEM = 4 << 20

var (
	errNoCertificates = errors.New("holds no PEM certificate")
	errKeyPair        = errors.New("is not a PEM certificate and private key that belong together")
)

// compileTLS reads the files and gives what the client needs, nil for nothing
// out of the ordinary. The least version is TLS 1.2.
func compileTLS(t TLS, target *url.URL, f *faults) *tls.Config {
	if t == (TLS{}) {
		return nil
	}
	if target != nil && target.Scheme != "https" {
		f.add("/tls", "needs a url that begins with https://")
	}
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         t.ServerName,
		InsecureSkipVerify: t.InsecureSkipVerify, //nolint:gosec // only when the operator names it
	}
	if t.CA != "" {
		if t.InsecureSkipVerify {
			f.add("/tls/insecureSkipVerify", "trusts any certificate, so ca would have no effect; leave one of them out")
		}
		config.RootCAs = readPool(t.CA, f)
	}
	config.Certificates = readKeyPair(t, f)
	return config
}

func readPool(source string, f *faults) *x509.CertPool {
	pem, err := readPEM(source)
	pool := x509.NewCertPool()
	if err == nil && !pool.AppendCertsFromPEM(pem) {
		err = errNoCertificates
	}
	if err != nil {
		f.add("/tls/ca", "%v", err)
	}
	return pool
}

func readKeyPair(t TLS, f *faults) []tls.Certificate {
	key := t.ClientKey.Reveal()
	switch {
	case t.ClientCertificate == "" && key == "":
		return nil
	case key == "":
		f.add("/tls/clientKey", "is required with clientCertificate")
		return nil
	case t.ClientCertificate == "":
		f.add("/tls/clientCertificate", "is required with clientKey")
		return nil
	}
	certificatePEM, err := readPEM(t.ClientCertificate)
	if err != nil {
		f.add("/tls/clientCertificate", "%v", err)
		return nil
	}
	keyPEM, err := readPEM(key)
	if err != nil {
		f.add("/tls/clientKey", "%v", err)
		return nil
	}
	pair, err := tls.X509KeyPair(certificatePEM, keyPEM)
	if err != nil {
		f.add("/tls/clientCertificate", "%v", errKeyPair)
		return nil
	}
	return []tls.Certificate{pair}
}

// readPEM gives the text itself when it is PEM, else the file it names. The
// error does not repeat the text: it might be a key that lost its first line.
func readPEM(source string) ([]byte, error) {
	if isPEM(source) {
		return []byte(source), nil
	}
	content, err := readFile(source)
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, &fileError{pathError.Err}
	}
	return content, err
}

func isPEM(source string) bool { return strings.Contains(source, "-----BEGIN ") }

// Files gives the members that name a file instead of holding PEM.
func (t TLS) Files() []string {
	var names []string
	for _, member := range []struct{ name, text string }{
		{"ca", t.CA}, {"clientCertificate", t.ClientCertificate}, {"clientKey", t.ClientKey.Reveal()},
	} {
		if member.text != "" && !isPEM(member.text) {
			names = append(names, member.name)
		}
	}
	return names
}

// readFile reads a file up to a size that no certificate reaches.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxPEM))
}

// fileError is a file that cannot be read, without its name.
type fileError struct{ cause error }

func (e *fileError) Error() string {
	return "is neither PEM nor a file that can be read: " + e.cause.Error()
}
func (e *fileError) Unwrap() error { return e.cause }

package caddymodule

import (
	"net"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	"github.com/stretchr/testify/require"
)

func TestAnUpstreamIsAddressedByItsHostAndPort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		upstream

		host string // the Host field towards it
	}{
		"localhost:9000":               {upstream{"http", "localhost:9000"}, "localhost:9000"},
		"localhost":                    {upstream{"http", "localhost:80"}, "localhost"},
		":9000":                        {upstream{"http", "localhost:9000"}, "localhost:9000"},
		":80":                          {upstream{"http", "localhost:80"}, "localhost"},
		"https://:443":                 {upstream{"https", "localhost:443"}, "localhost"},
		"localhost:":                   {upstream{"http", "localhost:80"}, "localhost"},
		"[::1]:9000":                   {upstream{"http", "[::1]:9000"}, "[::1]:9000"},
		"[::1]":                        {upstream{"http", "[::1]:80"}, "[::1]"},
		"[fe80::1%eth0]:80":            {upstream{"http", "[fe80::1%eth0]:80"}, "[fe80::1%eth0]"},
		"10.0.0.1":                     {upstream{"http", "10.0.0.1:80"}, "10.0.0.1"},
		"http://localhost":             {upstream{"http", "localhost:80"}, "localhost"},
		"http://localhost:443":         {upstream{"http", "localhost:443"}, "localhost:443"},
		"https://register.example":     {upstream{"https", "register.example:443"}, "register.example"},
		"https://register.example:443": {upstream{"https", "register.example:443"}, "register.example"},
		"https://register.example:80":  {upstream{"https", "register.example:80"}, "register.example:80"},
		"https://[2001:db8::1]":        {upstream{"https", "[2001:db8::1]:443"}, "[2001:db8::1]"},
	} {
		to, err := parseUpstream(text)
		require.NoError(t, err, text)
		p := &Proxy{to: to}
		require.NoError(t, p.agree(), text)
		require.Equal(t, want.upstream, p.to, text)
		require.Equal(t, want.host, p.to.host(), text)
		require.Equal(t, want.scheme == "https", p.Transport.TLSEnabled(), text)
	}
}

func TestOptionsOfTLSMakeAnUpstreamHTTPS(t *testing.T) {
	t.Parallel()
	p := &Proxy{to: upstream{address: "register.example"}}
	require.NoError(t, p.Transport.EnableTLS(new(reverseproxy.TLSConfig)))
	require.NoError(t, p.agree())
	require.Equal(t, upstream{"https", "register.example:443"}, p.to)
	p.to.scheme = "http"
	require.ErrorContains(t, p.agree(), "write https://")
}

func TestAnUpstreamThatNobodyCouldReachIsRefused(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"":                      "an upstream is missing",
		":":                     "is no address",
		"http://":               "is no address",
		"unix//run/r.sock":      "transport voorpoort takes sockets",
		"h2c://localhost":       `scheme "h2c"`,
		"localhost:0":           "1 to 65535",
		"localhost:http":        "1 to 65535",
		"localhost:1-3":         "1 to 65535",
		"localhost:+80":         "1 to 65535",
		"localhost:65536":       "1 to 65535",
		"::1:9000x":             "in brackets",
		"localhost/api":         "is no address",
		"a%20b:80":              "is no address",
		"café.example":          "is no address",
		"[fe80::1%/]:80":        "is no address",
		"localhost:9000/api":    "1 to 65535",
		"http://localhost/":     "may only have a scheme, a host and a port",
		"http://localhost?a":    "may only have a scheme, a host and a port",
		"http://localhost#a":    "may only have a scheme, a host and a port",
		"https://a:geheim@b":    "has a user in it",
		"https://a:geheim@b:x/": "is no URL",
	} {
		_, err := parseUpstream(text)
		require.ErrorContains(t, err, why, "%q", text)
		require.NotContains(t, err.Error(), "geheim")
	}
}

func FuzzParseUpstream(f *testing.F) {
	for _, text := range []string{"localhost:9000", "https://[::1]:8443", "http://a:b@c", "[::1]", "unix//x", ":", ":80", "a b:1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		to, err := parseUpstream(text)
		if err != nil {
			return
		}
		p := &Proxy{to: to}
		require.NoError(t, p.agree())
		require.Contains(t, []string{"http", "https"}, p.to.scheme)
		require.NotEmpty(t, p.to.host())
		host, port, err := net.SplitHostPort(p.to.address)
		require.NoError(t, err)
		require.NotEmpty(t, host)
		require.NotEmpty(t, port)
		require.True(t, isHostName(host) || isIPAddress(host), "%q", host)
	})
}

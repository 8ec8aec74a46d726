package webhook

import (
	"net/url"
	"strconv"
	"strings"
)

// parseURL checks where a webhook is. A fault never repeats the URL, because
// what is wrong with it may be a password.
func parseURL(address Address, pointer string, f *faults) *url.URL {
	text := address.Reveal()
	switch {
	case text == "":
		f.add(pointer, "is required")
		return nil
	case len(text) > maxURL:
		f.add(pointer, "is longer than %d bytes", maxURL)
		return nil
	}
	parsed := parseHTTP(text, pointer, f)
	if parsed == nil {
		return nil
	}
	if parsed.User != nil {
		f.add(pointer, "must not hold a user name or password; use a header such as Authorization")
	}
	if strings.Contains(text, "#") {
		f.add(pointer, "must not have a fragment (#...); it is never sent")
	}
	return parsed
}

// parseProxy checks a proxy's URL, which may hold credentials. nil means none.
func parseProxy(address Address, f *faults) *url.URL {
	text := address.Reveal()
	if text == "" {
		return nil
	}
	parsed := parseHTTP(text, "/proxy", f)
	if parsed != nil && (strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || strings.Contains(text, "#")) {
		f.add("/proxy", "must be scheme, host and port only, such as http://proxy.example:3128")
	}
	return parsed
}

// parseHTTP checks what both kinds have in common: absolute, http or https,
// a host, a port that exists.
func parseHTTP(text, pointer string, f *faults) *url.URL {
	parsed, err := url.Parse(text)
	if err != nil {
		f.add(pointer, "is not a valid URL")
		return nil
	}
	if scheme := parsed.Scheme; scheme != "http" && scheme != "https" {
		f.add(pointer, "must be an absolute URL that begins with http:// or https://")
		return nil
	}
	if parsed.Hostname() == "" || parsed.Opaque != "" {
		f.add(pointer, "has no host")
		return nil
	}
	if port := parsed.Port(); port != "" || strings.HasSuffix(parsed.Host, ":") {
		if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
			f.add(pointer, "has a port that is not from 1 to 65535")
			return nil
		}
	}
	return parsed
}

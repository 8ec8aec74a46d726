package main

import (
	"fmt"
	"slices"
)

// mode is how a receiver behaves.
type mode string

// The modes. In all but well a receiver takes nothing and writes nothing down.
const (
	well    mode = "well"    // writes the event down, then answers 204
	refuse  mode = "refuse"  // nobody listens
	hang    mode = "hang"    // takes the request and does not answer
	garbage mode = "garbage" // answers what is no HTTP
	broken  mode = "500"     // answers 500
)

var badModes = []mode{refuse, hang, garbage, broken}

func parseMode(text string) (mode, error) {
	m := mode(text)
	if m != well && !slices.Contains(badModes, m) {
		return "", fmt.Errorf("no receiver has a mode %q", text)
	}
	return m, nil
}

// rubbish are answers that are no HTTP. None of them says 2xx: a receiver that
// says so has taken the event.
var rubbish = []string{
	"",
	"\x00\x01\x02\x03",
	"HTTP/1.1 banana\r\n\r\n",
	"HTTP/9.9 000 \r\n\r\n",
	"SSH-2.0-OpenSSH_9.2\r\n",
	"HTTP/1.1 500 Oops\r\nContent-Length: -7\r\n\r\n",
	"HTTP/1.1 500 Oops\r\nContent-Length: 99\r\n\r\nshort",
}

package caddymodule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/voorpoort/voorpoort/request"
)

// relaxations are the words of relax_path.
var relaxations = map[string]func(*request.Relax) *bool{
	"encoded_slash":      func(r *request.Relax) *bool { return &r.EncodedSlash },
	"backslash":          func(r *request.Relax) *bool { return &r.Backslash },
	"dot_segments":       func(r *request.Relax) *bool { return &r.DotSegments },
	"empty_segments":     func(r *request.Relax) *bool { return &r.EmptySegments },
	"path_parameters":    func(r *request.Relax) *bool { return &r.PathParameters },
	"encoded_delimiters": func(r *request.Relax) *bool { return &r.EncodedDelimiters },
	"control_characters": func(r *request.Relax) *bool { return &r.ControlCharacters },
	"double_encoding":    func(r *request.Relax) *bool { return &r.DoubleEncoding },
	"look_alikes":        func(r *request.Relax) *bool { return &r.LookAlikes },
}

// parseRelax reads relax_path.
func parseRelax(words []string) (request.Relax, error) {
	var relax request.Relax
	for _, word := range words {
		field, ok := relaxations[word]
		if !ok {
			known := make([]string, 0, len(relaxations))
			for name := range relaxations {
				known = append(known, name)
			}
			slices.Sort(known)
			return relax, fmt.Errorf("relax_path %q is not known; it is one of: %s", word, strings.Join(known, ", "))
		}
		*field(&relax) = true
	}
	return relax, nil
}

// maxBudget keeps a request that waits for webhooks below the minute after
// which servers and clients give up on it.
const maxBudget = 55 * time.Second

// checkRequestLimits checks what both the app and a handler can set.
func checkRequestLimits(budget caddy.Duration, maxBody, maxBuffered int64) error {
	switch {
	case budget <= 0 || time.Duration(budget) > maxBudget:
		return fmt.Errorf("budget %s is not between 1ns and %s", time.Duration(budget), maxBudget)
	case maxBody < 0:
		return fmt.Errorf("max_body %d is negative; give a number of bytes", maxBody)
	case maxBuffered > 0 && maxBuffered < maxBody:
		return fmt.Errorf("max_buffered %d is below max_body %d: a request of that size could never be read", maxBuffered, maxBody)
	}
	return nil
}

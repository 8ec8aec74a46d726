package redis

import (
	"context"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// usage is what a server has done since it was started.
type usage struct {
	cpu      float64 // seconds
	commands float64 // also those that scripts call
}

var (
	cpuLines     = regexp.MustCompile(`used_cpu_(?:sys|user):([0-9.]+)`)
	commandCalls = regexp.MustCompile(`cmdstat_[^:]+:calls=([0-9]+)`)
)

func (s *server) usage() (u usage) {
	s.t.Helper()
	c := s.client()
	defer c.Close()
	for section, sum := range map[string]struct {
		of   *regexp.Regexp
		into *float64
	}{"cpu": {cpuLines, &u.cpu}, "commandstats": {commandCalls, &u.commands}} {
		info, err := c.Info(context.Background(), section).Result()
		require.NoError(s.t, err)
		for _, m := range sum.of.FindAllStringSubmatch(info, -1) {
			n, err := strconv.ParseFloat(m[1], 64)
			require.NoError(s.t, err)
			*sum.into += n
		}
	}
	return u
}

// measure has the benchmark tell what the server did from now to its end, for
// an event.
func (s *server) measure(b *testing.B) {
	b.Helper()
	before := s.usage()
	b.Cleanup(func() {
		after := s.usage()
		b.ReportMetric((after.cpu-before.cpu)*1e9/float64(b.N), "server-ns/event")
		b.ReportMetric((after.commands-before.commands)/float64(b.N), "commands/event")
	})
}

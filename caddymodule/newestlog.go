package caddymodule

import (
	"slices"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newestLog is where the lines of a queue go: to the log of the newest
// configuration that uses it. A queue outlives configurations, and Caddy closes
// the log of one that is gone.
type newestLog struct {
	core *atomic.Pointer[zapcore.Core]
	with []zapcore.Field
}

// newNewestLog begins with the log of the first configuration.
func newNewestLog(first *zap.Logger) newestLog {
	l := newestLog{core: new(atomic.Pointer[zapcore.Core])}
	l.follow(first)
	return l
}

// follow makes a configuration's log the one that is written to.
func (l newestLog) follow(logger *zap.Logger) {
	core := logger.Core()
	l.core.Store(&core)
}

// logger has the name and the options of another.
func (l newestLog) logger(like *zap.Logger) *zap.Logger {
	return like.WithOptions(zap.WrapCore(func(zapcore.Core) zapcore.Core { return l }))
}

func (l newestLog) now() zapcore.Core {
	core := *l.core.Load()
	if len(l.with) > 0 {
		core = core.With(l.with)
	}
	return core
}

// Enabled implements [zapcore.Core].
func (l newestLog) Enabled(level zapcore.Level) bool { return l.now().Enabled(level) }

// With implements [zapcore.Core].
func (l newestLog) With(fields []zapcore.Field) zapcore.Core {
	return newestLog{core: l.core, with: append(slices.Clip(l.with), fields...)}
}

// Check implements [zapcore.Core].
func (l newestLog) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return l.now().Check(entry, checked)
}

// Write implements [zapcore.Core].
func (l newestLog) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	return l.now().Write(entry, fields)
}

// Sync implements [zapcore.Core].
func (l newestLog) Sync() error { return l.now().Sync() }

// Interface guard.
var _ zapcore.Core = newestLog{}

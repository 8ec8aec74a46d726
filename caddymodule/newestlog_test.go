package caddymodule

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	zaplog "go.uber.org/zap/zaptest/observer"
)

func TestTheNewestLogIsWrittenTo(t *testing.T) {
	t.Parallel()
	first, firstLines := zaplog.New(zap.ErrorLevel)
	second, secondLines := zaplog.New(zap.DebugLevel)
	log := newNewestLog(zap.New(first))
	logger := log.logger(zap.New(first).Named("voorpoort"))
	child := logger.With(zap.String("path", "/s"))
	logger.Warn("not at this level")
	child.Error("one")
	log.follow(zap.New(second))
	logger.Debug("two")
	child.Info("three")
	require.NoError(t, logger.Sync())
	require.Equal(t, 1, firstLines.Len())
	require.Equal(t, 2, secondLines.Len())
	require.Equal(t, "voorpoort", secondLines.All()[0].LoggerName)
	require.Equal(t, map[string]any{"path": "/s"}, secondLines.All()[1].ContextMap())
}

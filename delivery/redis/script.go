package redis

import (
	"context"
	"crypto/sha1" //nolint:gosec // Redis names scripts by it
	_ "embed"
	"encoding/hex"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// script is one atomic step on the server.
type script struct {
	name   string
	source string
	sha    string
	writes bool
}

//go:embed scripts/prelude.lua
var prelude string

//go:embed scripts/entries.lua
var entries string

//go:embed scripts/journal.lua
var journalSource string

//go:embed scripts/lease.lua
var leaseSource string

//go:embed scripts/extend.lua
var extendSource string

//go:embed scripts/finish.lua
var finishSource string

//go:embed scripts/replay.lua
var replaySource string

//go:embed scripts/settle.lua
var settleSource string

//go:embed scripts/message.lua
var messageSource string

//go:embed scripts/messages.lua
var messagesSource string

//go:embed scripts/places.lua
var placesSource string

//go:embed scripts/deliveries.lua
var deliveriesSource string

//go:embed scripts/attempts.lua
var attemptsSource string

//go:embed scripts/document.lua
var documentSource string

//go:embed scripts/documents.lua
var documentsSource string

//go:embed scripts/holds.lua
var holdsSource string

//go:embed scripts/orphans.lua
var orphansSource string

//go:embed scripts/disclaim.lua
var disclaimSource string

//go:embed scripts/beat.lua
var beatSource string

//go:embed scripts/lanes.lua
var lanesSource string

//go:embed scripts/purge.lua
var purgeSource string

var (
	journalScript    = write("write", entries+journalSource)
	leaseScript      = read("lease", leaseSource) // a lost lease costs a repetition, not an event
	extendScript     = read("extend", extendSource)
	finishScript     = write("finish", finishSource)
	replayScript     = write("replay", entries+replaySource)
	settleScript     = write("settle", settleSource)
	messageScript    = read("message", entries+messageSource)
	messagesScript   = read("messages", entries+messagesSource)
	placesScript     = read("places", placesSource)
	deliveriesScript = read("deliveries", deliveriesSource)
	attemptsScript   = read("attempts", attemptsSource)
	documentScript   = write("document", documentSource)
	documentsScript  = read("documents", documentsSource)
	holdsScript      = read("holds", holdsSource)
	orphansScript    = write("orphans", orphansSource)
	disclaimScript   = write("disclaim", disclaimSource)
	beatScript       = read("heartbeat", beatSource)
	lanesScript      = read("lanes", lanesSource)
	purgeScript      = read("purge", entries+purgeSource)
)

func read(name, source string) *script {
	source = prelude + source
	sum := sha1.Sum([]byte(source)) //nolint:gosec // Redis names scripts by it
	return &script{name: name, source: source, sha: hex.EncodeToString(sum[:])}
}

// write is a script whose effect is to be on replicas, if any are waited for.
func write(name, source string) *script {
	s := read(name, source)
	s.writes = true
	return s
}

var scripts = []*script{
	journalScript, leaseScript, extendScript, finishScript, replayScript, settleScript, messageScript,
	messagesScript, placesScript, deliveriesScript, attemptsScript, documentScript, documentsScript,
	holdsScript, orphansScript, disclaimScript, beatScript, lanesScript, purgeScript,
}

// load gives the server the scripts. One that it forgets is loaded again by the
// next call that needs it.
func (s *Store) load(ctx context.Context) error {
	return s.ask(ctx, "load scripts", func(ctx context.Context) error {
		client, err := s.writer(ctx)
		if err != nil {
			return err
		}
		_, err = client.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for _, sc := range scripts {
				p.ScriptLoad(ctx, sc.source)
			}
			return nil
		})
		return err
	})
}

// arguments gives a script's arguments, with room for n more than the time.
func (s *Store) arguments(n int) []any {
	return append(make([]any, 0, n+1), s.clock.server(time.Now()))
}

// once runs a script. Its first argument, the time, is set here. The answer is
// an array whose first element is the server's time.
func (s *Store) once(ctx context.Context, sc *script, args []any) ([]any, error) {
	sent := time.Now()
	args[0] = s.clock.server(sent)
	var cmd *goredis.Cmd
	if s.config.Wait > 0 && sc.writes {
		cmd = s.waitFor(ctx, sc, args)
	} else {
		cmd = s.client.EvalSha(ctx, sc.sha, s.keys, args...)
		if lacks(cmd) {
			cmd = s.client.Eval(ctx, sc.source, s.keys, args...)
		}
	}
	return s.answer(cmd, sent)
}

// lacks tells that the server does not know the script: it was restarted, or
// its scripts were flushed. Nothing has happened then.
func lacks(cmd *goredis.Cmd) bool {
	return cmd.Err() != nil && goredis.HasErrorPrefix(cmd.Err(), "NOSCRIPT")
}

func (s *Store) answer(cmd *goredis.Cmd, sent time.Time) ([]any, error) {
	answer, err := cmd.Slice()
	if err != nil {
		return nil, err
	}
	if len(answer) == 0 {
		return nil, errAnswer
	}
	s.clock.learn(sent, time.Now(), number(answer[0]))
	return answer, nil
}

// shortError says that fewer replicas than wanted have a write.
type shortError struct{ have, want int64 }

func (e *shortError) Error() string {
	return fmt.Sprintf("%d of the %d replicas to wait for have the write", e.have, e.want)
}

// waitFor runs a script and waits for replicas on the same connection: WAIT is
// about the writes of its connection.
func (s *Store) waitFor(ctx context.Context, sc *script, args []any) *goredis.Cmd {
	client, err := s.writer(ctx)
	if err != nil {
		return goredis.NewCmdResult(nil, err)
	}
	cmd, replicas := s.evalWait(ctx, client, func(p goredis.Pipeliner) *goredis.Cmd {
		return p.EvalSha(ctx, sc.sha, s.keys, args...)
	})
	if lacks(cmd) {
		cmd, replicas = s.evalWait(ctx, client, func(p goredis.Pipeliner) *goredis.Cmd {
			return p.Eval(ctx, sc.source, s.keys, args...)
		})
	}
	switch {
	case cmd.Err() != nil:
		return cmd
	case replicas.Err() != nil:
		return goredis.NewCmdResult(nil, replicas.Err())
	case replicas.Val() < int64(s.config.Wait):
		return goredis.NewCmdResult(nil, &shortError{have: replicas.Val(), want: int64(s.config.Wait)})
	}
	return cmd
}

func (s *Store) evalWait(ctx context.Context, c goredis.UniversalClient, eval func(goredis.Pipeliner) *goredis.Cmd) (*goredis.Cmd, *goredis.IntCmd) {
	var cmd *goredis.Cmd
	var replicas *goredis.IntCmd
	_, _ = c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		cmd = eval(p)
		replicas = goredis.NewIntCmd(ctx, "wait", s.config.Wait, s.config.waitTimeout().Milliseconds())
		return p.Process(ctx, replicas)
	})
	return cmd, replicas
}

// writer is the client of the server that has our slot.
func (s *Store) writer(ctx context.Context) (goredis.UniversalClient, error) {
	if c, ok := s.client.(*goredis.ClusterClient); ok {
		c.ReloadState(ctx)
		return c.MasterForKey(ctx, s.keys[0])
	}
	return s.client, nil
}

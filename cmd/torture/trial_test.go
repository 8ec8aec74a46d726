package main

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTrialOfGateways(t *testing.T) {
	t.Parallel()
	cases := []struct {
		kind string
		play func(ctx context.Context, a *arena) error
		want func(t *testing.T, r result)
	}{
		{patient, mild, func(t *testing.T, r result) {
			t.Helper()
			require.True(t, r.ok(), reportOf(r))
			require.Positive(t, r.tally.Accepted)
			require.Equal(t, 2*r.tally.Accepted, r.tally.Delivered)
		}},
		{forgetful, killGateway, func(t *testing.T, r result) {
			t.Helper()
			require.False(t, r.ok())
			require.Positive(t, r.tally.Lost, "what it had in memory is gone")
			require.Contains(t, reportOf(r), "lost: write")
		}},
		{liar, still, func(t *testing.T, r result) {
			t.Helper()
			require.False(t, r.ok())
			require.Positive(t, r.tally.False)
			require.Zero(t, r.tally.Lost)
		}},
		{hasty, still, func(t *testing.T, r result) {
			t.Helper()
			require.False(t, r.ok())
			require.Positive(t, r.tally.False, "it told of writes that the register refused")
		}},
		{twice, mild, func(t *testing.T, r result) {
			t.Helper()
			require.True(t, r.ok(), reportOf(r))
			require.GreaterOrEqual(t, r.tally.Duplicated, r.tally.Delivered)
			require.Zero(t, r.tally.Renamed)
		}},
		{panicky, mild, func(t *testing.T, r result) {
			t.Helper()
			require.False(t, r.ok())
			require.Contains(t, reportOf(r), `printed "panic:"`)
		}},
	}
	for _, tc := range cases {
		t.Run(tc.kind, func(t *testing.T) {
			t.Parallel()
			s := fakeStage(t, tc.kind)
			set := quick
			set.Rate = 60
			if tc.kind == liar || tc.kind == hasty {
				set.Rate = 200 // so that there are some
			}
			r := s.try(t.Context(), scenario{Name: "of a " + tc.kind, Store: embedded, Gateways: 1, Hooks: 2, Play: tc.play}, set)
			tc.want(t, r)
		})
	}
}

func TestTrialSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	s := fakeStage(t, patient)
	broken := errors.New("the play broke off")
	r := s.try(t.Context(), scenario{Name: "broken", Store: embedded, Gateways: 1, Hooks: 1, Play: func(ctx context.Context, _ *arena) error {
		return errors.Join(broken, rest(ctx, 100*time.Millisecond))
	}}, quick)
	require.False(t, r.ok())
	require.Contains(t, reportOf(r), broken.Error())
	require.Contains(t, reportOf(r), "nothing was done to the gateway")
	require.Equal(t, r.tally.Accepted, r.tally.Delivered, "what had happened is audited")

	r = s.try(t.Context(), scenario{Name: "skipped", Skip: func(*stage) string { return "no reason" }}, quick)
	require.True(t, r.ok())
	require.Contains(t, reportOf(r), "skipped: no reason")

	s.gateway = filepath.Join(s.dir, "absent")
	r = s.try(t.Context(), scenario{Name: "no gateway", Store: embedded, Gateways: 1, Hooks: 1}, quick)
	require.False(t, r.ok())
	require.Contains(t, reportOf(r), "no such file")
}

func TestTrialHealsAfterAPlayThatBrokeOff(t *testing.T) {
	t.Parallel()
	if reason := needsRedis(nil); reason != "" {
		t.Skip(reason)
	}
	for name, harm := range map[string]func(ctx context.Context, a *arena) error{
		"dead": func(_ context.Context, a *arena) error { a.redis.kill(); return a.gateways[0].kill() },
		"asleep": func(ctx context.Context, a *arena) error {
			return errors.Join(a.redis.process.Freeze(), a.behave(ctx, "r1", refuse))
		},
		"full": func(ctx context.Context, a *arena) error { return a.redis.set(ctx, redisFaults[0].Make) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fakeStage(t, patient)
			s.letters = func(ctx context.Context, a *arena) ([]letter, error) {
				return nil, a.redis.command(ctx, "SET", "x", "1")
			}
			broken := errors.New("it broke off")
			r := s.try(t.Context(), scenario{Name: name, Store: shared, Gateways: 1, Hooks: 1, Play: func(ctx context.Context, a *arena) error {
				a.faults++
				return errors.Join(rest(ctx, 200*time.Millisecond), harm(ctx, a), broken)
			}}, quick)
			require.Equal(t, []string{broken.Error()}, r.failed)
		})
	}
}

func TestTrialWithALetterThatExcuses(t *testing.T) {
	t.Parallel()
	s := fakeStage(t, forgetful)
	s.letters = func(_ context.Context, a *arena) ([]letter, error) {
		done, _, err := readRecord[accepted](a.files.register)
		letters := make([]letter, 0, len(done))
		for _, d := range done {
			n := noticeOf(d)
			n.Outcome = "unknown"
			letters = append(letters, letter{Hook: "r1", notice: n})
		}
		return letters, err
	}
	r := s.try(t.Context(), scenario{Name: "excused", Store: embedded, Gateways: 1, Hooks: 1, Play: killGateway}, quick)
	require.True(t, r.ok(), reportOf(r))
	require.Positive(t, r.tally.Unknown)

	s.letters = func(context.Context, *arena) ([]letter, error) { return nil, errRecord }
	r = s.try(t.Context(), scenario{Name: "unreadable", Store: embedded, Gateways: 1, Hooks: 1, Play: mild}, quick)
	require.False(t, r.ok(), "without the store's word there is no verdict")
}

func TestFolderOf(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		require.Regexp(t, `^[a-z0-9-]+$`, folderOf(sc.Name))
	}
	require.Equal(t, "a-b-9-c", folderOf("A:b 9/c"))
}

func TestStageRunsScenariosSideBySide(t *testing.T) {
	t.Parallel()
	s := fakeStage(t, patient)
	skip := func(*stage) string { return "it is absent" }
	three := []scenario{
		{Name: "a", Store: embedded, Gateways: 1, Hooks: 1, Play: still},
		{Name: "b", Skip: skip},
		{Name: "c", Store: embedded, Gateways: 1, Hooks: 1, Play: still},
	}
	results := s.run(t.Context(), three, quick)
	require.True(t, sound(results), reportOf(results...))
	for i, r := range results {
		require.Equal(t, three[i].Name, r.scenario.Name, "in the order of the scenarios")
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.False(t, sound(s.run(ctx, three, quick)))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// result is what a scenario came to.
type result struct {
	scenario scenario
	skipped  string // why it did not run
	writes   uint64 // that clients began
	faults   int
	tally    tally
	notes    []string
	failed   []string // what went wrong that is not in the tally
	took     time.Duration
}

// ok tells whether nothing speaks against the gateway.
func (r *result) ok() bool { return !r.tally.failed() && len(r.failed) == 0 }

// try runs one scenario.
func (s *stage) try(ctx context.Context, sc scenario, set settings) result {
	r := result{scenario: sc}
	if sc.Skip != nil {
		if r.skipped = sc.Skip(s); r.skipped != "" {
			return r
		}
	}
	started := time.Now()
	a := &arena{
		files: pathsIn(filepath.Join(s.dir, folderOf(sc.Name))), set: set, scenario: sc,
		chance: chanceOf(set.Seed, sc.Name),
	}
	if err := a.play(ctx, s, &r); err != nil {
		a.fail("%v", err)
	}
	a.close()
	r.faults, r.notes, r.failed = a.faults, a.notes, a.failed
	r.took = time.Since(started)
	return r
}

// folderOf is a scenario's name as the name of a folder.
func folderOf(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, strings.ToLower(name))
}

// play runs the scenario, waits, stops the gateways, and lets the auditor look.
func (a *arena) play(ctx context.Context, s *stage, r *result) error {
	if err := a.open(ctx, s); err != nil {
		return err
	}
	if err := a.load(ctx); err != nil {
		return err
	}
	played := a.scenario.Play(ctx, a)
	a.halt()
	r.writes = a.writer.sent()
	if played != nil {
		a.fail("%v", played) // what has happened until then is audited all the same
		a.heal(ctx)
	}
	if err := a.drain(ctx); err != nil {
		return err
	}
	for _, g := range a.gateways {
		if err := g.stop(); err != nil {
			a.fail("%v", err)
		}
		if text := g.trouble(); text != "" {
			a.fail("%s printed %q", g.name, text)
		}
	}
	b, err := a.books(ctx, s)
	if err != nil {
		return err
	}
	r.tally = audit(b)
	a.remark(b, &r.tally)
	return nil
}

// heal makes the world well again after a play that broke off.
func (a *arena) heal(ctx context.Context) {
	errs := []error{a.behave(ctx, "", well)}
	if a.redis != nil && a.redis.process.Alive() {
		errs = append(errs, a.redis.process.Thaw())
		for _, fault := range redisFaults {
			errs = append(errs, a.redis.set(ctx, fault.End))
		}
	} else if a.redis != nil {
		errs = append(errs, a.redis.start(ctx))
	}
	if a.disk != nil {
		errs = append(errs, a.disk.free())
	}
	for _, g := range a.gateways {
		if !g.process.Alive() {
			errs = append(errs, g.start(ctx))
		}
	}
	if err := errors.Join(errs...); err != nil {
		a.fail("%v", err)
	}
}

// drain waits for the deliveries that are owed.
func (a *arena) drain(ctx context.Context) error {
	began := time.Now()
	w := newWaiter(a.files, a.hooks())
	open, err := w.wait(ctx, a.set.Patience+a.scenario.Patience, a.scenario.doubtWait())
	if err != nil {
		return err
	}
	a.note("%d open after %s", open, time.Since(began).Round(time.Second))
	return nil
}

func (a *arena) hooks() []string {
	names := make([]string, len(a.endpoints))
	for i := range names {
		names[i] = hookName(i)
	}
	return names
}

// books reads all records from their beginning, and what the stores hold.
func (a *arena) books(ctx context.Context, s *stage) (b books, err error) {
	b.Hooks = a.hooks()
	var torn [3]bool
	if b.Register, torn[0], err = readRecord[accepted](a.files.register); err != nil {
		return b, fmt.Errorf("the register: %w", err)
	}
	if b.Receivers, torn[1], err = readRecord[received](a.files.receivers); err != nil {
		return b, fmt.Errorf("the receivers: %w", err)
	}
	if b.Clients, torn[2], err = readRecord[told](a.files.clients); err != nil {
		return b, fmt.Errorf("the clients: %w", err)
	}
	if torn != [3]bool{} {
		return b, fmt.Errorf("%w: nobody was killed, and there is a torn tail", errRecord)
	}
	b.Letters, err = s.letters(ctx, a)
	return b, err
}

// remark notes what the table has no column for.
func (a *arena) remark(b books, t *tally) {
	if a.scenario.Judge != nil {
		a.scenario.Judge(a, b)
	}
	if len(b.Register) == 0 {
		a.fail("the register accepted nothing: this run shows nothing")
	}
	if a.faults == 0 {
		a.fail("nothing was done to the gateway: this run shows nothing")
	}
	if answers := b.answers(); len(answers) > 0 {
		a.note("clients' p99 %s", p99(answers).Round(100*time.Microsecond))
	}
	turnedAway, unanswered := b.refused()
	for _, more := range []struct {
		count int
		text  string
	}{
		{t.Renamed, "duplicates under another id"},
		{turnedAway, "writes turned away"},
		{unanswered, "without a whole answer"},
		{t.Nameless, "dead letters that do not say which write they are about"},
		{t.Moot, "doubts about writes that did not happen"},
		{t.Misled, "clients told of a failure although the write was done"},
		{t.Pending, "still pending"},
	} {
		if more.count > 0 {
			a.note("%d %s", more.count, more.text)
		}
	}
}

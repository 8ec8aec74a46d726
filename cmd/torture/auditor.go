package main

import (
	"fmt"
	"slices"
	"time"
)

// books are what the auditor compares. Nothing in them is the gateway's word but
// the letters, which can excuse a delivery that is missing and never add one.
type books struct {
	Hooks     []string   // each is owed every accepted write
	Register  []accepted // what was done
	Receivers []received // what arrived
	Clients   []told     // what was promised
	Letters   []letter   // what is left in the gateways' stores, read after they have stopped
}

// letter is a delivery that a store still holds.
type letter struct {
	Hook    string
	Pending bool          // it would still be attempted; else it is a dead letter
	Held    bool          // nobody has settled yet whether the write happened
	Due     time.Duration // of a pending one: from when the store was read to its next attempt
	Reason  string        // why it is dead
	notice
}

// tally is the auditor's verdict. Owed is always the sum of Delivered, Unknown,
// Dead, Pending and Lost.
type tally struct {
	Accepted   int // writes that the register did
	Owed       int // one for each accepted write and webhook
	Delivered  int // owed ones that arrived
	Duplicated int // arrivals beyond the first
	Renamed    int // of these, the ones that a receiver cannot tell by the event's id
	Unknown    int // owed ones of which the gateway says, for people to see, that it cannot know the outcome
	Dead       int // other owed ones that are dead letters
	Pending    int // owed ones that are still to be attempted: the bounded wait was too short
	Lost       int // owed ones that are nowhere: must be 0
	False      int // what was told or promised and is not true: must be 0
	Nameless   int // letters with a doubt that do not say which write it is about: nobody can do anything with them
	Moot       int // doubts about writes that did not happen
	Misled     int // accepted writes whose client was told that they failed
	Examples   []string
}

// failed tells whether a promise was broken, or not kept in time.
func (t *tally) failed() bool { return t.Lost > 0 || t.False > 0 || t.Pending > 0 }

// maxExamples bounds the examples of a tally: the first ones are enough to look
// into the records.
const maxExamples = 12

func (t *tally) example(format string, values ...any) {
	if len(t.Examples) < maxExamples {
		t.Examples = append(t.Examples, fmt.Sprintf(format, values...))
	}
}

func (t *tally) lie(format string, values ...any) {
	t.False++
	t.example("false: "+format, values...)
}

// debt is what one webhook is owed: to hear of one write.
type debt struct {
	hook  string
	write number
}

// auditor compares books.
type auditor struct {
	tally   tally
	hooks   map[string]bool
	writes  map[number]accepted
	removed map[string]number // by the object's id
	arrived map[debt][]string // the ids of the events
	doubts  map[debt]bool
	dead    map[debt]bool
	pending map[debt]letter
}

// audit gives the verdict about books.
func audit(b books) tally {
	a := auditor{
		hooks: map[string]bool{}, writes: map[number]accepted{}, removed: map[string]number{},
		arrived: map[debt][]string{}, doubts: map[debt]bool{}, dead: map[debt]bool{}, pending: map[debt]letter{},
	}
	for _, hook := range b.Hooks {
		a.hooks[hook] = true
	}
	a.enter(b.Register)
	a.promises(b.Clients)
	a.arrivals(b.Receivers)
	a.letters(b.Letters)
	a.settle(b.Hooks, b.Register)
	return a.tally
}

// enter takes the register's list over.
func (a *auditor) enter(list []accepted) {
	for _, done := range list {
		if _, twice := a.writes[done.Number]; twice {
			a.tally.lie("the register got write %d twice", done.Number)
			continue
		}
		a.writes[done.Number] = done
		a.tally.Accepted++
		if done.Action == remove {
			a.removed[done.ID] = done.Number
		}
	}
}

// promises checks what clients were told.
func (a *auditor) promises(list []told) {
	for _, t := range list {
		_, happened := a.writes[t.Number]
		switch {
		case t.done() && !happened:
			a.tally.lie("the client of write %d was told %d, the register knows nothing of it", t.Number, t.Status)
		case happened && t.Status >= 400:
			a.tally.Misled++
		}
	}
}

// arrivals checks what receivers got.
func (a *auditor) arrivals(list []received) {
	for _, r := range list {
		if !a.hooks[r.Hook] {
			a.tally.lie("%s got event %s and never asked for it", r.Hook, r.Event)
			continue
		}
		write, fault := a.resolve(r.notice)
		switch {
		case fault == "":
			owed := debt{r.Hook, write}
			a.arrived[owed] = append(a.arrived[owed], r.Event)
		case fault == notAccepted && r.doubted():
			a.tally.Moot++
		default:
			a.tally.lie("%s got event %s (%s, write %d, object %q): %s", r.Hook, r.Event, r.Action, r.Number, r.Object, fault)
		}
	}
}

// letters takes over what the stores hold.
func (a *auditor) letters(list []letter) {
	for _, l := range list {
		write, fault := a.resolve(l.notice)
		owed := debt{l.Hook, write}
		switch {
		case fault == nameless && l.doubted():
			a.tally.Nameless++
		case fault == notAccepted && (l.doubted() || l.Held):
			a.tally.Moot++
		case fault != "":
			a.tally.lie("the store holds event %s for %s (%s, write %d, object %q): %s", l.Event, l.Hook, l.Action, l.Number, l.Object, fault)
		case l.doubted():
			a.doubts[owed] = true
		case l.Pending:
			a.pending[owed] = l
		default:
			a.dead[owed] = true
			a.tally.example("dead: write %d for %s: %s", write, l.Hook, l.Reason)
		}
	}
}

const notAccepted = "the register did no such write"

// resolve finds the write that an event is about. fault says why it cannot be
// about one, "" if it is.
func (a *auditor) resolve(n notice) (write number, fault string) {
	write = n.Number
	if n.Action == remove {
		write = a.removed[n.Object]
	}
	done, ok := a.writes[write]
	switch {
	case n.Damaged != "":
		return write, n.Damaged
	case !ok:
		return write, notAccepted
	case done.Action != n.Action:
		return write, "the register's write was: " + string(done.Action)
	case n.Object != "" && n.Object != done.ID:
		return write, "the register's object is " + done.ID
	}
	return write, ""
}

// settle counts what became of each debt: the best thing that happened to it.
func (a *auditor) settle(hooks []string, list []accepted) {
	t := &a.tally
	counted := map[number]bool{}
	for _, done := range list {
		if counted[done.Number] {
			continue
		}
		counted[done.Number] = true
		for _, hook := range hooks {
			owed := debt{hook, done.Number}
			t.Owed++
			waiting, pending := a.pending[owed]
			switch {
			case len(a.arrived[owed]) > 0:
				t.Delivered++
				t.repeats(a.arrived[owed])
			case pending:
				t.Pending++
				t.example("pending: write %d (%s) for %s, due in %s", done.Number, done.Action, hook, waiting.Due.Round(time.Second))
			case a.doubts[owed]:
				t.Unknown++
			case a.dead[owed]:
				t.Dead++
			default:
				t.Lost++
				t.example("lost: write %d (%s of %s) for %s", done.Number, done.Action, done.ID, hook)
			}
		}
	}
}

// repeats counts the arrivals beyond the first.
func (t *tally) repeats(events []string) {
	t.Duplicated += len(events) - 1
	distinct := slices.Compact(slices.Sorted(slices.Values(events)))
	t.Renamed += len(distinct) - 1
}

package main

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// threeWrites are a life of one object, each told to both webhooks.
func threeWrites() books {
	b := books{
		Hooks: []string{"r1", "r2"},
		Register: []accepted{
			{Number: 1, Action: create, ID: "o-1"}, {Number: 2, Action: update, ID: "o-1"}, {Number: 3, Action: remove, ID: "o-1"},
		},
		Clients: []told{{Number: 1, Status: 201}, {Number: 2, Status: 200}, {Number: 3, Status: 204}},
	}
	for _, hook := range b.Hooks {
		for _, done := range b.Register {
			b.Receivers = append(b.Receivers, received{Hook: hook, notice: noticeOf(done)})
		}
	}
	return b
}

func noticeOf(done accepted) notice {
	n := notice{Event: fmt.Sprintf("e-%d", done.Number), Action: done.Action, Number: done.Number, Object: done.ID}
	if done.Action == remove {
		n.Number = 0
	}
	return n
}

func TestAuditOfAGoodRun(t *testing.T) {
	t.Parallel()
	got := audit(threeWrites())
	require.Equal(t, tally{Accepted: 3, Owed: 6, Delivered: 6}, got)
	require.False(t, got.failed())
	require.Equal(t, tally{}, audit(books{}))
}

func TestAudit(t *testing.T) {
	t.Parallel()
	doubt := func(n notice) notice { n.Outcome = "unknown"; return n }
	cases := []struct {
		name   string
		change func(b *books)
		want   tally // without examples
		failed bool
	}{
		{"a missing event is lost", func(b *books) {
			b.Receivers = b.Receivers[1:]
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Lost: 1}, true},
		{"an event for one webhook does not pay the other", func(b *books) {
			b.Receivers[0].Hook = "r2"
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Duplicated: 1, Lost: 1}, true},
		{"a lost removal is seen although its number was told elsewhere", func(b *books) {
			b.Receivers[2].notice = noticeOf(b.Register[1])
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Duplicated: 1, Lost: 1}, true},
		{"a second arrival is a duplicate", func(b *books) {
			b.Receivers = append(b.Receivers, b.Receivers[0], b.Receivers[0], b.Receivers[4])
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, Duplicated: 3}, false},
		{"a duplicate under another id cannot be told by its receiver", func(b *books) {
			again := b.Receivers[0]
			again.Event = "another"
			b.Receivers = append(b.Receivers, again, again)
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, Duplicated: 2, Renamed: 1}, false},
		{"an event about nothing is false", func(b *books) {
			b.Receivers = append(b.Receivers, received{Hook: "r1", notice: notice{Event: "e", Action: create, Number: 99}})
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, False: 1}, true},
		{"a removal that did not happen is false", func(b *books) {
			b.Receivers = append(b.Receivers, received{Hook: "r1", notice: notice{Event: "e", Action: remove, Object: "o-9"}})
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, False: 1}, true},
		{"a doubt about nothing is moot", func(b *books) {
			b.Receivers = append(b.Receivers, received{Hook: "r1", notice: doubt(notice{Event: "e", Action: create, Number: 99})})
			b.Letters = append(b.Letters, letter{Hook: "r1", notice: doubt(notice{Event: "e", Action: remove, Object: "o-9"})})
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, Moot: 2}, false},
		{"the wrong action pays nothing and is false", func(b *books) {
			b.Receivers[0].Action = update
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Lost: 1, False: 1}, true},
		{"the wrong object pays nothing and is false", func(b *books) {
			b.Receivers[0].Object = "o-2"
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Lost: 1, False: 1}, true},
		{"a creation need not name its object", func(b *books) {
			b.Receivers[0].Object = ""
		}, tally{Accepted: 3, Owed: 6, Delivered: 6}, false},
		{"a damaged event pays nothing and is false", func(b *books) {
			b.Receivers[0].Damaged = "cut off"
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Lost: 1, False: 1}, true},
		{"a damaged doubt is still false", func(b *books) {
			b.Receivers[0].notice = doubt(b.Receivers[0].notice)
			b.Receivers[0].Damaged = "cut off"
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Lost: 1, False: 1}, true},
		{"an event for nobody's webhook is false", func(b *books) {
			b.Receivers = append(b.Receivers, received{Hook: "r3", notice: noticeOf(b.Register[0])})
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, False: 1}, true},
		{"a promise that the register does not know is false", func(b *books) {
			b.Clients = append(b.Clients, told{Number: 50, Status: 201})
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, False: 1}, true},
		{"half an answer promises nothing", func(b *books) {
			b.Clients = append(b.Clients, told{Number: 50, Status: 201, Error: "cut off"}, told{Number: 51, Status: 503}, told{Number: 52})
		}, tally{Accepted: 3, Owed: 6, Delivered: 6}, false},
		{"a refusal of what was done misleads", func(b *books) {
			b.Clients[0].Status = 503
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, Misled: 1}, false},
		{"a write that the register got twice is false", func(b *books) {
			b.Register = append(b.Register, b.Register[0])
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, False: 1}, true},
		{"the gateway may say that it does not know", func(b *books) {
			b.Letters = []letter{{Hook: "r1", Reason: "outcome unknown", notice: doubt(b.Receivers[0].notice)}}
			b.Receivers = b.Receivers[1:]
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Unknown: 1}, false},
		{"a doubt for one webhook does not excuse the other", func(b *books) {
			b.Letters = []letter{{Hook: "r2", notice: doubt(b.Receivers[0].notice)}}
			b.Receivers = b.Receivers[1:]
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Lost: 1}, true},
		{"a doubt that does not say about what excuses nothing", func(b *books) {
			b.Letters = []letter{{Hook: "r1", notice: doubt(notice{Event: "e", Action: create, Damaged: nameless})}}
			b.Receivers = b.Receivers[1:]
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Lost: 1, Nameless: 1}, true},
		{"a dead letter is not lost", func(b *books) {
			b.Letters = []letter{{Hook: "r1", Reason: "too often", notice: b.Receivers[0].notice}}
			b.Receivers = b.Receivers[1:]
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Dead: 1}, false},
		{"what is still to be attempted came too late", func(b *books) {
			b.Letters = []letter{{Hook: "r1", Pending: true, notice: b.Receivers[0].notice}}
			b.Receivers = b.Receivers[1:]
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Pending: 1}, true},
		{"a letter about what arrived changes nothing", func(b *books) {
			b.Letters = []letter{
				{Hook: "r1", notice: b.Receivers[0].notice},
				{Hook: "r1", Pending: true, notice: b.Receivers[1].notice},
				{Hook: "r1", notice: doubt(b.Receivers[2].notice)},
			}
		}, tally{Accepted: 3, Owed: 6, Delivered: 6}, false},
		{"a hold is a question, about what happened and about what did not", func(b *books) {
			b.Letters = []letter{
				{Hook: "r1", Pending: true, Held: true, notice: b.Receivers[0].notice},
				{Hook: "r1", Pending: true, Held: true, notice: notice{Event: "e", Action: create, Number: 99}},
			}
			b.Receivers = b.Receivers[1:]
		}, tally{Accepted: 3, Owed: 6, Delivered: 5, Pending: 1, Moot: 1}, true},
		{"a certain letter about nothing is false", func(b *books) {
			b.Letters = []letter{{Hook: "r1", Pending: true, notice: notice{Event: "e", Action: create, Number: 99}}}
		}, tally{Accepted: 3, Owed: 6, Delivered: 6, False: 1}, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := threeWrites()
			tc.change(&b)
			got := audit(b)
			require.Equal(t, tc.failed, got.failed())
			if tc.failed {
				require.NotEmpty(t, got.Examples, "who reads the table must know where to look")
			}
			got.Examples = nil
			require.Equal(t, tc.want, got)
		})
	}
}

// Whatever is taken out of good books, the sum holds and each gap is found.
func TestAuditFindsEveryGap(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		chance := rand.New(rand.NewPCG(seed, 1))
		b := books{Hooks: []string{"r1", "r2", "r3"}}
		gaps := 0
		for n := range number(40) {
			done := accepted{Number: n + 1, Action: create, ID: fmt.Sprintf("o-%d", n)}
			b.Register = append(b.Register, done)
			for _, hook := range b.Hooks {
				if chance.IntN(10) == 0 {
					gaps++
					continue
				}
				b.Receivers = append(b.Receivers, received{Hook: hook, notice: noticeOf(done)})
			}
		}
		chance.Shuffle(len(b.Receivers), func(i, j int) {
			b.Receivers[i], b.Receivers[j] = b.Receivers[j], b.Receivers[i]
		})
		got := audit(b)
		require.Equal(t, gaps, got.Lost)
		require.Zero(t, got.False)
		require.Equal(t, got.Owed, got.Delivered+got.Unknown+got.Dead+got.Pending+got.Lost)
		require.LessOrEqual(t, len(got.Examples), maxExamples)
	}
}

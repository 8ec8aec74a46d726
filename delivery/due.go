package delivery

import (
	"container/heap"
	"time"
)

// dueHeap has the lanes that can be worked on at a later time, the earliest
// first.
type dueHeap []dueLane

type dueLane struct {
	q  *queue
	at time.Time
}

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].q.heap, h[j].q.heap = i+1, j+1
}

// Push implements [heap.Interface].
func (h *dueHeap) Push(x any) {
	l := x.(dueLane)
	*h = append(*h, l)
	l.q.heap = len(*h)
}

// Pop implements [heap.Interface].
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = dueLane{}
	*h = (*h)[:last]
	l.q.heap = 0
	return l
}

// put places a lane at a time, wherever it was.
func (h *dueHeap) put(q *queue, at time.Time) {
	if q.heap == 0 {
		heap.Push(h, dueLane{q, at})
		return
	}
	(*h)[q.heap-1].at = at
	heap.Fix(h, q.heap-1)
}

func (h *dueHeap) remove(q *queue) {
	if q.heap > 0 {
		heap.Remove(h, q.heap-1)
	}
}

// take gives a lane whose time has come; nil if there is none.
func (h *dueHeap) take(now time.Time) *queue {
	if len(*h) == 0 || (*h)[0].at.After(now) {
		return nil
	}
	return heap.Pop(h).(dueLane).q
}

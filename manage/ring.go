package manage

// ring keeps the last few of many things, each with a number.
type ring[T any] struct {
	items []T
	next  uint64 // number of the next thing
	count int    // things that are kept
}

func newRing[T any](size int) ring[T] { return ring[T]{items: make([]T, size), next: 1} }

// add keeps a thing instead of the oldest and gives its number.
func (r *ring[T]) add(item T) uint64 {
	number := r.next
	r.items[number%uint64(len(r.items))] = item
	r.next++
	r.count = min(r.count+1, len(r.items))
	return number
}

// since gives the things from a number on, oldest first, and how many of them
// are not kept any more.
func (r *ring[T]) since(number uint64) (items []T, missed uint64) { return r.between(number, r.next) }

// between is since, of those before another number.
func (r *ring[T]) between(number, end uint64) (items []T, missed uint64) {
	oldest := min(r.next-uint64(r.count), end)
	if number < oldest {
		missed, number = oldest-number, oldest
	}
	if number < end {
		items = make([]T, 0, end-number)
	}
	for ; number < end; number++ {
		items = append(items, r.items[number%uint64(len(r.items))])
	}
	return items, missed
}

// all gives what is kept, oldest first.
func (r *ring[T]) all() []T {
	items, _ := r.since(0)
	return items
}

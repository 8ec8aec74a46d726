package local

import (
	"sync"

	"github.com/voorpoort/voorpoort/delivery"
)

// cache keeps messages that were stored or leased lately, in two generations:
// when the younger is half of the limit, the older is dropped. A message that is
// asked for becomes young again.
type cache struct {
	limit int64

	mu         sync.Mutex
	young, old map[uint64]*delivery.Message
	size       int64 // of the young
}

func newCache(limit int64) *cache {
	return &cache{limit: limit, young: map[uint64]*delivery.Message{}}
}

func (c *cache) get(seq uint64) *delivery.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.young[seq]; m != nil {
		return m
	}
	m := c.old[seq]
	if m != nil {
		c.add(m)
	}
	return m
}

func (c *cache) put(m *delivery.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young[m.Seq] == nil {
		c.add(m)
	}
}

func (c *cache) add(m *delivery.Message) {
	size := int64(len(m.Event)) + recordOverhead
	if c.size+size > c.limit/2 {
		c.young, c.old, c.size = make(map[uint64]*delivery.Message), c.young, 0
	}
	c.young[m.Seq] = m
	c.size += size
}

func (c *cache) drop(seq uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.old, seq)
	if m := c.young[seq]; m != nil {
		c.size -= int64(len(m.Event)) + recordOverhead
		delete(c.young, seq)
	}
}

package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// memoryDocuments is the part of a [Memory] that people manage.
type memoryDocuments struct {
	all      []delivery.Document
	numbers  map[string]uint64 // the last of each kind
	revision uint64            // the last of all
	watchers map[chan struct{}]bool
}

func (d *memoryDocuments) find(kind, key string) int {
	return slices.IndexFunc(d.all, func(o delivery.Document) bool { return o.Kind == kind && o.Key == key })
}

// changed notes that something changed, and gives the next revision.
func (d *memoryDocuments) changed() uint64 {
	for wake := range d.watchers {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
	d.revision++
	return d.revision
}

// Documents implements [delivery.Documents].
func (m *Memory) Documents(ctx context.Context, kind string) ([]delivery.Document, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var all []delivery.Document
	for _, d := range m.documents.all {
		if d.Kind == kind {
			d.Data = slices.Clone(d.Data)
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b delivery.Document) int { return cmp.Compare(a.Number, b.Number) })
	return all, nil
}

// PutDocument implements [delivery.Documents].
func (m *Memory) PutDocument(ctx context.Context, d delivery.Document) (delivery.Document, error) {
	if err := d.Validate(); err != nil {
		return delivery.Document{}, err
	}
	if err := m.enter(ctx); err != nil {
		return delivery.Document{}, err
	}
	defer m.mu.Unlock()
	docs := &m.documents
	i := docs.find(d.Kind, d.Key)
	switch {
	case d.Revision == 0 && i >= 0:
		return delivery.Document{}, delivery.ErrExists
	case d.Revision == 0:
		docs.numbers[d.Kind]++
		i = len(docs.all)
		docs.all = append(docs.all, delivery.Document{Kind: d.Kind, Key: d.Key, Number: docs.numbers[d.Kind], Created: time.Now().UTC()})
	case i < 0:
		return delivery.Document{}, delivery.ErrNotFound
	case docs.all[i].Revision != d.Revision:
		return delivery.Document{}, delivery.ErrChanged
	}
	stored := &docs.all[i]
	stored.Data, stored.Revision, stored.Updated = slices.Clone(d.Data), docs.changed(), time.Now().UTC()
	if d.Revision == 0 {
		stored.Updated = stored.Created
	}
	out := *stored
	out.Data = slices.Clone(out.Data)
	return out, nil
}

// RemoveDocument implements [delivery.Documents].
func (m *Memory) RemoveDocument(ctx context.Context, kind, key string, revision uint64) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	i := m.documents.find(kind, key)
	if i < 0 {
		return delivery.ErrNotFound
	}
	if revision != 0 && m.documents.all[i].Revision != revision {
		return delivery.ErrChanged
	}
	m.documents.all = slices.Delete(m.documents.all, i, i+1)
	m.documents.changed()
	return nil
}

// WatchDocuments implements [delivery.Documents].
func (m *Memory) WatchDocuments(ctx context.Context, changed func()) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	wake := make(chan struct{}, 1)
	m.documents.watchers[wake] = true
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.documents.watchers, wake)
	}()
	for {
		changed()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
	}
}

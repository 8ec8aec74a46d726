package local

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// lane gives a lane that had something once; nil for others.
func (s *Store) lane(name string) *lane {
	s.lanes.RLock()
	defer s.lanes.RUnlock()
	return s.lanes.all[name]
}

func (s *Store) addLane(l *lane) {
	s.lanes.Lock()
	defer s.lanes.Unlock()
	s.lanes.all[l.name] = l
}

// allLanes gives the lanes by name.
func (s *Store) allLanes() []*lane {
	s.lanes.RLock()
	defer s.lanes.RUnlock()
	return slices.SortedFunc(maps.Values(s.lanes.all), func(a, b *lane) int { return strings.Compare(a.name, b.name) })
}

// lanesFor gives the lane with a name, or all for none.
func (s *Store) lanesFor(name string) []*lane {
	if name == "" {
		return s.allLanes()
	}
	if l := s.lane(name); l != nil {
		return []*lane{l}
	}
	return nil
}

func (s *Store) loadLanes(tx *bbolt.Tx) {
	c := tx.Bucket(bucketLanes).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		s.lanes.all[string(k)] = newLane(s, binary.BigEndian.Uint32(v), string(k))
	}
}

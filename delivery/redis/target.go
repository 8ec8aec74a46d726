package redis

import (
	"encoding/binary"

	"github.com/voorpoort/voorpoort/delivery"
)

type target = delivery.Target

// lanes gives the lanes of a script call indices, from 1 as in Lua, so that each
// name is sent once.
type lanes struct {
	names []any
	index map[string]uint16
}

func (l *lanes) of(name string) uint16 {
	if i, ok := l.index[name]; ok {
		return i
	}
	if l.index == nil {
		l.index = map[string]uint16{}
	}
	l.names = append(l.names, name)
	i := uint16(len(l.names))
	l.index[name] = i
	return i
}

// The kinds of targets.
const (
	targetPending = iota
	targetSkipped
	targetDead
)

// encodeTargets gives the targets as journal.lua reads them, each: lane (2
// bytes), kind (1), due (7), length of the key (2), key; and, if it is skipped
// or dead, length of the reason (2), reason.
func encodeTargets(targets []target, index *lanes, c *clock) []byte {
	b := make([]byte, 0, 12*len(targets))
	for _, t := range targets {
		kind, why := byte(targetPending), ""
		switch {
		case t.Skip != "":
			kind, why = targetSkipped, t.Skip
		case t.Dead != "":
			kind, why = targetDead, t.Dead
		}
		b = binary.BigEndian.AppendUint16(b, index.of(t.Lane))
		b = append(b, kind)
		b = appendTime(b, c.due(t.Due))
		b = binary.BigEndian.AppendUint16(b, uint16(len(t.Key)))
		b = append(b, t.Key...)
		if kind != targetPending {
			why = shorten(why)
			b = binary.BigEndian.AppendUint16(b, uint16(len(why)))
			b = append(b, why...)
		}
	}
	return b
}

// maxTime is what a double holds exactly, in microseconds: the year 2255.
const maxTime = 1<<53 - 1

// appendTime appends microseconds in seven bytes.
func appendTime(b []byte, t int64) []byte {
	t = min(max(t, 0), maxTime)
	b = append(b, byte(t>>48), byte(t>>40), byte(t>>32))
	return binary.BigEndian.AppendUint32(b, uint32(t))
}

package delivery

import (
	"math/rand/v2"
	"time"
)

// Defaults of an engine.
const (
	DefaultConcurrency    = 256
	DefaultLeaseMargin    = 15 * time.Second
	DefaultStoreTimeout   = 10 * time.Second
	DefaultOrphanInterval = 15 * time.Second
	DefaultRetention      = 30 * 24 * time.Hour
	DefaultRecoverTimeout = time.Minute
)

// Options are what an engine can be told. The zero Options are the defaults.
type Options struct {
	// MaxConcurrent is how many calls run at the same time in all; 0 means
	// DefaultConcurrency. The last quarter is kept for lanes that have less than
	// their share.
	MaxConcurrent int

	// LeaseMargin is how much longer than the timeout of a call its lease is: the
	// time that storing the outcome may take without another gateway making the
	// call again. 0 means DefaultLeaseMargin. Leases are renewed all the same.
	LeaseMargin time.Duration

	// StoreTimeout ends a use of the store that does not answer; 0 means
	// DefaultStoreTimeout.
	StoreTimeout time.Duration

	// Recoverer settles the holds of gateways that are gone. Without one they
	// stay.
	Recoverer      Recoverer
	OrphanInterval time.Duration // between looks for orphans; 0 means DefaultOrphanInterval
	RecoverTimeout time.Duration // of one call of Recoverer; 0 means DefaultRecoverTimeout

	// Retention is how long settled messages and the log are kept; 0 means
	// DefaultRetention, less than 0 for ever. MaxBytes is how large the store may
	// get before the oldest of them go earlier; 0 is no limit.
	Retention time.Duration
	MaxBytes  int64

	Observer Observer // may be nil

	// Random gives the jitter: at least 0 and less than 1. nil means chance.
	Random func() float64
}

func (o Options) withDefaults() Options {
	const forever = time.Duration(1<<63 - 1)
	o.MaxConcurrent = within(o.MaxConcurrent, DefaultConcurrency, 1<<16)
	o.LeaseMargin = within(o.LeaseMargin, DefaultLeaseMargin, forever)
	o.StoreTimeout = within(o.StoreTimeout, DefaultStoreTimeout, forever)
	o.OrphanInterval = within(o.OrphanInterval, DefaultOrphanInterval, forever)
	o.RecoverTimeout = within(o.RecoverTimeout, DefaultRecoverTimeout, forever)
	if o.Retention == 0 {
		o.Retention = DefaultRetention
	}
	if o.Observer == nil {
		o.Observer = silent{}
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return o
}

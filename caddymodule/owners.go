package caddymodule

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

var errNoOwner = errors.New("no configuration is running that could ask the register")

// owners are the configurations that use a queue, oldest first. The newest one
// settles what is in doubt.
type owners struct {
	mu    sync.Mutex
	apps  []*App
	begun time.Time // when the first one came
}

// add puts a configuration in charge until remove is called. A reload that fails
// leaves the one before it in charge.
func (o *owners) add(a *App) (remove func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.apps = append(o.apps, a)
	if o.begun.IsZero() {
		o.begun = time.Now()
	}
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.apps = slices.DeleteFunc(o.apps, func(other *App) bool { return other == a })
	}
}

// since is when somebody began to settle what is in doubt.
func (o *owners) since() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.begun
}

func (o *owners) newest() *App {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.apps) == 0 {
		return nil
	}
	return o.apps[len(o.apps)-1]
}

// Recover asks the newest configuration.
func (o *owners) Recover(ctx context.Context, h delivery.Hold) (delivery.Recovery, error) {
	app := o.newest()
	if app == nil {
		return delivery.Recovery{}, errNoOwner
	}
	return app.Recover(ctx, h)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/voorpoort/voorpoort/cmd/demo/felix"
	"github.com/voorpoort/voorpoort/cmd/demo/petshop"
	"github.com/voorpoort/voorpoort/cmd/demo/register"
	"github.com/voorpoort/voorpoort/cmd/demo/story"
)

// demo is the register, the validator and the pet shop, all in this process, and
// the gateway in one of its own.
type demo struct {
	out       io.Writer
	clock     *clock
	store     *register.Register
	shop      *petshop.Shop
	register  *service
	validator *service
	petshop   *service
	gateway   *gateway

	tell func(context.Context, story.Stage) error // the story
}

func newDemo(out io.Writer) *demo {
	d := &demo{out: out, clock: &clock{}, tell: story.Play}
	d.store = register.New(d.clock.now)
	d.register = &service{handler: d.store}
	return d
}

// start brings up the four programs and prints where they are.
func (d *demo) start(ctx context.Context) error {
	if err := d.startSamples(); err != nil {
		return err
	}
	var err error
	if d.gateway, err = newGateway(d.register.address, d.validator.address, d.petshop.address); err != nil {
		return err
	}
	if err := d.gateway.start(ctx); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "dashboard  %s   sign in with the token %s\n", d.dashboard(), d.gateway.token)
	fmt.Fprintf(d.out, "register   http://%s   a sample register, in memory\n", d.register.address)
	fmt.Fprintf(d.out, "validator  http://%s   a sample validator for cats: it is asked before\n", d.validator.address)
	fmt.Fprintf(d.out, "pet shop   http://%s   a sample receiver: it is told afterwards\n", d.petshop.address)
	fmt.Fprintf(d.out, "gateway    http://%s   Caddy with Voorpoort, configured by:\n\n", d.gateway.address)
	for line := range strings.Lines(d.gateway.caddyfile()) {
		fmt.Fprint(d.out, "    ", line)
	}
	return nil
}

// dashboard is where the story can be followed.
func (d *demo) dashboard() string { return "http://" + d.gateway.address + "/gateway/" }

// startSamples starts what stands around the gateway.
func (d *demo) startSamples() (err error) {
	if err := d.register.start(); err != nil {
		return err
	}
	d.validator = &service{handler: felix.New("http://"+d.register.address, d.clock.now)}
	if err := d.validator.start(); err != nil {
		return err
	}
	if d.shop, err = petshop.New(secret); err != nil {
		return err
	}
	d.petshop = &service{handler: d.shop}
	return d.petshop.start()
}

// perform starts everything and tells the story.
func (d *demo) perform(ctx context.Context) error {
	if err := d.start(ctx); err != nil {
		return err
	}
	return d.play(ctx)
}

// play tells the story.
func (d *demo) play(ctx context.Context) error {
	defer d.clock.set(0)
	return d.tell(ctx, story.Stage{
		Gateway:        "http://" + d.gateway.address,
		Register:       d.store,
		Month:          d.clock.set,
		StopValidator:  d.validator.stop,
		StartValidator: d.validator.start,
		OnFailure:      func(policy string) error { return d.gateway.load(ctx, policy) },
		Shop:           d.shop,
		CloseShop:      d.petshop.stop,
		OpenShop:       d.petshop.start,
		KillGateway:    d.gateway.kill,
		StartGateway:   func() error { return d.gateway.start(ctx) },
		LogLine:        d.gateway.log.line,
		Out:            d.out,
	})
}

// invite prints what to try by hand.
func (d *demo) invite() {
	fmt.Fprintf(d.out, `
All of it stays up until Ctrl-C. Try:

  curl -i -H 'Content-Type: application/json' -d '{"name": "Tibbe"}' http://%[1]s%[4]s
  curl -i -H 'Content-Type: application/json' -d '{"name": "Felix"}' http://%[1]s%[4]s
  curl -i -H 'Content-Type: application/json' -d '{"name": "Tibbe", "name": "Felix"}' http://%[1]s%[4]s
  curl -s 'http://%[1]s%[4]s?name=Minoes'

what the pet shop was told of:

  curl -s http://%[3]s/

what the gateway knows of it all: the dashboard %[5]s with the token %[6]s, or

  curl -s -H 'Authorization: Bearer %[6]s' http://%[1]s/gateway/api/webhooks/logs

and, past the gateway, straight to the register, so that nobody is asked or told:

  curl -i -d '{"name": "Felix"}' http://%[2]s%[4]s
`, d.gateway.address, d.register.address, d.petshop.address, story.Cats, d.dashboard(), d.gateway.token)
}

// stop takes everything down, whatever had come up.
func (d *demo) stop() error {
	var errs []error
	if d.gateway != nil {
		errs = append(errs, d.gateway.stop())
	}
	for _, s := range []*service{d.petshop, d.validator, d.register} {
		if s != nil {
			errs = append(errs, s.stop())
		}
	}
	return errors.Join(errs...)
}

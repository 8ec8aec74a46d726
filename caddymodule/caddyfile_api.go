package caddymodule

import (
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/voorpoort/voorpoort/manage"
)

func init() {
	httpcaddyfile.RegisterHandlerDirective("voorpoort_api", parseAPI)
	// It answers itself, and authentication comes before it.
	httpcaddyfile.RegisterDirectiveOrder("voorpoort_api", httpcaddyfile.Before, "respond")
}

// parseAPI reads the directive:
//
//	voorpoort_api [<matcher>] {
//		token <scopes> <SHA-256 of the token> [<name>]
//		user <scopes> [<name...>]
//		redact <JSON Pointer...>
//		contact <name> <e-mail address or URL...>
//		dashboard off
//	}
//
// Scopes are read, write, replay and read:payload, with commas between.
func parseAPI(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	a := new(API)
	return a, a.UnmarshalCaddyfile(h.Dispenser)
}

// UnmarshalCaddyfile reads the directive; the grammar stands at parseAPI.
func (a *API) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	if d.NextArg() {
		return d.ArgErr()
	}
	return apiWords.parseBlock(d, "voorpoort_api", a)
}

var apiWords = words[*API]{
	"token": func(d *caddyfile.Dispenser, a *API) error {
		values := d.RemainingArgs()
		if len(values) != 2 && len(values) != 3 {
			return d.Err("token needs its scopes, with commas between, the SHA-256 of the token, and may have a name: token read,write 9f86d0… monitoring")
		}
		values = append(values, "")
		a.Tokens = append(a.Tokens, APIToken{Scopes: strings.Split(values[0], ","), SHA256: values[1], Name: values[2]})
		return nil
	},
	"user": func(d *caddyfile.Dispenser, a *API) error {
		values, err := some(d)
		if err != nil {
			return err
		}
		a.Users = append(a.Users, APIUser{Scopes: strings.Split(values[0], ","), Names: values[1:]})
		return nil
	},
	"redact": func(d *caddyfile.Dispenser, a *API) error {
		places, err := some(d)
		a.Redact = append(a.Redact, places...)
		return err
	},
	"contact": func(d *caddyfile.Dispenser, a *API) error {
		values, err := some(d)
		if err != nil {
			return err
		}
		contact, err := manage.ParseContact(values[0], values[1:]...)
		if err != nil {
			return d.WrapErr(err)
		}
		a.Contact = APIContact(contact)
		return nil
	},
	"dashboard": func(d *caddyfile.Dispenser, a *API) error {
		value, err := oneOf(d, "on", "off")
		a.DashboardOff = value == "off"
		return err
	},
}

// Interface guard.
var _ caddyfile.Unmarshaler = (*API)(nil)

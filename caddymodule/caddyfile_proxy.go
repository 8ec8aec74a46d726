package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	httpcaddyfile.RegisterHandlerDirective("voorpoort_proxy", parseProxy)
	httpcaddyfile.RegisterDirectiveOrder("voorpoort_proxy", httpcaddyfile.After, "reverse_proxy")
}

// parseProxy reads the directive:
//
//	voorpoort_proxy [<matcher>] <upstream> {
//		transport {
//			<options of transport http>
//		}
//	}
func parseProxy(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	proxy := new(Proxy)
	return proxy, proxy.UnmarshalCaddyfile(h.Dispenser)
}

var proxyWords = words[*Proxy]{
	"transport": func(d *caddyfile.Dispenser, p *Proxy) error {
		return p.Transport.UnmarshalCaddyfile(d.NewFromNextSegment())
	},
}

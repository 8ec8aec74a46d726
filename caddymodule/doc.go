// Package caddymodule makes Voorpoort a guest in Caddy. It is the only package
// that knows Caddy, and it holds no decision of its own:
//
//   - app.go: the app `voorpoort`, which holds what all sites share: webhooks,
//     limits, defaults for rules;
//   - handler.go: the directive `voorpoort`, the way of one request from match
//     to proxy;
//   - caddyfile_*.go: the words of the Caddyfile;
//   - transport.go: `transport voorpoort` for reverse_proxy;
//   - proxy.go: the directive `voorpoort_proxy`, for one upstream;
//   - metrics.go, observer.go, accesslog.go, placeholder.go: what an operator
//     sees.
package caddymodule

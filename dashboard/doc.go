// Package dashboard is what an operator sees of the gateway in a browser: static
// pages that are part of the program and speak to the management API under the
// same mount.
//
// The pages are ES modules as they are written: nothing is compiled, so a
// program built with xcaddy has them. The few libraries stand in static/library,
// with their versions and licences in VENDOR.md; vendor.sh fetches them again.
//
// The files hold no data and no secrets and are served to everybody. What they
// show comes from the API, which wants a token. The page keeps that token in
// sessionStorage, until the tab is closed, and sends it in the header
// Authorization, never in a URL.
//
// The package knows nothing of the rest of the module.
package dashboard

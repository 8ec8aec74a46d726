package main

import (
	"crypto/sha256"
	"fmt"
	"net"
	"path/filepath"
)

// secret is what the gateway and the pet shop share. One of your own is 24 to 64
// random bytes in base64.
const secret = "whsec_dm9vcnBvb3J0LWRlbW8tc2VjcmV0LWZvci1mZWxpeA=="

// caddyfile is all the configuration there is.
func (g *gateway) caddyfile() string {
	_, port, _ := net.SplitHostPort(g.address) // an address we listened on
	return fmt.Sprintf(`{
	admin %s
	auto_https off
	persist_config off
	log {
		level WARN
		format json
	}
	voorpoort {
		store local %s
		webhook felix-validation {
			url http://%s/
			events object.creating object.updating
			filter schema pet-store-cat-schema
			intercept merge
			timeout 3s
			on_failure %s
		}
		webhook pet-shop {
			url http://%s/
			events object.created
			secret %s
			retry standard-webhooks
		}
		egress_allow 127.0.0.0/8
	}
}

http://:%s {
	bind 127.0.0.1
	handle /gateway/* {
		voorpoort_api {
			token read,write,replay,read:payload %x
		}
	}
	handle {
		voorpoort openregister
		reverse_proxy %s
	}
}
`, g.admin, filepath.Join(g.dir, "store"), g.validator, g.policy, g.petshop, secret, port, sha256.Sum256([]byte(g.token)), g.register)
}

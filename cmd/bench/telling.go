package main

import "fmt"

// tellings are the scenarios in which a receiver is told of each write
// afterwards: with the guarantee at-least-once the write is held in the store
// before the register sees it, and its event is stored before the client sees
// the answer.
func tellings() []scenario {
	told := scenario{Path: eventPath, Told: true, site: gateProxy}
	asked := told
	asked.Calls, asked.Merges = 1, true

	local, redis := asked, asked
	local.Name, local.global = "deliver", telling(merge, localStore)
	redis.Name, redis.global, redis.Redis = "deliver, redis", telling(merge, redisStore), true
	quiet := told
	quiet.Name, quiet.global = "deliver, nobody asked", telling(nobody, localStore)
	onResponse := local
	onResponse.Name, onResponse.site = "deliver, on-response", gateOnResponse

	reverse := local.shut(settled + ", transport")
	reverse.site = gateTransport

	watched := local
	watched.Name, watched.site, watched.Viewers = local.Name+viewed, gateWithTail, tailViewers

	return []scenario{
		local.shut(settled), redis.shut(settled + ", redis"), reverse,
		local, watched, redis, quiet, onResponse,
		local.shut(settled).crowd(), redis.shut(settled + ", redis").crowd(),
		local.crowd(), redis.crowd(),
	}
}

// settled is how the rows begin that end where the client has its answer: the
// write is held and settled and its event stored, and the deliveries wait until
// the load has ended. The other rows pay for them, and for their receiver, at the
// same time.
const settled = "settle"

// shut is the same with a receiver that lets everybody wait.
func (s scenario) shut(name string) scenario {
	s.Name, s.Shut = name, true
	return s
}

// crowd is the same with more clients.
func (s scenario) crowd() scenario {
	s.Name, s.Connections = s.Name+crowded, crowd128
	return s
}

// The rows with more clients than the others.
const (
	crowded  = ", c=128"
	crowd128 = 128
)

// viewed is how the row is called that has viewers of the live tail.
const viewed = ", 200 viewers"

// gateWithTail is the gateway with its management API.
func gateWithTail(a addresses) string {
	return fmt.Sprintf("\thandle /gateway/* {\n\t\tvoorpoort_api {\n\t\t\ttoken read %s\n\t\t}\n\t}\n\thandle {\n%s\t}\n", tailTokenHash, gateProxy(a))
}

// telling is the global configuration of one webhook that is told, and of those
// that are asked.
func telling(asked, store func(addresses) string) func(addresses) string {
	return func(a addresses) string {
		return voorpoort(store(a) + asked(a) + fmt.Sprintf(`		webhook tell {
			url http://%s/%s
			events object.created
			concurrency 64
			timeout 60s
		}
`, a.Receiver, a.Box))
	}
}

func nobody(addresses) string { return "" }

func localStore(a addresses) string { return fmt.Sprintf("\t\tstore local %s\n", a.Store) }

func redisStore(a addresses) string {
	return fmt.Sprintf("\t\tstore redis redis://%s/0 {\n\t\t\tprefix %s\n\t\t}\n", a.Redis, a.Box)
}

func gateOnResponse(a addresses) string {
	return "\tvoorpoort openregister {\n\t\tguarantee on-response\n\t}\n" + ownProxy(a)
}

package sampleapi

import (
	"fmt"
	"maps"
	"math"
	"time"
)

const (
	created = "nl.voorpoort.object.created"
	updated = "nl.voorpoort.object.updated"
)

// seed makes the day up. Nothing in it is random, so pictures of it are the same.
func (s *Server) seed(now time.Time) {
	hook := func(id int, name, url, state string, asks bool, total, good, dead, pending int, more object) {
		w := object{
			"id": id, "uuid": fmt.Sprintf("0190b0c4-0000-7000-8000-%012d", id), "name": name, "url": url, "method": "POST",
			"events": []string{}, "headers": object{}, "secret": nil, "enabled": state != "disabled", "organisation": nil, "filters": object{},
			"retryPolicy": "exponential", "maxRetries": 3, "timeout": 30,
			"lastTriggeredAt": stamp(now.Add(-time.Duration(id*37) * time.Second)), "lastSuccessAt": stamp(now.Add(-time.Duration(id*61) * time.Second)), "lastFailureAt": nil,
			"totalDeliveries": total, "successfulDeliveries": good, "failedDeliveries": total - good,
			"created": stamp(now.Add(-90 * 24 * time.Hour)), "updated": stamp(now.Add(-5 * 24 * time.Hour)),
			"configuration": object{"interceptRequests": asks}, "mapping": nil,
			"readOnly": false, "state": state, "stateUntil": nil, "fault": nil, "pending": pending, "retrying": pending / 2, "deadLetters": dead, "skipped": 0,
		}
		maps.Copy(w, more)
		s.webhooks = append(s.webhooks, w)
	}
	hook(1, "Felix check", "https://rules.example.nl/felix", "open", true, 18210, 18204, 0, 0, object{
		"events": []string{"nl.voorpoort.object.creating"}, "filters": object{"data.object.soort": "kat"},
		"configuration": object{"interceptRequests": true, "processResponse": true, "responseProcessing": object{"mergeStrategy": "merge"}, "onFailure": "reject", "mode": "enforce", "breaker": object{"failures": 5}},
	})
	hook(2, "Address lookup (BAG)", "https://bag.example.nl/enrich", "open", true, 9120, 9011, 0, 0, object{"configuration": object{"interceptRequests": true, "processResponse": true, "mode": "shadow"}})
	hook(3, "Case system", "https://zaken.example.nl/hooks/objects", "broken", false, 40211, 38954, 6, 214, object{
		"stateUntil": stamp(now.Add(24 * time.Second)), "secret": "***", "signature": []string{"standard-webhooks"}, "headers": object{"X-Tenant": "***"}, "lastFailureAt": stamp(now.Add(-8 * time.Second)),
	})
	hook(4, "Archive", "https://archief.example.nl/in", "gone", false, 512, 498, 1, 12, object{"lastFailureAt": stamp(now.Add(-3 * time.Hour))})
	hook(5, "Data warehouse", "https://warehouse.example.nl/events?tenant=amersfoort", "open", false, 40198, 40198, 0, 3, object{"format": "cloudevents-batch"})
	hook(6, "Portal preview", "https://preview.example.nl/hook", "disabled", false, 0, 0, 0, 0, object{"lastTriggeredAt": nil, "lastSuccessAt": nil})
	hook(7, "Night shift", "", "open", false, 0, 0, 0, 31, object{"style": "pull", "events": []string{created}, "lastTriggeredAt": nil, "lastSuccessAt": nil})
	for _, i := range []int{1, 3} {
		s.webhooks[i]["readOnly"] = true
		s.webhooks[i]["id"] = 1<<32 + i
	}
	for i := range 120 {
		s.rows = append(s.rows, s.row(i, now.Add(-time.Duration(i*7)*time.Second)))
	}
	for i := range 7 {
		s.letters = append(s.letters, s.letter(i, now))
	}
	s.holds = []object{
		{"id": "0190b0c4-aaaa-7000-8000-000000000001", "createdAt": stamp(now.Add(-23 * time.Minute)), "ageSeconds": 1380, "method": "POST", "path": "/api/objects/3/12", "rule": "objects"},
		{"id": "0190b0c4-aaaa-7000-8000-000000000002", "createdAt": stamp(now.Add(-4 * time.Minute)), "ageSeconds": 240, "method": "PATCH", "path": "/api/objects/3/12/8f1c", "rule": "objects"},
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func eventID(i int) string { return fmt.Sprintf("0190b0c4-eeee-7000-8000-%012d", i) }

// event is a CloudEvent about a cat.
func event(i int, kind string, at time.Time) object {
	return object{
		"specversion": "1.0", "id": eventID(i), "source": "urn:nld:oin:00000001234567890000:systeem:register", "type": kind, "time": stamp(at),
		"subject": fmt.Sprintf("register/3/12/%04d", i), "datacontenttype": "application/json",
		"data": object{"action": "created", "object": object{"naam": "Felix <b>de kat</b>", "soort": "kat", "geboren": "2024-05-01", "nummer": i}},
	}
}

// row is one call to a receiver.
func (s *Server) row(i int, at time.Time) object {
	hook := s.webhooks[[]int{2, 4, 2, 4, 3}[i%5]]
	failed := hook["state"] == "broken" && i%3 != 1 || hook["state"] == "gone"
	kind := []string{created, updated, updated}[i%3]
	row := object{
		"id": 5000 - i, "webhookId": hook["id"], "webhook": hook["uuid"], "webhookName": hook["name"], "eventId": eventID(i / 2), "eventClass": "OCA\\OpenRegister\\Event\\ObjectCreatedEvent", "eventType": kind,
		"url": hook["url"], "method": "POST", "success": true, "statusCode": 200, "reason": "", "errorMessage": nil, "attempt": 1 + i%2, "durationMs": 38.4 + float64(i%9)*11.7,
		"nextRetryAt": nil, "created": stamp(at), "replayed": i%31 == 7,
		"payload": event(i/2, kind, at), "requestBody": nil, "responseBody": `{"accepted":true}`,
	}
	if failed {
		row["success"], row["statusCode"], row["reason"], row["nextRetryAt"] = false, 503, "server_error", stamp(at.Add(4*time.Minute))
		row["requestBody"], row["responseBody"] = row["payload"], `{"message":"The case system is being maintained <script>alert(1)</script>"}`
		row["errorMessage"] = "server_error: status 503: maintenance"
	}
	return row
}

func (s *Server) letter(i int, now time.Time) object {
	hook := s.webhooks[2]
	if i == 6 {
		hook = s.webhooks[3]
	}
	at := now.Add(-time.Duration(i*53+9) * time.Minute)
	return object{
		"seq": 900 + i, "webhookId": hook["id"], "webhook": hook["uuid"], "webhookName": hook["name"], "eventId": eventID(i), "eventType": created, "subject": fmt.Sprintf("register/3/12/%04d", i),
		"reason": "given up after attempt 4: " + []string{"server_error: status 503: maintenance", "timeout", "client_error: status 422"}[i%3], "attempts": 4, "deadAt": stamp(at), "event": event(i, created, at),
	}
}

// series is an hour of figures, with a dip twenty minutes ago.
func series(now time.Time, window int) object {
	count := min(max(window, 60), 3600) / 10
	points := make([]object, 0, count)
	for i := range count {
		age := count - 1 - i
		wave := 60 + 25*math.Sin(float64(i)/21) + 8*math.Sin(float64(i)/3.7)
		dip := math.Exp(-math.Pow(float64(age-120)/14, 2))
		points = append(points, object{
			"at": stamp(now.Add(-time.Duration(age*10) * time.Second)), "attempts": int(wave), "failed": int(wave*0.02 + dip*wave*0.7),
			"p50Ms": 38 + 6*math.Sin(float64(i)/9), "p95Ms": 120 + 30*math.Sin(float64(i)/11) + 600*dip, "p99Ms": 260 + 60*math.Sin(float64(i)/7) + 1500*dip,
			"queued": int(20 + 900*math.Exp(-math.Pow(float64(age-100)/24, 2))), "interceptions": int(wave * 0.6), "blocked": int(wave * 0.03),
		})
	}
	return object{"step": 10, "points": points}
}

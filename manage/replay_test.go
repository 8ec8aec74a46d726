package manage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// finished waits for the end of the job that an answer tells of.
func (d *office) finished(started *reaction) map[string]any {
	d.t.Helper()
	id := started.ok(202)["id"].(string)
	var job map[string]any
	require.Eventually(d.t, func() bool {
		job = d.do("GET", "/api/jobs/"+id, "").ok(200)
		return job["state"] != "running"
	}, 10*time.Second, 5*time.Millisecond)
	return job
}

func TestManyDeadLettersAreReplayed(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 5)
	started := d.do("POST", "/api/dead-letters/replay", `{"webhook":"1","rate":1000,"limit":3}`)
	require.Equal(t, "running", started.ok(202)["state"])
	job := d.finished(started)
	require.Equal(t, "done", job["state"])
	require.InDelta(t, 3, job["total"], 0)
	require.InDelta(t, 3, job["done"], 0)
	require.NotNil(t, job["endedAt"])
	require.Equal(t, delivery.Pending, d.state(e.Hook.Lane(), 1))
	require.Equal(t, delivery.Dead, d.state(e.Hook.Lane(), 5))

	job = d.finished(d.do("POST", "/api/dead-letters/replay", ""))
	require.InDelta(t, 2, job["total"], 0, "without a body: all that are left")
	require.Equal(t, []any{"dead-letters", "dead-letters"}, column(t, d.do("GET", "/api/jobs", "").ok(200)["results"], "kind"))
}

func TestDeadLettersAreChosenByTypeAndTime(t *testing.T) {
	t.Parallel()
	d, _ := officeWithDead(t, 2)
	for body, want := range map[string]int{
		`{"type":"object.deleted"}`:             0,
		`{"after":"2999-01-01T00:00:00Z"}`:      0,
		`{"before":"2020-01-01T00:00:00Z"}`:     0,
		`{"type":"object.created","rate":1000}`: 2,
	} {
		require.InDelta(t, want, d.finished(d.do("POST", "/api/dead-letters/replay", body))["total"], 0, body)
	}
}

// TestAReplayKeepsItsRate: 40 a second are a second and a half for 60.
func TestAReplayKeepsItsRate(t *testing.T) {
	t.Parallel()
	d, _ := officeWithDead(t, 30)
	began := time.Now()
	job := d.finished(d.do("POST", "/api/dead-letters/replay", `{"rate":40}`))
	require.InDelta(t, 30, job["done"], 0)
	require.GreaterOrEqual(t, time.Since(began), 29*time.Second/40)
	require.Less(t, time.Since(began), 5*time.Second)
}

func TestAJobIsCancelled(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 3)
	id := d.do("POST", "/api/dead-letters/replay", `{"rate":1}`).ok(202)["id"].(string)
	d.do("DELETE", "/api/jobs/"+id, "").ok(202)
	require.Eventually(t, func() bool {
		return d.do("GET", "/api/jobs/"+id, "").ok(200)["state"] == "cancelled"
	}, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, delivery.Dead, d.state(e.Hook.Lane(), 3), "what was not done stays")
	d.do("DELETE", "/api/jobs/unknown", "").problem(404)
	d.do("GET", "/api/jobs/unknown", "").problem(404)
}

func TestJobsAreBoundedAndEndWithTheHandler(t *testing.T) {
	t.Parallel()
	d, _ := officeWithDead(t, 20)
	var ids []string
	for range maxRunningJobs {
		ids = append(ids, d.do("POST", "/api/dead-letters/replay", `{"rate":1}`).ok(202)["id"].(string))
	}
	d.do("POST", "/api/dead-letters/replay", `{"rate":1}`).problem(429)
	d.handler.jobs.close()
	for _, id := range ids {
		require.Equal(t, "cancelled", d.do("GET", "/api/jobs/"+id, "").ok(200)["state"])
	}
	d.do("POST", "/api/dead-letters/replay", `{"rate":1}`).problem(503)
}

func TestOldJobsAreForgotten(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	for range keptJobs + 10 {
		d.finished(d.do("POST", "/api/dead-letters/replay", ""))
	}
	require.LessOrEqual(t, len(d.do("GET", "/api/jobs", "").ok(200)["results"].([]any)), keptJobs+maxRunningJobs)
}

func TestMessagesAreReplayedToOneWebhook(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.webhook(`"name":"old","url":"https://hooks.example/"`)
	for i := range 3 {
		d.post("object.created", fmt.Sprint("c", i))
		d.post("object.deleted", fmt.Sprint("d", i))
	}
	late := d.webhook(`"name":"late","url":"https://hooks.example/","events":["object.created"]`)

	job := d.finished(d.do("POST", "/api/replay", `{"webhook":"`+late.UUID+`","since":"2020-01-01T00:00:00Z","rate":1000}`))
	require.InDelta(t, 3, job["done"], 0, "only what it asks for")
	lease := d.attempt(late, delivery.Done)
	require.Equal(t, "c0", lease.Message.ID, "oldest first")
	require.True(t, lease.Replayed)

	job = d.finished(d.do("POST", "/api/replay", `{"webhook":"2","type":"object.deleted","limit":2,"rate":1000}`))
	require.InDelta(t, 2, job["done"], 0, "a type that is named counts more than its events")
	job = d.finished(d.do("POST", "/api/replay", `{"webhook":"2","until":"2020-01-01T00:00:00Z"}`))
	require.InDelta(t, 0, job["total"], 0)
}

func TestAReplaySaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.webhook(`"name":"asked","url":"https://hooks.example/","configuration":{"interceptRequests":true}`)
	d.webhook(`"name":"told","url":"https://hooks.example/"`)
	for body, want := range map[string]string{
		`{"webhook":"9","type":"t"}`:                 "/webhook",
		`{"type":"t"}`:                               "/webhook",
		`{"webhook":"1","type":"t"}`:                 "/webhook",
		`{"webhook":"2"}`:                            "/since",
		`{"webhook":"2","type":"t","rate":0.001}`:    "/rate",
		`{"webhook":"2","type":"t","rate":1001}`:     "/rate",
		`{"webhook":"2","type":"t","limit":0}`:       "/limit",
		`{"webhook":"2","type":"t","limit":1000001}`: "/limit",
	} {
		require.Equal(t, []any{"#" + want}, d.do("POST", "/api/replay", body).problem(400), body)
	}
	require.Len(t, d.do("POST", "/api/replay", `{"rate":0,"limit":0}`).problem(400), 4, "all at once")
	require.Equal(t, []any{"#/webhook"}, d.do("POST", "/api/dead-letters/replay", `{"webhook":"9"}`).problem(400))
	require.True(t, strings.HasPrefix(string(d.do("POST", "/api/replay", `{"webhook":"2","since":"x"}`).body), "{"))
}

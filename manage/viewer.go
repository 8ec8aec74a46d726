package manage

import "context"

// Viewer follows the news of an Activity at its own pace. It is used by one
// goroutine.
type Viewer struct {
	activity *Activity
	next     uint64 // the first that it has not seen
	match    func(*News) bool
	alike    string // viewers with the same text match the same; "" is like no other
}

// View begins to follow the news that match, behind the one with the ID after;
// 0, or one that there has not been, is from now on.
func (a *Activity) View(after uint64, match func(*News) bool) *Viewer {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := a.news.next
	if after > 0 && after < next {
		next = max(after+1, a.first) // what happened before the start is nobody's to count
	}
	return &Viewer{activity: a, next: next, match: match}
}

// Alike says that all viewers with the same text, which is not empty, match the
// same news: what they see at the same time is looked up once.
func (v *Viewer) Alike(text string) *Viewer {
	v.alike = text
	return v
}

// sight is what viewers that are alike have seen last.
type sight struct {
	from, to uint64
	limit    int
	news     []*News
	dropped  uint64
}

// Take gives what happened since it was called last, oldest first: the newest
// that match, at most limit. While a beat is being gathered that is what happened
// before it, so that all viewers see the same. dropped is how many more there
// were, as far as is known: those that did not fit, and those that are not kept
// any more, which nobody can tell whether they would have matched. The news are
// shared and must not be changed.
func (v *Viewer) Take(limit int) (news []*News, dropped uint64) {
	a := v.activity
	a.mu.Lock()
	if !a.beating {
		a.upto = a.news.next
	}
	if a.upto <= v.next {
		a.mu.Unlock()
		return nil, 0
	}
	from, to := v.next, a.upto
	v.next = to
	last := a.sights[v.alike]
	if v.alike != "" && last.from == from && last.to == to && last.limit == limit {
		a.mu.Unlock()
		return last.news, last.dropped
	}
	all, dropped := a.news.between(from, to)
	a.mu.Unlock()
	for _, n := range all {
		if v.match(n) {
			news = append(news, n)
		}
	}
	if over := len(news) - limit; over > 0 {
		news = news[over:]
		dropped += uint64(over)
	}
	if v.alike != "" {
		a.share(v.alike, sight{from, to, limit, news, dropped})
	}
	return news, dropped
}

// maxSights bounds how many kinds of viewers are remembered.
const maxSights = 64

func (a *Activity) share(alike string, s sight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.sights) >= maxSights {
		clear(a.sights)
	}
	a.sights[alike] = s
}

// Seen is the ID of the newest news that Take has looked at.
func (v *Viewer) Seen() uint64 { return v.next - 1 }

// Wait returns at the next beat after something has happened, or with the
// context's error.
func (v *Viewer) Wait(ctx context.Context) error {
	a := v.activity
	a.mu.Lock()
	a.watching++
	if a.news.next > v.next {
		a.begin()
	}
	pulse := a.pulse
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.watching--
		a.mu.Unlock()
	}()
	select {
	case <-pulse:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
